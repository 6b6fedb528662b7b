/** The settings: what each comes to is shown, each is changed in its place, and nothing that was typed is lost. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { PolicyView } from '../../shared/contract/policy.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { RouteReply } from '../../shared/contract/routes.ts';
import type { ShellChange, ShellView } from '../../shared/contract/shell.ts';
import { eventually } from '../doubles/eventually.ts';
import { browserOfTests } from './browser-of-tests.ts';
import { networkSet, passphraseVault, server, signedIn, snapshot, verifiedDoor } from './scenes.ts';
import { goTo, inApp, type OpenWindow } from './window.ts';

const browser = browserOfTests();

const servers = [server('sentry', 'Sentry', [signedIn()])];
const well = snapshot(servers);
const row = (page: Page, name: string): Locator => page.getByRole('group', { name, exact: true });
const focused = (page: Page) => page.evaluate(() => document.activeElement?.ariaLabel);
const change = async (page: Page, name: string): Promise<void> =>
  page.getByRole('button', { name: `Change: ${name}` }).press('Enter');
const said = ({ drawbridge }: OpenWindow, name: string) =>
  drawbridge.calls.filter(({ route }) => route === name).map(({ body }) => body);

type Preferences = RouteReply<'preferences'>;
const plain: Preferences = {
  preferences: { hasProxyPassword: false },
  required: [],
  network: { proxy: { from: 'none', hosts: [] }, certificates: { system: 3, file: 0 } },
};
const withProxy = (proxy: string, hasProxyPassword = false): Preferences => ({
  ...plain,
  preferences: { proxy, hasProxyPassword },
  network: { ...plain.network, proxy: { from: 'settings', hosts: [proxy] } },
});

describe('while it is asked how things are set', () => {
  /** Where what comes last of what a person may press stands, each time it can be seen to stand elsewhere. */
  const watchPlaces = (page: Page): Promise<void> =>
    page.evaluate(() => {
      const places: number[] = [];
      Object.assign(window, { places });
      const look = (): void => {
        const screen = document.querySelector('.settings');
        const button = [...document.querySelectorAll('.settings button')].find((one) =>
          one.textContent?.startsWith('Wipe everything'),
        );
        const top = button?.getBoundingClientRect().top;
        const isSeen = screen !== null && getComputedStyle(screen).opacity === '1';
        if (top !== undefined && isSeen && top !== places.at(-1)) places.push(top);
        requestAnimationFrame(look);
      };
      look();
    });
  const places = (page: Page): Promise<readonly number[]> =>
    page.evaluate(() => (window as unknown as { places: number[] }).places);

  test.each(['no-preference', 'reduce'] as const)(
    'nothing moves away from under a finger (motion: %s)',
    async (reducedMotion) => {
      await using open = await browser.open(well);
      const { page, drawbridge } = open;
      await page.emulateMedia({ reducedMotion });
      // However slow the machine: the moment has no end here.
      await page.evaluate(() => {
        const longer = new CSSStyleSheet();
        longer.replaceSync(
          'main.settings.settings.settings { animation-delay: 3600s !important; }',
        );
        document.adoptedStyleSheets = [longer];
      });
      drawbridge.on('preferences', async () => {
        await sleep(60);
        return plain;
      });
      drawbridge.on('door', async () => {
        await sleep(120);
        return verifiedDoor();
      });
      await watchPlaces(page);
      await goTo(page, 'Settings');
      await row(page, 'Proxy').waitFor();
      await row(page, 'Port').waitFor();
      await expect.poll(() => places(page)).toHaveLength(1);
    },
  );

  test('what does not come is not waited for: the rest is there', async () => {
    await using open = await browser.open(well);
    const { page, drawbridge } = open;
    const held = Promise.withResolvers<Preferences>();
    drawbridge.on('preferences', () => held.promise);
    await watchPlaces(page);
    await goTo(page, 'Settings');
    await expect.poll(() => places(page)).toHaveLength(1);
    await page.getByRole('button', { name: 'Wipe everything…' }).click();
    await page.getByRole('button', { name: 'Wipe everything', exact: true }).waitFor();
    held.resolve(plain);
  });
});

