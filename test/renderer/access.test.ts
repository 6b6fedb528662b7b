/** For everyone: by keyboard, by screen reader, in light and dark, and safe from what servers call themselves. */
import { describe, expect, test } from 'vitest';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { ProbeReport, RouteBody } from '../../shared/contract/routes.ts';
import type { Snapshot } from '../../shared/contract/snapshot.ts';
import { manyServers } from '../doubles/many-servers.ts';
import { faults } from './axe.ts';
import { browserOfTests } from './browser-of-tests.ts';
import {
  account,
  activityOf,
  allSettled,
  asking,
  behind,
  company,
  everyState,
  inUse,
  keeping,
  keyed,
  local,
  memoryVault,
  muchAhead,
  namedByHand,
  needsClient,
  passphraseVault,
  pkceUnsaid,
  provider,
  removal,
  requests,
  ruled,
  saidIn,
  secretMissing,
  server,
  settled,
  signedIn,
  snapshot,
  someTools,
  twoPeople,
  waiting,
  withArguments,
  withCode,
} from './scenes.ts';
import { goTo } from './window.ts';

const browser = browserOfTests();

const url = 'https://mcp.linear.example/mcp';
const report: ProbeReport = {
  url,
  name: 'Linear',
  signIn: 'oauth',
  findings: [{ tone: 'good', text: 'it speaks MCP' }],
};

