/** What a person sees of a snapshot. */
import { describe, expect, test } from 'vitest';
import { stateWords } from '../../shared/account-words.ts';
import type { SignInStep } from '../../shared/contract/snapshot.ts';
import { browserOfTests } from './browser-of-tests.ts';
import {
  account,
  everyState,
  memoryVault,
  server,
  signedIn,
  signInRefused,
  snapshot,
} from './scenes.ts';

const browser = browserOfTests();

const card = (title: string) => ({ name: title, exact: true });

test('every state is shown in the words all surfaces share', async () => {
  const all = everyState();
  await using open = await browser.open(all);
  for (const { title, accounts } of all.servers) {
    const words = stateWords[accounts[0]?.state ?? 'open'].text;
    const text = await open.page.getByRole('article', card(title)).innerText();
    expect(text.toLowerCase()).toContain(words);
  }
  expect(await open.page.getByRole('article').count()).toBe(all.servers.length);
  expect(open.complaints).toEqual([]);
});

test('each state offers its own buttons', async () => {
  await using open = await browser.open(everyState());
  const offered: Record<string, string[]> = {};
  await open.page.getByRole('article').first().waitFor();
  for (const element of await open.page.getByRole('article').all()) {
    const title = await element.getByRole('heading').innerText();
    const buttons = await element
      .locator('.account > .buttons')
      .getByRole('button')
      .allInnerTexts();
    offered[title] = buttons;
  }
  expect(offered).toEqual({
    'Open docs': [],
    Files: [],
    Linear: ['Sign out'],
    Notion: ['Cancel'],
    Asana: ['Sign out'],
    Atlassian: ['Try now', 'Sign out'],
    Sentry: ['Sign in'],
    PayPal: ['Try now', 'Sign out'],
    Stripe: ['Sign out'],
    GitHub: ['Sign in'],
  });
});

test('a server shows its host, its account and that it renews itself', async () => {
  await using open = await browser.open(snapshot([server('linear', 'Linear', [signedIn()])]));
  const linear = open.page.getByRole('article', card('Linear'));
  await linear.getByText('mcp.linear.example', { exact: true }).waitFor();
  await linear.getByText('ada@example.org').waitFor();
  await linear.getByText('Renews itself').waitFor();
});

test('a sign-in that will not renew itself says so', async () => {
  const mortal = signedIn({ renewable: false, renewsAt: undefined });
  await using open = await browser.open(snapshot([server('linear', 'Linear', [mortal])]));
  await open.page.getByText('This sign-in will not renew itself.').waitFor();
  expect(await open.page.getByText('Renews itself').count()).toBe(0);
});

test('a failed sign-in shows its message and its hint', async () => {
  await using open = await browser.open(snapshot([server('linear', 'Linear', [signInRefused])]));
  await open.page.getByText('The sign-in service said no: access was denied.').waitFor();
  await open.page.getByText('Sign in again and approve the access Drawbridge asks for.').waitFor();
});

test('an account that AI clients have called in vain says which of them', async () => {
  const wanted = { by: ['Claude', '<b>Cursor</b>'], since: Date.now() };
  const out = server('linear', 'Linear', [account('needs-sign-in', { wanted })]);
  await using open = await browser.open(snapshot([out]));
  await open.page.getByText('Claude and <b>Cursor</b> want to use it').waitFor();
  open.drawbridge.show(snapshot([server('linear', 'Linear', [signedIn()])]));
  await open.page.getByText('Renews itself').waitFor();
  expect(await open.page.getByText('want to use it').count()).toBe(0);
});

test('two accounts on one server stand apart', async () => {
  const two = server('github', 'GitHub', [
    signedIn({ id: 'work', label: 'ada@work.example' }),
    account('needs-sign-in', { id: 'home' }),
  ]);
  await using open = await browser.open(snapshot([two]));
  await open.page.getByText('ada@work.example').waitFor();
  await open.page.getByText('home', { exact: true }).waitFor();
  await open.page.getByRole('button', { name: 'Sign in: GitHub' }).waitFor();
});

