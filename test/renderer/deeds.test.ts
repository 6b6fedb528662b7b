/** What a person does, what is asked of the broker, and that the screen follows the next snapshot. */

import { describe, expect, test } from 'vitest';
import { strings } from '../../renderer/strings.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { ProbeReport } from '../../shared/contract/routes.ts';
import { browserOfTests } from './browser-of-tests.ts';
import { account, removal, server, signedIn, snapshot, waiting } from './scenes.ts';
import { goTo } from './window.ts';

const browser = browserOfTests();

const params = { server: 'linear', account: 'default' };
const linear = (state: ReturnType<typeof account>) =>
  snapshot([server('linear', 'Linear', [state])]);
const signedOut = linear(account('needs-sign-in'));

describe('signing in', () => {
  test('asks once, follows the steps and ends signed in, with the focus where it was', async () => {
    await using open = await browser.open(signedOut);
    const { page, drawbridge } = open;
    drawbridge.on('signIn', () => {
      drawbridge.show(linear(waiting));
      return { step: 'discovering' };
    });
    await page.getByRole('button', { name: 'Sign in: Linear' }).click();
    await page.getByRole('button', { name: 'Cancel: Linear' }).waitFor();
    drawbridge.show(linear(signedIn()));
    await page.getByText('ada@example.org').waitFor();
    expect(drawbridge.calls).toEqual([{ route: 'signIn', params, body: {} }]);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Sign out');
    expect(await page.getByRole('status').innerText()).toBe('Linear: signed in');
    expect(open.complaints).toEqual([]);
  });

  test('a double-click does not cancel what it has started', async () => {
    await using open = await browser.open(signedOut);
    const { page, drawbridge } = open;
    drawbridge.on('signIn', () => {
      drawbridge.show(linear(waiting));
      return { step: 'discovering' };
    });
    await page.getByRole('button', { name: 'Sign in: Linear' }).dblclick({ delay: 80 });
    await page.getByRole('button', { name: 'Cancel: Linear' }).waitFor();
    await page.waitForTimeout(200);
    expect(drawbridge.calls.map(({ route }) => route)).toEqual(['signIn']);
  });

  test('anew is offered while a sign-in still holds that ends soon, also from the forecast', async () => {
    const soon = { endsSoon: true as const, expiresAt: Date.now() + 2 * 24 * 60 * 60_000 };
    await using open = await browser.open(
      linear(signedIn({ ...soon, renewable: false, renewsAt: undefined })),
    );
    const { page, drawbridge } = open;
    drawbridge.on('signIn', () => ({ step: 'discovering' }));
    await page.getByRole('button', { name: 'Sign in again: Linear' }).waitFor();
    await goTo(page, 'Forecast');
    await page.getByRole('main').getByRole('link', { name: 'Linear' }).click();
    await page.getByRole('heading', { level: 2, name: 'Linear' }).waitFor();
    await page.getByRole('button', { name: 'Sign in again: Linear' }).click();
    await expect.poll(() => drawbridge.calls).toContainEqual({ route: 'signIn', params, body: {} });

    drawbridge.show(linear(signedIn({ ...soon, endsAt: soon.expiresAt })));
    await page.getByText('This sign-in ends soon.').first().waitFor();
  });

  test('can be cancelled', async () => {
    await using open = await browser.open(linear(waiting));
    open.drawbridge.on('cancelSignIn', () => {
      open.drawbridge.show(signedOut);
      return {};
    });
    await open.page.getByRole('button', { name: 'Cancel: Linear' }).click();
    await open.page.getByRole('button', { name: 'Sign in: Linear' }).waitFor();
    expect(open.drawbridge.calls).toEqual([{ route: 'cancelSignIn', params, body: undefined }]);
  });

  test('a refusal is told in place, and forgotten once the state has moved on', async () => {
    await using open = await browser.open(signedOut);
    open.drawbridge.on('signIn', () => {
      throw new ProblemError('server-unreachable', 'the server cannot be reached', {
        hint: 'check the network',
      });
    });
    await open.page.getByRole('button', { name: 'Sign in: Linear' }).click();
    const alert = open.page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.innerText()).toContain('The server cannot be reached.');
    open.drawbridge.show(linear(signedIn()));
    await alert.waitFor({ state: 'detached' });
  });

  test('without a browser, the link is fetched when asked for and opens apart', async () => {
    const link = 'https://login.linear.example/authorize?state=1';
    await using open = await browser.open(linear(waiting));
    open.drawbridge.on('signInLink', () => ({ link }));
    await open.page.getByRole('button', { name: 'No page opened?' }).click();
    const anchor = open.page.getByRole('link', { name: 'Open the sign-in page' });
    await anchor.waitFor();
    expect(await anchor.getAttribute('href')).toBe(link);
    expect(await anchor.getAttribute('target')).toBe('_blank');
    expect(await anchor.getAttribute('rel')).toContain('noopener');
    await expect
      .poll(() => anchor.evaluate((element) => element === document.activeElement))
      .toBe(true);
    expect(open.drawbridge.calls).toEqual([{ route: 'signInLink', params, body: undefined }]);
  });

  test('a link that is a script is not made into one', async () => {
    await using open = await browser.open(linear(waiting));
    open.drawbridge.on('signInLink', () => ({ link: 'javascript:alert(1)' }));
    await open.page.getByRole('button', { name: 'No page opened?' }).click();
    await open.page.getByText('not safe to open').waitFor();
    expect(await open.page.getByRole('link', { name: strings.link.open }).count()).toBe(0);
  });
});