describe('axe finds nothing in any look', () => {
  test('in every state', async () => {
    await using open = await browser.open(everyState(), { reducedMotion: 'reduce' });
    await open.page.getByRole('article').first().waitFor();
    expect(await faults(open.page)).toEqual([]);
    await open.page.getByRole('button', { name: 'Remove: Linear' }).click();
    await open.page.getByRole('button', { name: 'Add server' }).click();
    expect(await faults(open.page)).toEqual([]);
  });

  test('in a search among many servers, what it finds, and nothing', async () => {
    await using open = await browser.open(manyServers(30), { reducedMotion: 'reduce' });
    const search = open.page.getByRole('searchbox', { name: 'Search servers' });
    await search.fill('Server 2');
    await open.page.getByText(/^\d+ servers$/).waitFor();
    expect(await faults(open.page)).toEqual([]);
    await search.fill('no such server');
    await open.page.getByText('No server has this').waitFor();
    expect(await faults(open.page)).toEqual([]);
  });

  test('in an empty window with notices, and with findings', async () => {
    const shown = snapshot([], {
      vault: memoryVault,
      notices: [
        {
          code: 'settings-damaged',
          message: 'the settings file was set aside',
          hint: 'look at it',
        },
      ],
    });
    await using open = await browser.open(shown, { reducedMotion: 'reduce' });
    open.drawbridge.on('probe', () => report);
    await open.page.getByRole('textbox').fill(url);
    await open.page.keyboard.press('Enter');
    await open.page.getByLabel('Name').waitFor();
    expect(await faults(open.page)).toEqual([]);
  });

  test('in the settings of a sign-in, as they are and with what is wrong with them', async () => {
    const shown = snapshot([allSettled([signedIn()]), ...company().servers]);
    await using open = await browser.open(shown, { reducedMotion: 'reduce' });
    const { page } = open;
    await page.getByRole('button', { name: 'Sign-in settings: Linear' }).click();
    await page.getByRole('textbox', { name: 'Redirect' }).waitFor();
    expect(await faults(page)).toEqual([]);
    await page.getByRole('textbox', { name: 'Redirect' }).fill('https://example.com');
    await page.getByRole('textbox', { name: 'Extra parameters' }).fill('audience');
    await page.getByRole('button', { name: 'Replace: Client secret' }).click();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Each line has to be').waitFor();
    expect(await faults(page)).toEqual([]);
    await page.getByRole('radio', { name: 'You, through your company' }).click();
    await page.getByRole('combobox', { name: 'Company sign-in' }).waitFor();
    expect(await faults(page)).toEqual([]);
  });

  test('in a sign-in service that was named by hand, and the certificate that a server is shown', async () => {
    const shown = snapshot([namedByHand([signedIn()])]);
    await using open = await browser.open(shown, { reducedMotion: 'reduce' });
    const { page, drawbridge } = open;
    drawbridge.on('secrets', () => ({ names: ['ACME_KEY', 'OTHER'] }));
    await page.getByRole('button', { name: 'Sign-in settings: Linear' }).click();
    await page.getByRole('textbox', { name: 'Issuer' }).waitFor();
    expect(await faults(page)).toEqual([]);
    await page.getByRole('textbox', { name: 'Issuer' }).fill('login');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('textbox', { name: 'Certificate: path of the file' }).fill('');
    await page.getByRole('button', { name: 'Use this certificate' }).click();
    await page.getByText('Say where it is.').waitFor();
    expect(await faults(page)).toEqual([]);
  });

  test('in programs that are run here, one being added and one without its secret', async () => {
    const shown = snapshot([local(), { ...local([secretMissing]), id: 'notes', title: 'Notes' }]);
    await using open = await browser.open(shown, { reducedMotion: 'reduce' });
    const { page } = open;
    await page.getByRole('button', { name: 'Add server' }).click();
    await page.getByRole('button', { name: 'Run a program on this computer instead' }).click();
    await page.getByRole('button', { name: 'Add a secret' }).click();
    await page.getByText('More settings').click();
    expect(await faults(page)).toEqual([]);
    await page.getByRole('textbox', { name: 'Name' }).fill('Odd');
    await page.getByRole('textbox', { name: 'Command' }).fill('./odd');
    await page.getByRole('textbox', { name: 'Environment' }).fill('odd');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('Begin with the name of a program').waitFor();
    expect(await faults(page)).toEqual([]);
    await page.getByRole('textbox', { name: 'Command' }).fill('odd --program');
    await page.getByRole('textbox', { name: 'Environment' }).fill('ODD=yes');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('May Drawbridge run this program?').waitFor();
    expect(await faults(page)).toEqual([]);
  });

  test('in which AI clients have a key, one of them to be revoked', async () => {
    const shown = snapshot([server('sentry', 'Sentry', [signedIn()])], keyed());
    await using open = await browser.open(shown, { reducedMotion: 'reduce' });
    await goTo(open.page, 'AI clients');
    await open.page.getByRole('button', { name: 'Revoke: nightly report' }).click();
    expect(await faults(open.page)).toEqual([]);
  });

  test('in calls that wait', async () => {
    const shown = snapshot([server('sentry', 'Sentry', [signedIn()])], {
      approvals: [...asking()],
    });
    await using open = await browser.open(snapshot([]), { reducedMotion: 'reduce' });
    open.drawbridge.on('approvalArguments', () => ({ text: withArguments, more: 7 }));
    open.drawbridge.show(shown);
    await open.page.getByLabel('What create_issue is called with').waitFor();
    expect(await faults(open.page)).toEqual([]);
  });

  test('in rules, one of them to be removed and one being made', async () => {
    const shown = snapshot([server('sentry', 'Sentry', [signedIn()])], { rules: [...ruled()] });
    await using open = await browser.open(shown, { reducedMotion: 'reduce' });
    const { page, drawbridge } = open;
    drawbridge.on('knownTools', () => ({ tools: someTools }));
    await goTo(page, 'AI clients');
    await page.getByRole('button', { name: /^Remove: nightly report/ }).click();
    await page.getByRole('button', { name: 'Add rule' }).click();
    await page.getByLabel('Server', { exact: true }).selectOption('sentry');
    await page.getByLabel('delete_project').waitFor();
    await page.getByText('Name tools by pattern').click();
    await page.getByLabel('Never these tools').fill('x'.repeat(200));
    await page.getByRole('form').getByRole('button', { name: 'Add rule' }).click();
    expect(await faults(page)).toEqual([]);
  });

  test('in what AI clients have asked', async () => {
    await using open = await browser.open(inUse(), { reducedMotion: 'reduce' });
    const { page, drawbridge } = open;
    drawbridge.on('activity', ({ body }) => activityOf(requests, body as RouteBody<'activity'>));
    await goTo(page, 'Activity');
    await page.getByText('update_issue').waitFor();
    expect(await faults(page)).toEqual([]);
  });

  test('in what is kept of what was said, and in being asked about it', async () => {
    const shown = { ...inUse(), ...keeping() };
    await using open = await browser.open(shown, { reducedMotion: 'reduce' });
    const { page, drawbridge } = open;
    const [first] = requests;
    drawbridge.on('activity', ({ body }) =>
      activityOf(requests, body as RouteBody<'activity'>, [first!.id]),
    );
    drawbridge.on('captured', () => saidIn(first!));
    await goTo(page, 'Activity');
    await page.getByText('What was said', { exact: true }).click();
    await page.getByRole('textbox', { name: 'Answered' }).waitFor();
    expect(await faults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Keep what is said for a while' }).click();
    await page.getByRole('combobox', { name: 'For how long' }).waitFor();
    expect(await faults(page)).toEqual([]);
  });

  test('with several accounts, one of them to be added and one removed', async () => {
    const shown = snapshot([twoPeople]);
    await using open = await browser.open(shown, { reducedMotion: 'reduce' });
    const { page } = open;
    await page.getByText('Used by default').waitFor();
    expect(await faults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Sign-in settings: Linear' }).click();
    await page.getByRole('button', { name: 'Remove account: Linear (grace@work.example)' }).click();
    await page.getByRole('button', { name: 'Add account' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('No Name');
    await page.getByRole('button', { name: 'Add and sign in' }).click();
    await page.getByText('Lowercase letters').waitFor();
    expect(await faults(page)).toEqual([]);
  });

  test('with an exception asked for, a code, a browser elsewhere and a company', async () => {
    const shown = snapshot([
      server('asana', 'Asana', [pkceUnsaid]),
      server('notion', 'Notion', [needsClient]),
      server('linear', 'Linear', [withCode]),
      server('sentry', 'Sentry', [waiting]),
      ...company().servers,
    ]);
    await using open = await browser.open(shown, { reducedMotion: 'reduce' });
    const { page, drawbridge } = open;
    drawbridge.on('signInLink', () => ({ link: 'https://login.sentry.example/' }));
    await page.getByRole('button', { name: 'Allow this for this server' }).click();
    await page.getByRole('button', { name: 'My browser is on another machine' }).click();
    await page.getByRole('button', { name: 'Copy the sign-in address' }).waitFor();
    await page.getByRole('button', { name: 'Add server' }).click();
    await page.getByRole('button', { name: 'Add a company sign-in instead' }).click();
    expect(await faults(page)).toEqual([]);
  });

  test('with what comes next, what came of renewing, and a passphrase to type', async () => {
    await using open = await browser.open(muchAhead(), { reducedMotion: 'reduce' });
    const { page, drawbridge } = open;
    drawbridge.on('renewAll', () => ({
      outcomes: [
        {
          key: { server: 'linear', account: 'default' },
          problem: { code: 'server-trouble', message: 'no answer', hint: 'wait' },
        },
      ],
    }));
    await goTo(page, 'Forecast');
    await page.getByRole('button', { name: 'Renew all now' }).click();
    await page.getByText('Linear: no answer.').waitFor();
    expect(await faults(page)).toEqual([]);
    await goTo(page, 'Settings');
    await page.getByRole('button', { name: 'Change vault key…' }).click();
    await page.getByRole('radio', { name: 'From a passphrase' }).check();
    await page.getByRole('button', { name: 'Change key' }).click();
    await page.getByText('Type a passphrase.').waitFor();
    expect(await faults(page)).toEqual([]);
    drawbridge.on('openVault', () => {
      throw new ProblemError('vault-wrong-key', 'not this one');
    });
    drawbridge.show(behind(passphraseVault));
    // The form before has a field of the same name.
    await page.getByRole('button', { name: 'Change key' }).waitFor({ state: 'detached' });
    await page.getByRole('textbox', { name: 'Passphrase' }).fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('Nothing is lost').waitFor();
    expect(await faults(page)).toEqual([]);
  });

  test('offline, and without a session', async () => {
    await using open = await browser.open(everyState(), { reducedMotion: 'reduce' });
    await open.page.getByRole('article').first().waitFor();
    open.drawbridge.setReachable(false);
    open.drawbridge.dropStreams();
    await open.page.getByRole('alert').waitFor();
    expect(await faults(open.page)).toEqual([]);
    open.drawbridge.setReachable(true);
    open.drawbridge.setSession(false);
    await open.page.reload();
    await open.page.getByText('drawbridge open').waitFor();
    expect(await faults(open.page)).toEqual([]);
  });
});

test('by keyboard alone: add, sign in, cancel, remove', async () => {
  await using open = await browser.open(snapshot([]));
  const { page, drawbridge } = open;
  const linear = (state: ReturnType<typeof account>): Snapshot =>
    snapshot([server('linear', 'Linear', [state])]);
  const added = server('linear', 'Linear', [account('needs-sign-in')]);
  drawbridge.on('probe', () => report);
  drawbridge.on('addServer', () => {
    drawbridge.show(snapshot([added]));
    return { server: added, probe: report };
  });
  drawbridge.on('signIn', () => {
    drawbridge.show(linear(waiting));
    return { step: 'discovering' };
  });
  drawbridge.on('cancelSignIn', () => {
    drawbridge.show(linear(account('needs-sign-in')));
    return {};
  });
  drawbridge.on('remove', () => {
    drawbridge.show(snapshot([]));
    return removal;
  });
  const focused = () =>
    page.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute('aria-label') ?? element?.textContent;
    });
  const press = async (key: string, then: string): Promise<void> => {
    await page.keyboard.press(key);
    await expect.poll(focused, { message: `after ${key}` }).toBe(then);
  };

  const address = page.getByRole('textbox', { name: 'Server address' });
  await address.waitFor();
  await page.getByRole('button', { name: 'Skip' }).waitFor();
  // Past the parts of the window, and what skips the first step.
  for (const stop of ['Servers', 'AI clients', 'Activity', 'Forecast', 'Settings', 'Skip'])
    await press('Tab', stop);
  await page.keyboard.press('Tab');
  expect(await address.evaluate((one) => one === document.activeElement)).toBe(true);
  await page.keyboard.type(url);
  await press('Enter', 'Add server');
  await press('Enter', 'Sign in');
  // The ring must be seen on what has the focus.
  expect(
    await page.evaluate(
      () => getComputedStyle(document.activeElement ?? document.body).outlineStyle,
    ),
  ).toBe('solid');
  await press('Enter', 'Linear');
  await press('Tab', 'Sign-in settings: Linear');
  await press('Tab', 'Remove: Linear');
  await press('Tab', 'No page opened?');
  await press('Tab', 'My browser is on another machine');
  await press('Tab', 'Cancel: Linear');
  await press('Enter', 'Sign in: Linear');
  await press('Shift+Tab', 'Remove: Linear');
  await press('Enter', 'Keep');
  await press('Shift+Tab', 'Remove');
  await press('Enter', 'No servers yet');
  expect(drawbridge.calls.map(({ route }) => route)).toEqual([
    'probe',
    'addServer',
    'signIn',
    'cancelSignIn',
    'remove',
  ]);
});

describe('what a server calls itself', () => {
  const markup =
    '<img src=x onerror="document.title=\'broken\'"><script>document.title="broken"</script>';
  const bidi = '\u202Egnp.exe\u2066 \u202B';
  const long = 'A'.repeat(1024 * 1024);
  const zalgo = `Z${'\u0335\u0489'.repeat(200)}`;

  test.each([
    ['markup', markup],
    ['bidirectional controls', bidi],
    ['a million letters', long],
    ['towers of marks', zalgo],
  ])('%s stay inert and within their line', async (_name, hostile) => {
    const problem = { code: 'server-trouble', message: hostile, hint: hostile } as const;
    const shown = snapshot([
      server(
        'hostile',
        hostile,
        [signedIn({ label: hostile, problem })],
        `https://${'a.'.repeat(100)}example/`,
      ),
      server('calm', 'Calm', [account('open')]),
    ]);
    await using open = await browser.open(shown, { viewport: { width: 360, height: 700 } });
    const { page } = open;
    await page.getByRole('article', { name: 'Calm' }).waitFor();
    expect(await page.title()).toBe('Servers · Drawbridge');
    expect(await page.locator('article img, article script').count()).toBe(0);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(360);
    const heading = await page.locator('h3').first().boundingBox();
    expect(heading?.height).toBeLessThan(40);
    expect((await page.locator('article').first().boundingBox())?.height).toBeLessThan(460);
    for (const label of await page
      .getByRole('button')
      .evaluateAll((all) => all.map((one) => one.ariaLabel ?? ''))) {
      expect(label.length).toBeLessThan(140);
    }
    expect(await page.locator('h3 bdi').first().getAttribute('dir')).toBe('auto');
    expect(open.complaints).toEqual([]);
  });

  test.each([
    ['markup', markup],
    ['bidirectional controls', bidi],
    ['a million letters', long],
  ])('%s in a code, its address and a company stay within their lines', async (_name, hostile) => {
    const device = { userCode: hostile, address: `https://login.example/${hostile}` };
    const shown = snapshot([
      server('hostile', hostile, [
        account('signing-in', {
          signIn: { step: 'waiting-for-browser', startedAt: 0, device },
        }),
      ]),
      server('other', hostile, [signedIn()], undefined, {
        ...settled({
          kind: 'enterprise',
          identityProvider: 'okta',
          clientId: hostile.slice(0, 2000),
        }),
      }),
      provider('okta', hostile, [signedIn({ label: hostile })]),
    ]);
    await using open = await browser.open(shown, { viewport: { width: 360, height: 700 } });
    const { page } = open;
    const width = () => page.evaluate(() => document.documentElement.scrollWidth);
    await page.getByText('Used by').waitFor();
    expect(await width()).toBeLessThanOrEqual(360);
    await page.locator('#server-okta').waitFor();
    await page
      .getByRole('button', { name: /^Remove/ })
      .last()
      .click();
    await page.getByText('choose another way there').waitFor();
    expect(await width()).toBeLessThanOrEqual(360);
    await page
      .getByRole('button', { name: /^Sign-in settings/ })
      .nth(1)
      .click();
    await page.getByRole('combobox').waitFor();
    expect(await width()).toBeLessThanOrEqual(360);
    expect(await page.locator('main img, main script').count()).toBe(0);
    expect(open.complaints).toEqual([]);
  });

  test('ten thousand letters of two people stay within their lines', async () => {
    const people = [signedIn({ label: long }), signedIn({ id: 'work', label: `b${long}` })];
    const shown = snapshot([server('hostile', long, people)]);
    await using open = await browser.open(shown, { viewport: { width: 360, height: 700 } });
    const { page } = open;
    await page.getByText('Used by default').waitFor();
    const width = () => page.evaluate(() => document.documentElement.scrollWidth);
    const longest = () =>
      page
        .getByRole('button')
        .evaluateAll((all) => Math.max(...all.map((one) => (one.ariaLabel ?? '').length)));
    expect([await width(), (await longest()) < 140]).toEqual([360, true]);
    await page.getByRole('button', { name: /^Sign-in settings/ }).click();
    await page.getByRole('button', { name: 'Add account' }).waitFor();
    expect([await width(), (await longest()) < 140]).toEqual([360, true]);
  });

  test('what it is found to be is cut as well', async () => {
    await using open = await browser.open(snapshot([]), { viewport: { width: 360, height: 700 } });
    open.drawbridge.on('probe', () => ({
      ...report,
      name: long,
      issuer: `https://${'b'.repeat(5000)}/`,
      findings: [
        { tone: 'good', text: markup },
        { tone: 'attention', text: long },
      ],
    }));
    await open.page.getByRole('textbox').fill(url);
    await open.page.keyboard.press('Enter');
    await open.page.getByLabel('Name').waitFor();
    expect(await open.page.getByLabel('Name').inputValue()).toHaveLength(100);
    expect(
      await open.page.evaluate(() => document.documentElement.scrollWidth),
    ).toBeLessThanOrEqual(360);
    expect(open.complaints).toEqual([]);
  });

  test('a moment no calendar holds is left out', async () => {
    const never = signedIn({ expiresAt: 1e300, renewsAt: 1e300 });
    await using open = await browser.open(snapshot([server('linear', 'Linear', [never])]));
    await open.page.getByText('Renews itself').waitFor();
    expect(await open.page.locator('time').count()).toBe(0);
    expect(open.complaints).toEqual([]);
  });
});

test('forced colours keep every button an edge, and stillness is kept when asked for', async () => {
  await using open = await browser.open(everyState(), {
    forcedColors: 'active',
    reducedMotion: 'reduce',
  });
  const button = open.page.getByRole('button', { name: 'Sign in: Sentry' });
  await button.waitFor();
  expect(await button.evaluate((element) => getComputedStyle(element).borderTopWidth)).toBe('1px');
  const spinning = await open.page.evaluate(() => document.getAnimations().length);
  expect(spinning).toBe(0);
});