describe('the network', () => {
  test.each<[string, Preferences['network']['proxy'], string]>([
    ['none', { from: 'none', hosts: [] }, 'None: connections go straight out'],
    [
      'of the environment',
      { from: 'environment', hosts: ['a:1'] },
      'a:1, from the environment of Drawbridge',
    ],
    [
      'of the system',
      { from: 'system', hosts: ['a:1', 'b:2'] },
      'a:1, then b:2, as this computer is set',
    ],
  ])('says which proxy is in use: %s', async (_what, proxy, words) => {
    await using open = await browser.open(well);
    open.drawbridge.on('preferences', () => ({ ...plain, network: { ...plain.network, proxy } }));
    await goTo(open.page, 'Settings');
    await row(open.page, 'Proxy').getByText(words, { exact: true }).waitFor();
    expect(open.complaints).toEqual([]);
  });

  test('a proxy is set with its user and password, in one piece, and shown without them', async () => {
    await using open = await browser.open(well);
    const { page, drawbridge } = open;
    await goTo(page, 'Settings');
    await change(page, 'Proxy');
    await page.keyboard.type('http://proxy.example:8080');
    await page.getByRole('textbox', { name: 'User' }).fill('ada@acme');
    await page.getByLabel('Password').fill('canary: a/b@c');
    drawbridge.on('changePreferences', () => withProxy('proxy.example:8080', true));
    await page.getByLabel('Password').press('Enter');

    await row(page, 'Proxy').getByText('With a user and a password, kept in the vault.').waitFor();
    expect(said(open, 'changePreferences')).toEqual([
      { set: { proxy: 'http://ada%40acme:canary%3A%20a%2Fb%40c@proxy.example:8080' } },
    ]);
    await expect.poll(() => focused(page), eventually).toBe('Change: Proxy');
    expect(await row(page, 'Proxy').getByRole('status').innerText()).toBe('Saved');
    expect(await page.content()).not.toContain('canary');
    expect(open.complaints).toEqual([]);
  });

  test('what is refused is said beside it, and nothing that was typed is lost', async () => {
    await using open = await browser.open(well);
    const { page, drawbridge } = open;
    await goTo(page, 'Settings');
    drawbridge.on('changePreferences', () => {
      throw new ProblemError('proxy-failed', 'what is set as the proxy is no address of one');
    });
    await change(page, 'Proxy');
    await page.getByRole('textbox', { name: 'Address' }).fill('proxy example');
    await page.getByRole('textbox', { name: 'User' }).fill('ada');
    await page.getByLabel('Password').fill('secret words');
    await page.getByRole('button', { name: 'Save' }).click();
    await row(page, 'Proxy').getByRole('alert').getByText('no address of one').waitFor();
    expect([
      await page.getByRole('textbox', { name: 'Address' }).inputValue(),
      await page.getByRole('textbox', { name: 'User' }).inputValue(),
      await page.getByLabel('Password').inputValue(),
    ]).toEqual(['proxy example', 'ada', 'secret words']);
  });

  test('a kept password goes with its address alone, and is replaced or removed', async () => {
    await using open = await browser.open(well);
    const { page, drawbridge } = open;
    drawbridge.on('preferences', () => withProxy('http://old.example:1', true));
    drawbridge.on('changePreferences', () => withProxy('http://old.example:1'));
    await goTo(page, 'Settings');
    await change(page, 'Proxy');
    await page.getByText('User and password are kept in the vault').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await expect.poll(() => focused(page), eventually).toBe('Change: Proxy');
    expect(said(open, 'changePreferences')).toEqual([]);

    await change(page, 'Proxy');
    await page.getByRole('textbox', { name: 'Address' }).fill('http://new.example:2');
    await page.getByRole('textbox', { name: 'User' }).waitFor();
    await page.getByRole('textbox', { name: 'Address' }).fill('http://old.example:1');
    await page.getByRole('button', { name: 'Replace or remove' }).press('Enter');
    await expect
      .poll(() =>
        page
          .getByRole('textbox', { name: 'User' })
          .evaluate((one) => one === document.activeElement),
      )
      .toBe(true);
    await page.keyboard.press('Enter');
    await expect
      .poll(() => said(open, 'changePreferences'), eventually)
      .toEqual([{ set: { proxy: 'http://old.example:1' } }]);
  });

  test('what is emptied is taken back, and what cannot be is said beside its field', async () => {
    await using open = await browser.open(well);
    const { page, drawbridge } = open;
    drawbridge.on('preferences', () => ({
      ...plain,
      preferences: { noProxy: '.acme.example', hasProxyPassword: false },
    }));
    drawbridge.on('changePreferences', () => plain);
    await goTo(page, 'Settings');
    await row(page, 'Not through the proxy').getByText('.acme.example').waitFor();
    await change(page, 'Not through the proxy');
    await page.getByRole('textbox', { name: 'Not through the proxy' }).fill('');
    await page.keyboard.press('Enter');
    await row(page, 'Not through the proxy').getByText('Nothing but this computer').waitFor();
    expect(said(open, 'changePreferences')).toEqual([{ unset: ['noProxy'] }]);

    await change(page, 'Client document');
    const field = page.getByRole('textbox', { name: 'Client document' });
    await field.fill('http://example.com');
    await page.keyboard.press('Enter');
    await page.getByText('It has to be an https address with a path.').waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    await page.keyboard.press('Escape');
    await expect.poll(() => focused(page), eventually).toBe('Change: Client document');
    expect(said(open, 'changePreferences')).toHaveLength(1);
  });

  test('what an administrator has settled is shown as such, and is nobody else’s to change', async () => {
    const policy: PolicyView = {
      file: '/etc/drawbridge/policy.json',
      required: ['noProxy', 'proxy'],
      disabled: ['http-door'],
    };
    await using open = await browser.open(
      snapshot(servers, {
        policy,
        doors: { problem: { code: 'policy-forbids', message: 'the door is shut' } },
      }),
    );
    const { page, drawbridge } = open;
    drawbridge.on('preferences', () => ({ ...networkSet(), required: ['noProxy', 'proxy'] }));
    await goTo(page, 'Settings');
    await row(page, 'Not through the proxy').getByText('Settled by your administrator.').waitFor();
    expect(await row(page, 'Not through the proxy').getByRole('button').count()).toBe(0);
    await row(page, 'Certificates').getByText('cannot be read').waitFor();
    await row(page, 'Address').getByText('Switched off by your administrator.').waitFor();
    // Its address is settled, a password for it is the person's.
    await change(page, 'Proxy');
    const address = page.getByRole('textbox', { name: 'Address' });
    expect(await address.getAttribute('readonly')).not.toBeNull();
    await page.getByRole('button', { name: 'Replace or remove' }).waitFor();
    expect(open.complaints).toEqual([]);
  });

  test('what cannot be had is said, and asked for again; and it is looked at anew on coming back', async () => {
    await using open = await browser.open(well);
    const { page, drawbridge } = open;
    drawbridge.on('preferences', () => {
      throw new ProblemError('internal', 'the settings could not be read');
    });
    await goTo(page, 'Settings');
    await page.getByText('The settings could not be read.').waitFor();
    drawbridge.on('preferences', () => withProxy('a.example:1'));
    await page.getByRole('button', { name: 'Try again' }).click();
    await row(page, 'Proxy').getByText('a.example:1', { exact: true }).waitFor();
    drawbridge.on('preferences', () => withProxy('b.example:2'));
    await page.evaluate(() => dispatchEvent(new Event('focus')));
    await row(page, 'Proxy').getByText('b.example:2', { exact: true }).waitFor();

    drawbridge.setReachable(false);
    drawbridge.dropStreams();
    await page.getByRole('alert').getByText('Drawbridge is not answering').first().waitFor();
    await row(page, 'Proxy').getByText('b.example:2', { exact: true }).waitFor();
    await change(page, 'Proxy');
    await page.getByRole('textbox', { name: 'Address' }).fill('c.example:3');
    await page.getByRole('button', { name: 'Save' }).click();
    await row(page, 'Proxy').getByRole('alert').waitFor();
    expect(await page.getByRole('textbox', { name: 'Address' }).inputValue()).toBe('c.example:3');
  });
});