test('each step of a sign-in has its sentence, without a reload', async () => {
  const at = (step: SignInStep) =>
    snapshot([
      server('linear', 'Linear', [
        account('signing-in', { signIn: { step, startedAt: Date.now() } }),
      ]),
    ]);
  const sentences: [SignInStep, string][] = [
    ['discovering', 'Looking up how to sign in…'],
    ['registering', 'Introducing Drawbridge to the sign-in service…'],
    ['opening-browser', 'Opening your browser…'],
    ['waiting-for-browser', 'Waiting for you in the browser…'],
    ['exchanging', 'Completing the sign-in…'],
    ['saving', 'Saving the sign-in…'],
  ];
  await using open = await browser.open(at('discovering'));
  for (const [step, words] of sentences) {
    open.drawbridge.show(at(step));
    await open.page.getByRole('article').getByText(words).waitFor();
    await expect
      .poll(() => open.page.getByRole('button', { name: 'No page opened?' }).count())
      .toBe(step === 'waiting-for-browser' ? 1 : 0);
  }
});

describe('what belongs to no server', () => {
  test('a memory vault says that sign-ins end with Drawbridge, and why', async () => {
    await using open = await browser.open(snapshot([], { vault: memoryVault }));
    await open.page
      .getByText('Sign-ins are kept in memory only and end when Drawbridge stops.')
      .waitFor();
    await open.page.getByText('There is no keychain on this computer.').waitFor();
  });

  test('a closed vault, a shut door and a notice are told with their hints', async () => {
    const shown = snapshot([], {
      vault: {
        kind: 'keychain',
        state: 'closed',
        problem: { code: 'vault-locked', message: 'the keychain is locked', hint: 'unlock it' },
      },
      doors: { problem: { code: 'door-unavailable', message: 'the door cannot be opened' } },
      notices: [{ code: 'settings-damaged', message: 'the settings file was set aside' }],
    });
    await using open = await browser.open(shown);
    for (const words of [
      'The keychain is locked.',
      'Unlock it.',
      'The door cannot be opened.',
      'The settings file was set aside.',
    ]) {
      await open.page.getByText(words, { exact: true }).waitFor();
    }
  });

  test('no servers: the page is the way to add one', async () => {
    await using open = await browser.open(snapshot([]));
    await open.page.getByRole('heading', { name: 'No servers yet' }).waitFor();
    await open.page.getByRole('textbox', { name: 'Server address' }).waitFor();
    expect(open.complaints).toEqual([]);
  });
});

describe('the time a sign-in has left', () => {
  const runningOut = (ms: number) =>
    snapshot([server('linear', 'Linear', [signedIn({ expiresAt: Date.now() + ms })])]);

  test('counts down by itself, down to expired', async () => {
    await using open = await browser.open(runningOut(3_900));
    const time = open.page.getByRole('article').locator('time');
    const seen: string[] = [];
    for (let last = ''; last !== 'expired'; ) {
      await expect.poll(() => time.innerText(), { interval: 50, timeout: 5_000 }).not.toBe(last);
      last = await time.innerText();
      seen.push(last);
    }
    expect(seen.slice(-3)).toEqual(['1 s left', '0 s left', 'expired']);
  });

  test('is not drawn anew while its words stay the same', async () => {
    await using open = await browser.open(runningOut(43 * 60_000 + 30_000));
    await open.page.getByText('43 min left').waitFor();
    const changes = await open.page.evaluate(async () => {
      let count = 0;
      const observer = new MutationObserver((records) => {
        count += records.length;
      });
      observer.observe(document.body, {
        subtree: true,
        childList: true,
        characterData: true,
        attributes: true,
      });
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      return count;
    });
    expect(changes).toBe(0);
  });

  test('follows a renewal at once, and shows the moment itself', async () => {
    await using open = await browser.open(runningOut(100_000));
    await open.page.getByText(/^\d+ s left$/).waitFor();
    const expiresAt = Date.now() + 60 * 60_000 + 30_000;
    open.drawbridge.show(snapshot([server('linear', 'Linear', [signedIn({ expiresAt })])]));
    const time = open.page.getByText('60 min left');
    await time.waitFor();
    expect(await time.getAttribute('datetime')).toBe(new Date(expiresAt).toISOString());
    expect(await time.getAttribute('title')).toMatch(/^Runs out .*\d/);
  });
});