test('a failing renewal can be tried at once', async () => {
  await using open = await browser.open(linear(account('retrying')));
  open.drawbridge.on('renew', () => {
    open.drawbridge.show(linear(signedIn()));
    return {};
  });
  await open.page.getByRole('button', { name: 'Try now: Linear' }).click();
  await open.page.getByText('ada@example.org').waitFor();
  expect(open.drawbridge.calls).toEqual([{ route: 'renew', params, body: undefined }]);
});

describe('removing a server', () => {
  const removeButton = { name: 'Remove: Linear' };

  test('asks once more, with the focus on the harmless answer', async () => {
    await using open = await browser.open(signedOut);
    await open.page.getByRole('button', removeButton).click();
    await expect
      .poll(() => open.page.evaluate(() => document.activeElement?.textContent))
      .toBe('Keep');
    await open.page.keyboard.press('Escape');
    const button = open.page.getByRole('button', removeButton);
    await expect
      .poll(() => button.evaluate((element) => element === document.activeElement))
      .toBe(true);
    expect(open.drawbridge.calls).toEqual([]);
  });

  test.each(['before', 'after'] as const)(
    'the snapshot comes %s the answer: the focus goes to the heading',
    async (when) => {
      await using open = await browser.open(signedOut);
      const { page, drawbridge } = open;
      drawbridge.on('remove', async () => {
        if (when === 'after') setTimeout(() => drawbridge.show(snapshot([])), 100);
        else {
          drawbridge.show(snapshot([]));
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        return removal;
      });
      await page.getByRole('button', removeButton).click();
      await page.getByRole('button', { name: 'Remove', exact: true }).click();
      await page.getByRole('heading', { name: 'No servers yet' }).waitFor();
      await expect
        .poll(() => page.evaluate(() => document.activeElement?.textContent))
        .toBe('No servers yet');
      expect(drawbridge.calls).toEqual([
        { route: 'remove', params: {}, body: { what: 'server', server: 'linear' } },
      ]);
      expect(open.complaints).toEqual([]);
    },
  );
});

describe('adding a server', () => {
  const url = 'https://mcp.linear.example/mcp';
  const report: ProbeReport = {
    url,
    name: 'Linear',
    signIn: 'oauth',
    issuer: 'https://login.linear.example/',
    findings: [
      { tone: 'good', text: 'you sign in at login.linear.example' },
      { tone: 'attention', text: 'it needs a client id' },
    ],
  };
  const added = server('linear', 'Linear', [account('needs-sign-in')]);

  test('check, see what was found, add, sign in', async () => {
    await using open = await browser.open(snapshot([]));
    const { page, drawbridge } = open;
    drawbridge.on('probe', () => report);
    drawbridge.on('addServer', () => {
      drawbridge.show(snapshot([added]));
      return { server: added, probe: report };
    });
    drawbridge.on('signIn', () => {
      drawbridge.show(linear(waiting));
      return { step: 'discovering' };
    });
    await page.getByRole('textbox', { name: 'Server address' }).fill(`  ${url} `);
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await page.getByText('You sign in at login.linear.example.').waitFor();
    await page.locator('[data-tone=attention]', { hasText: 'It needs a client id.' }).waitFor();
    await page.getByRole('button', { name: 'Add server' }).click();
    await page.getByText('Linear has been added').waitFor();
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByText('Waiting for you in the browser…').first().waitFor();
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.textContent))
      .toBe('Linear');
    expect(drawbridge.calls).toEqual([
      { route: 'probe', params: {}, body: { url } },
      { route: 'addServer', params: {}, body: { url, title: 'Linear' } },
      { route: 'signIn', params, body: {} },
    ]);
    expect(open.complaints).toEqual([]);
  });

  test('that does not answer now can be asked again', async () => {
    await using open = await browser.open(snapshot([]));
    const { page, drawbridge } = open;
    const free: ProbeReport = { url, signIn: 'not-needed', findings: [] };
    let answers = false;
    drawbridge.on('probe', () => {
      if (answers) return free;
      throw new ProblemError('server-unreachable', 'the server cannot be reached');
    });
    drawbridge.on('addServer', () => ({ server: added, probe: free }));
    await page.getByRole('textbox', { name: 'Server address' }).fill(url);
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await page.getByText('The server cannot be reached').waitFor();

    answers = true;
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await page.getByRole('button', { name: 'Add server' }).click();

    await page.getByText('It needs no sign-in').waitFor();
    expect(drawbridge.calls.map(({ route }) => route)).toEqual(['probe', 'probe', 'addServer']);
  });

  test.each(['not-a-url', 'insecure-url', 'unsupported-url', 'not-mcp', 'server-exists'] as const)(
    'a refusal (%s) stands under the address, with its hint, and nothing offers to go past it',
    async (code) => {
      await using open = await browser.open(snapshot([]));
      const { page, drawbridge } = open;
      const refuse = (): never => {
        throw new ProblemError(code, 'the address answers, but not as an MCP server', {
          hint: 'look for one that ends in /mcp',
        });
      };
      drawbridge.on('probe', refuse);
      const input = page.getByRole('textbox', { name: 'Server address' });
      await input.fill('https://example.com');
      await page.getByRole('button', { name: 'Check', exact: true }).click();
      await page.getByRole('alert').waitFor();
      expect(await page.getByRole('alert').innerText()).toContain(
        'Look for one that ends in /mcp.',
      );
      expect(await input.getAttribute('aria-invalid')).toBe('true');
      await expect
        .poll(() => input.evaluate((element) => element === document.activeElement))
        .toBe(true);
      await input.fill(url);
      await page.getByRole('alert').waitFor({ state: 'detached' });
    },
  );

  test('what was found goes when the address changes', async () => {
    await using open = await browser.open(snapshot([]));
    open.drawbridge.on('probe', () => report);
    const input = open.page.getByRole('textbox', { name: 'Server address' });
    await input.fill(url);
    await input.press('Enter');
    await open.page.getByLabel('Name').waitFor();
    await input.fill(`${url}/other`);
    await open.page.getByLabel('Name').waitFor({ state: 'detached' });
  });

  test.each([
    ['its own name', { name: 'Linear' }, 'Linear'],
    ['its host', {}, 'mcp.linear.example'],
  ])('the name left empty shows the one it will get: %s', async (_what, named, expected) => {
    await using open = await browser.open(snapshot([]));
    open.drawbridge.on('probe', () => ({
      ...{ url: 'https://mcp.linear.example:8443/mcp', signIn: 'not-needed', findings: [] },
      ...named,
    }));
    await open.page.getByRole('textbox', { name: 'Server address' }).fill(url);
    await open.page.getByRole('button', { name: 'Check', exact: true }).click();
    await open.page.getByLabel('Name').fill('');
    expect(await open.page.getByLabel('Name').getAttribute('placeholder')).toBe(expected);
  });

  test('closing the panel gives the focus back', async () => {
    await using open = await browser.open(signedOut);
    const { page } = open;
    await page.getByRole('button', { name: 'Add server' }).click();
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('INPUT');
    await page.keyboard.press('Escape');
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.textContent))
      .toBe('Add server');
  });
});