describe('the HTTP door', () => {
  test('is moved to another port with the next start', async () => {
    await using open = await browser.open(well);
    const { page, drawbridge } = open;
    await goTo(page, 'Settings');
    await row(page, 'Port').getByText('7420', { exact: true }).waitFor();
    await change(page, 'Port');
    const field = page.getByRole('textbox', { name: 'Port' });
    await field.fill('99999');
    await page.keyboard.press('Enter');
    await page.getByText('A number from 1 to 65535.').waitFor();
    drawbridge.on('changeDoorPort', () => {
      throw new ProblemError('door-unavailable', 'port 80 cannot be had');
    });
    await field.fill('80');
    await page.keyboard.press('Enter');
    await row(page, 'Port').getByRole('alert').getByText('Port 80 cannot be had.').waitFor();
    drawbridge.on('changeDoorPort', () => ({
      ...verifiedDoor(),
      ...{ settings: { callers: [], proxies: [] }, port: 7421, restart: true },
    }));
    await field.fill('7421');
    await page.keyboard.press('Enter');
    await row(page, 'Port').getByText('7421 from the next start on').waitFor();
    await expect.poll(() => focused(page), eventually).toBe('Change: Port');
    expect(said(open, 'changeDoorPort')).toEqual([{ port: 80 }, { port: 7421 }]);
    expect(open.complaints).toEqual([]);
  });

  test('tells how it verifies its callers, and with which command that is changed', async () => {
    const doors = {
      http: 'http://127.0.0.1:7420',
      verified: { base: 'https://mcp.acme.example' },
    };
    await using open = await browser.open(snapshot(servers, { doors }));
    const { page, drawbridge } = open;
    drawbridge.on('door', verifiedDoor);
    await goTo(page, 'Settings');
    await page.getByText('How callers are verified').press('Enter');
    const facts = await row(page, 'Opened by').locator('dl').innerText();
    expect(facts.split(/\n+/)).toEqual([
      ...['Verified by', 'The signature of https://login.acme.example/realms/main'],
      ...['For', 'https://mcp.acme.example', 'That allow', 'mcp:use'],
      ...['Public address', 'https://mcp.acme.example', 'Listens at', '10.0.0.7, port 8400'],
      ...['Behind', '10.0.0.1', 'Open to', 'Group engineering: every server'],
      'Nightly report (subject 4711): sentry, linear/work',
    ]);
    await page.getByText('drawbridge door --help').waitFor();
    expect(await page.getByRole('button', { name: 'Change: Port' }).count()).toBe(0);
    expect(open.complaints).toEqual([]);
  });
});

