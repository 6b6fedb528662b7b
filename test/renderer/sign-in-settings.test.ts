/** What is settled for signing in to a server: shown, changed, and signed in with. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { RemovalWish } from '../../shared/contract/removals.ts';
import type { ProbeReport } from '../../shared/contract/routes.ts';
import { browserOfTests } from './browser-of-tests.ts';
import {
  account,
  allSettled,
  needsClient,
  pkceUnsaid,
  server,
  settled,
  signedIn,
  snapshot,
  waiting,
} from './scenes.ts';
import type { OpenWindow } from './window.ts';

const browser = browserOfTests();

const params = { server: 'linear' };
const key = { server: 'linear', account: 'default' };
const proposed = 'http://127.0.0.1:33418/callback';
const withoutClient = snapshot([server('linear', 'Linear', [needsClient])]);
const everything = snapshot([allSettled([signedIn()])]);

const answerSettling = ({ drawbridge }: OpenWindow): void => {
  const then = allSettled([waiting]);
  drawbridge.on('configureSignIn', () => ({ server: then }));
  drawbridge.on('signIn', () => {
    drawbridge.show(snapshot([then]));
    return { step: 'discovering' };
  });
};
const box = (page: Page, name: string) => page.getByRole('textbox', { name });
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const openSettings = (page: Page) => press(page, 'Sign-in settings: Linear');
const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent);

describe('a client id from the operator', () => {
  test('is asked for beside the problem, saved with the proposed redirect, and signed in with', async () => {
    await using open = await browser.open(withoutClient);
    const { page, drawbridge } = open;
    answerSettling(open);
    await press(page, 'Enter a client id: Linear');
    await expect.poll(() => focused(page)).toBe('Sign-in settings');
    expect(await box(page, 'Redirect').inputValue()).toBe(proposed);
    await box(page, 'Client id').fill(' c1 ');
    const secret = page.getByLabel('Client secret');
    expect(await secret.getAttribute('type')).toBe('password');
    await secret.fill('fake-secret');
    await press(page, 'Save and sign in');
    await page.getByRole('article').getByText('Waiting for you in the browser…').waitFor();
    await expect.poll(() => focused(page)).toBe('Linear');
    const set = { clientId: 'c1', redirect: proposed, clientSecret: 'fake-secret' };
    expect(drawbridge.calls).toEqual([
      { route: 'configureSignIn', params, body: { set, unset: [] } },
      { route: 'signIn', params: key, body: {} },
    ]);
    expect(await page.content()).not.toContain('fake-secret');
    expect(open.complaints).toEqual([]);
  });

  test('takes another redirect and a private key', async () => {
    await using open = await browser.open(withoutClient);
    const { page, drawbridge } = open;
    answerSettling(open);
    await openSettings(page);
    await box(page, 'Redirect').fill('http://localhost/back');
    await box(page, 'Client id').fill('c1');
    await page.getByText('Use a private key').click();
    await box(page, 'Private key').fill('{"kty":"fake"}');
    await press(page, 'Save');
    await page.getByRole('heading', { name: 'Servers' }).waitFor();
    const set = { clientId: 'c1', redirect: 'http://localhost/back', clientKey: '{"kty":"fake"}' };
    expect(drawbridge.calls.map(({ body }) => body)).toEqual([{ set, unset: [] }]);
  });

  test('the redirect is copied as it stands', async () => {
    await using open = await browser.open(withoutClient, {
      own: { permissions: ['clipboard-read', 'clipboard-write'] },
    });
    const { page } = open;
    await openSettings(page);
    await box(page, 'Redirect').fill('http://127.0.0.1:4000/callback');
    await press(page, 'Copy: redirect');
    await page.getByRole('button', { name: 'Copied: redirect' }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
      'http://127.0.0.1:4000/callback',
    );
  });

  test('is asked for right after adding a server that registers nobody', async () => {
    const added = server('linear', 'Linear', [account('needs-sign-in')]);
    const { url } = added;
    const report: ProbeReport = { url, signIn: 'oauth', registration: 'none', findings: [] };
    await using open = await browser.open(snapshot([]));
    const { page, drawbridge } = open;
    answerSettling(open);
    drawbridge.on('probe', () => report);
    drawbridge.on('addServer', () => {
      drawbridge.show(snapshot([added]));
      return { server: added, probe: report };
    });
    await box(page, 'Server address').fill(url);
    await press(page, 'Check');
    await press(page, 'Add server');
    await page.getByText('It needs a client id before you can sign in.').waitFor();
    await expect
      .poll(() => box(page, 'Redirect').evaluate((one) => one === document.activeElement))
      .toBe(true);
    await box(page, 'Client id').fill('c1');
    await page.keyboard.press('Enter');
    await page.getByRole('article').getByText('Waiting for you in the browser…').waitFor();
    expect(drawbridge.calls.slice(2)).toEqual([
      {
        route: 'configureSignIn',
        params,
        body: { set: { clientId: 'c1', redirect: proposed }, unset: [] },
      },
      { route: 'signIn', params: key, body: {} },
    ]);
  });

  test('a refusal stays on the page, with what was typed', async () => {
    await using open = await browser.open(withoutClient);
    const { page, drawbridge } = open;
    drawbridge.on('configureSignIn', () => {
      throw new ProblemError('vault-locked', 'the keychain is locked', { hint: 'unlock it' });
    });
    await openSettings(page);
    await box(page, 'Client id').fill('c1');
    await press(page, 'Save and sign in');
    await page.getByRole('alert').getByText('The keychain is locked.').waitFor();
    expect(await box(page, 'Client id').inputValue()).toBe('c1');
    expect(drawbridge.calls.map(({ route }) => route)).toEqual(['configureSignIn']);
  });
});

describe('what is settled', () => {
  test('is shown, and nothing of it is sent when nothing was changed', async () => {
    await using open = await browser.open(everything);
    const { page, drawbridge } = open;
    answerSettling(open);
    await openSettings(page);
    expect(await box(page, 'Client id').inputValue()).toBe('drawbridge-at-work');
    expect(await box(page, 'Redirect').inputValue()).toBe('http://localhost:8400/callback');
    expect(await box(page, 'Scopes').inputValue()).toBe('issues:read issues:write');
    expect(await box(page, 'Extra parameters').inputValue()).toBe(
      'audience=https://api.linear.example',
    );
    expect(await page.getByText('Kept in the vault', { exact: true }).count()).toBe(2);
    await press(page, 'Save');
    await page.getByRole('heading', { name: 'Servers' }).waitFor();
    expect(drawbridge.calls.map(({ body }) => body)).toEqual([{ set: {}, unset: [] }]);
  });

  test('is changed field by field, and taken away by emptying', async () => {
    await using open = await browser.open(everything);
    const { page, drawbridge } = open;
    answerSettling(open);
    await openSettings(page);
    await box(page, 'Redirect').fill('');
    await box(page, 'Scopes').fill(' a   b ');
    await box(page, 'Extra parameters').fill('prompt=select_account\n\nq=a=b');
    await press(page, 'Replace: Client secret');
    await page.getByLabel('Client secret').first().fill('fake-new');
    await press(page, 'Remove: Private key');
    await page.getByText('Removed when you save').waitFor();
    await press(page, 'Save');
    await page.getByRole('heading', { name: 'Servers' }).waitFor();
    expect(drawbridge.calls.map(({ body }) => body)).toEqual([
      {
        set: {
          scopes: ['a', 'b'],
          parameters: { prompt: 'select_account', q: 'a=b' },
          clientSecret: 'fake-new',
        },
        unset: ['redirect', 'clientKey'],
      },
    ]);
  });

  test('a secret goes with the client id it belongs to, and is kept after a change of mind', async () => {
    await using open = await browser.open(everything);
    const { page, drawbridge } = open;
    answerSettling(open);
    await openSettings(page);
    await press(page, 'Remove: Client secret');
    await expect.poll(() => focused(page)).toBe('Keep');
    await page.keyboard.press('Enter');
    await expect.poll(() => focused(page)).toBe('Replace');
    await press(page, 'Replace: Private key');
    await press(page, 'Keep the old one: Private key');
    await press(page, 'Save');
    await page.getByRole('heading', { name: 'Servers' }).waitFor();
    await openSettings(page);
    await box(page, 'Client id').fill('');
    await press(page, 'Save');
    await page.getByRole('heading', { name: 'Servers' }).waitFor();
    expect(drawbridge.calls.map(({ body }) => body)).toEqual([
      { set: {}, unset: [] },
      { set: {}, unset: ['clientId', 'clientSecret', 'clientKey'] },
    ]);
  });

  test.each([
    ['Redirect', 'https://example.com/callback', 'It has to be an http address on this computer'],
    ['Extra parameters', 'audience', 'Each line has to be name=value'],
    ['Extra parameters', 'state=mine', 'Each line has to be name=value'],
    ['Scopes', 'a'.repeat(501), 'These are too many'],
  ])('%s: what cannot be saved is said at the field', async (name, text, words) => {
    await using open = await browser.open(everything);
    const { page, drawbridge } = open;
    await openSettings(page);
    await box(page, name).fill(text);
    await press(page, 'Save');
    await page.getByText(words).waitFor();
    expect(await box(page, name).getAttribute('aria-invalid')).toBe('true');
    await expect
      .poll(() => box(page, name).evaluate((one) => one === document.activeElement))
      .toBe(true);
    expect(drawbridge.calls).toEqual([]);
    await box(page, name).fill('');
    await page.getByText(words).waitFor({ state: 'detached' });
  });

  test('where Drawbridge has no browser, the page opens a tab, and closes it when nothing is saved', async () => {
    await using open = await browser.open({ ...everything, noBrowser: true });
    const { page, drawbridge } = open;
    drawbridge.on('configureSignIn', () => {
      throw new ProblemError('cannot-save', 'the disk is full');
    });
    await openSettings(page);
    await press(page, 'Save and sign in');
    await page.getByRole('alert').getByText('The disk is full.').waitFor();
    await expect.poll(() => page.context().pages().length).toBe(1);

    answerSettling(open);
    // The double itself stands in for the page to sign in at.
    const link = `${drawbridge.url}index.html?sign-in`;
    drawbridge.on('signInLink', () => ({ link }));
    const opening = page.context().waitForEvent('page');
    await press(page, 'Save and sign in');
    await expect.poll(async () => (await opening).url()).toBe(link);
    expect(drawbridge.calls.map(({ route }) => route)).toEqual([
      'configureSignIn',
      'configureSignIn',
      'signIn',
      'signInLink',
    ]);
  });

  test('in its own name: no redirect, and no tab is opened for it', async () => {
    await using open = await browser.open({ ...everything, noBrowser: true });
    const { page, drawbridge } = open;
    answerSettling(open);
    await openSettings(page);
    await page.getByRole('radio', { name: 'Drawbridge itself' }).click();
    expect(await box(page, 'Redirect').count()).toBe(0);
    await press(page, 'Save and sign in');
    await page.getByRole('article').waitFor();
    expect(drawbridge.calls.map(({ body }) => body)).toEqual([
      { set: { kind: 'client-credentials' }, unset: [] },
      {},
    ]);
    expect(page.context().pages()).toHaveLength(1);
  });

  test('a server that is removed meanwhile brings the list back', async () => {
    await using open = await browser.open(everything);
    const { page, drawbridge } = open;
    await openSettings(page);
    await box(page, 'Client id').waitFor();
    drawbridge.show(snapshot([]));
    await page.getByRole('heading', { name: 'No servers yet' }).waitFor();
  });

  test('an open server has nothing to settle', async () => {
    await using open = await browser.open(snapshot([server('docs', 'Docs', [account('open')])]));
    await open.page.getByRole('button', { name: 'Remove: Docs' }).waitFor();
    expect(await open.page.getByRole('button', { name: /^Sign-in settings/ }).count()).toBe(0);
  });
});

describe('an exception', () => {
  const unsaid = snapshot([server('linear', 'Linear', [pkceUnsaid])]);
  const offer = 'Allow this for this server…: Linear';

  test('is allowed after its cost was read, and the sign-in begins again', async () => {
    const before = server(
      'linear',
      'Linear',
      [pkceUnsaid],
      undefined,
      settled({ exceptions: ['issuer-slash'] }),
    );
    await using open = await browser.open(snapshot([before]));
    const { page, drawbridge } = open;
    answerSettling(open);
    await press(page, offer);
    await page.getByText('It does not say that it protects sign-ins with PKCE.').waitFor();
    await page.getByText('a program that steals the code from the browser').waitFor();
    await expect.poll(() => focused(page)).toBe('Do not allow');
    await press(page, 'Allow and sign in');
    await page.getByRole('article').getByText('Waiting for you in the browser…').waitFor();
    expect(drawbridge.calls).toEqual([
      {
        route: 'configureSignIn',
        params,
        body: { set: { exceptions: ['issuer-slash', 'pkce-unadvertised'] } },
      },
      { route: 'signIn', params: key, body: {} },
    ]);
  });

  test('is not allowed by looking at it', async () => {
    await using open = await browser.open(unsaid);
    const { page, drawbridge } = open;
    await press(page, offer);
    await page.keyboard.press('Escape');
    await expect.poll(() => focused(page)).toBe('Allow this for this server…');
    expect(drawbridge.calls).toEqual([]);
  });

  test('that cannot be kept starts no sign-in', async () => {
    await using open = await browser.open(unsaid);
    const { page, drawbridge } = open;
    drawbridge.on('configureSignIn', () => {
      throw new ProblemError('cannot-save', 'the disk is full');
    });
    await press(page, offer);
    await press(page, 'Allow and sign in');
    await page.getByRole('alert').getByText('The disk is full.').waitFor();
    expect(drawbridge.calls.map(({ route }) => route)).toEqual(['configureSignIn']);
  });

  test('on record is noted on the card, told with its risk, and taken back', async () => {
    await using open = await browser.open(everything);
    const { page, drawbridge } = open;
    let exceptions = [...(everything.servers[0]?.signIn?.exceptions ?? [])];
    const show = (): void => {
      const settings = settled(exceptions.length === 0 ? {} : { exceptions });
      drawbridge.show(snapshot([server('linear', 'Linear', [signedIn()], undefined, settings)]));
    };
    drawbridge.on('remove', ({ body }) => {
      const wish = body as Extract<RemovalWish, { what: 'exception' }>;
      exceptions = exceptions.filter((one) => one !== wish.exception);
      show();
      return { id: '0123456789abcdef' };
    });
    await page.getByText(/^Allowed: it does not say .* and refuses to be told/).waitFor();
    await openSettings(page);
    await page.getByText('The token may be good for other servers').waitFor();
    await page.getByRole('button', { name: /^Remove: does not say/ }).click();
    await page.getByText('does not say').waitFor({ state: 'detached' });
    await expect.poll(() => focused(page)).toBe('Allowed for this server');
    await page.getByRole('button', { name: /^Remove: refuses/ }).click();
    await expect.poll(() => focused(page)).toBe('Sign-in settings');
    const wish = { what: 'exception', server: 'linear' };
    expect(drawbridge.calls.map(({ body }) => body)).toEqual([
      { ...wish, exception: 'pkce-unadvertised' },
      { ...wish, exception: 'resource-omitted' },
    ]);
  });
});