test.each([
  ['in the keychain', well.vault, 'In the keychain of this computer', 'The vault is open.'],
  ['from a passphrase, closed', passphraseVault, 'From a passphrase', 'The vault is closed.'],
  [
    'in memory',
    { kind: 'memory', state: 'open' } as const,
    'None: sign-ins are kept in memory only',
    'They end when Drawbridge stops.',
  ],
])('the vault says where its key is: %s', async (_what, vault, key, state) => {
  await using open = await browser.open(snapshot(servers, { vault }));
  await goTo(open.page, 'Settings');
  await row(open.page, 'Its key').getByText(key).waitFor();
  await row(open.page, 'Its key').getByText(state).waitFor();
});

test('where everything is kept can be read and copied', async () => {
  await using open = await browser.open(well, {
    own: { permissions: ['clipboard-read', 'clipboard-write'] },
  });
  const { page } = open;
  await goTo(page, 'Settings');
  await row(page, 'Version').getByText('Drawbridge 0.1.0').waitFor();
  await page.getByRole('button', { name: 'Copy: folder of the log' }).click();
  await page.getByText('Copied').first().waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
    '/home/ada/.local/share/drawbridge/log',
  );
  // What only the app can do is not offered in a browser.
  expect(await page.getByRole('region', { name: 'General' }).count()).toBe(0);
});

test('in the app, each switch says at once what it came to, or why it did not', async () => {
  await using open = await browser.open(well);
  const { page } = open;
  let view: ShellView = { startHidden: false, notices: { on: true, quietAbout: [] } };
  const wishes: ShellChange[] = [];
  await inApp(page, view, (wish) => {
    wishes.push(wish);
    if (wish.startHidden !== undefined)
      return { code: 'internal', message: 'this could not be saved' };
    const { topic, on = true } = wish.notices ?? {};
    view = { ...view, notices: { on, quietAbout: topic === undefined ? [] : [topic] } };
    return view;
  });
  await goTo(page, 'Settings');
  const general = page.getByRole('region', { name: 'General' });
  await general.getByRole('switch', { name: 'Notifications' }).waitFor();
  expect(await general.getByRole('switch', { name: 'Start when I log in' }).count()).toBe(0);
  await general.getByRole('switch', { name: 'Keep the window closed' }).press(' ');
  await general.getByRole('alert').getByText('This could not be saved.').waitFor();
  expect(await general.getByRole('switch', { name: 'Keep the window' }).isChecked()).toBe(false);
  await general.getByRole('switch', { name: 'Notifications' }).press(' ');
  await expect.poll(() => general.getByRole('switch').count(), eventually).toBe(2);
  expect(await general.getByRole('alert').count()).toBe(0);
  expect(wishes).toEqual([{ startHidden: true }, { notices: { on: false } }]);
});
