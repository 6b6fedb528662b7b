/** What only few servers need for a sign-in: a service that is named by hand, and rules that are broken knowingly. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { SignInSettings } from '../../shared/contract/sign-in-settings.ts';
import { browserOfTests } from './browser-of-tests.ts';
import { namedByHand, provider, server, settled, signedIn, snapshot } from './scenes.ts';
import type { OpenWindow } from './window.ts';

const browser = browserOfTests();

const withSettings = (signIn: SignInSettings) =>
  server('linear', 'Linear', [signedIn()], undefined, settled(signIn));
const plain = withSettings({ clientId: 'c1' });
const byHand = namedByHand([signedIn()]);

const answer = ({ drawbridge }: OpenWindow, then = plain): void => {
  drawbridge.on('secrets', () => ({ names: ['ACME', 'OTHER'] }));
  drawbridge.on('configureSignIn', () => ({ server: then }));
};
const box = (page: Page, name: string) => page.getByRole('textbox', { name });
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const openSettings = (page: Page) => press(page, 'Sign-in settings: Linear');
const more = (page: Page) => page.getByText('More about the sign-in service', { exact: true });
const saved = ({ drawbridge }: OpenWindow) =>
  drawbridge.calls.filter(({ route }) => route === 'configureSignIn').map(({ body }) => body);
const backInList = (page: Page) => page.getByRole('heading', { name: 'Servers' }).waitFor();

describe('more about the sign-in service', () => {
  test('is closed where nothing of it is in use, and asks for nothing then', async () => {
    await using open = await browser.open(snapshot([plain]));
    const { page, drawbridge } = open;
    await openSettings(page);
    await more(page).waitFor();
    expect(await box(page, 'Issuer').count()).toBe(0);
    expect(drawbridge.calls).toEqual([]);
  });

  test('is filled in, and saved field by field', async () => {
    await using open = await browser.open(snapshot([plain]));
    const { page } = open;
    answer(open);
    await openSettings(page);
    await more(page).click();
    await box(page, 'Issuer').fill(' https://login.acme.example ');
    await box(page, 'Page to sign in at').fill('https://login.acme.example/authorize');
    await box(page, 'Token endpoint').fill('https://login.acme.example/token');
    await box(page, 'What tokens are for').fill('urn:acme:mcp');
    const secret = page.getByRole('combobox', { name: 'Secret kept elsewhere' });
    await secret.getByRole('option', { name: 'ACME' }).waitFor({ state: 'attached' });
    expect(await secret.getByRole('option', { name: 'Type it in now' }).count()).toBe(0);
    await secret.selectOption('ACME');
    await box(page, 'Seconds for a sign-in').fill('1800');
    await page.getByRole('checkbox', { name: 'Open no browser' }).check();
    await press(page, 'Save');
    await backInList(page);
    const set = {
      issuer: 'https://login.acme.example',
      authorizeUrl: 'https://login.acme.example/authorize',
      tokenUrl: 'https://login.acme.example/token',
      resource: 'urn:acme:mcp',
      clientSecretFrom: '${vault:ACME}',
      noBrowser: true,
      timeoutS: 1800,
    };
    expect(saved(open)).toEqual([{ set, unset: [] }]);
    expect(open.complaints).toEqual([]);
  });

  test('is shown where it is in use; nothing is sent when nothing was changed, and emptying takes away', async () => {
    await using open = await browser.open(snapshot([byHand]));
    const { page } = open;
    answer(open, byHand);
    await openSettings(page);
    expect(await box(page, 'Issuer').inputValue()).toBe('https://login.acme.example');
    expect(await box(page, 'Secret kept elsewhere: path').inputValue()).toBe('/run/secrets/acme');
    expect(await box(page, 'Seconds').inputValue()).toBe('1800');
    await press(page, 'Save');
    await backInList(page);
    await openSettings(page);
    for (const name of ['Issuer', 'Page to sign in at', 'Token endpoint', 'Seconds'])
      await box(page, name).fill('');
    await page.getByRole('combobox', { name: 'Secret kept elsewhere' }).selectOption('None');
    await page.getByRole('checkbox', { name: 'Open no browser' }).uncheck();
    await press(page, 'Save');
    await backInList(page);
    const unset = [
      ...['issuer', 'authorizeUrl', 'tokenUrl', 'clientSecretFrom', 'noBrowser', 'timeoutS'],
    ];
    expect(saved(open)).toEqual([
      { set: {}, unset: [] },
      { set: {}, unset },
    ]);
  });

  test.each([
    ['Issuer', 'http://login.acme.example', 'It has to be an https address'],
    ['What tokens are for', 'https://x.example/#part', 'without a #'],
    ['Page to sign in at', '', 'Both addresses go together'],
    ['Token endpoint', '', 'Both addresses go together'],
    ['Secret kept elsewhere: path', '', 'Say where it is, or choose None'],
    ['Seconds for a sign-in', '5', 'A whole number from 30 to 3600'],
    ['Seconds for a sign-in', 'ten', 'A whole number from 30 to 3600'],
    ['Client id', '', 'needs a client id'],
  ])('%s “%s” is wrong, and said beside the field', async (name, text, words) => {
    await using open = await browser.open(snapshot([byHand]));
    const { page } = open;
    answer(open);
    await openSettings(page);
    await box(page, name).fill(text);
    await press(page, 'Save');
    await page.getByText(words).waitFor();
    expect(await box(page, name).getAttribute('aria-invalid')).toBe('true');
    await expect
      .poll(() => box(page, name).evaluate((one) => one === document.activeElement))
      .toBe(true);
    expect(saved(open)).toEqual([]);
  });

  test('a secret is typed in or kept elsewhere, not both', async () => {
    await using open = await browser.open(snapshot([byHand]));
    const { page } = open;
    answer(open);
    await openSettings(page);
    await page.getByLabel('Client secret').fill('fake-secret');
    await press(page, 'Save');
    await page.getByText('A client secret is typed in above.').waitFor();
    await page.getByRole('combobox', { name: 'Secret kept elsewhere' }).selectOption('None');
    await press(page, 'Save');
    await backInList(page);
    expect(saved(open)).toEqual([
      { set: { clientSecret: 'fake-secret' }, unset: ['clientSecretFrom'] },
    ]);
  });

  test('in its own name Drawbridge needs no page to sign in at, and nobody is waited for', async () => {
    await using open = await browser.open(
      snapshot([withSettings({ clientId: 'c1', kind: 'client-credentials' })]),
    );
    const { page } = open;
    answer(open);
    await openSettings(page);
    await more(page).click();
    expect(await box(page, 'Page to sign in at').count()).toBe(0);
    expect(await box(page, 'Seconds').count()).toBe(0);
    expect(await page.getByRole('checkbox').count()).toBe(0);
    await box(page, 'Token endpoint').fill('https://login.acme.example/token');
    await press(page, 'Save');
    await backInList(page);
    expect(saved(open)).toEqual([
      { set: { tokenUrl: 'https://login.acme.example/token' }, unset: [] },
    ]);
  });

  test('a company sign-in is its own service', async () => {
    const okta = { ...provider('okta', 'Okta', [signedIn()]), ...settled({ clientId: 'c1' }) };
    await using open = await browser.open(snapshot([okta]));
    const { page } = open;
    answer(open);
    await press(page, 'Sign-in settings: Okta');
    await more(page).click();
    await page.getByRole('combobox', { name: 'Secret kept elsewhere' }).waitFor();
    expect(await box(page, 'Issuer').count()).toBe(0);
    expect(await page.getByRole('checkbox', { name: /ID token/ }).count()).toBe(0);
    expect(await page.getByText('A certificate that the server wants to see').count()).toBe(0);
  });
});

describe('a rule that is broken knowingly', () => {
  const off = 'It refuses sign-ins that are protected with PKCE.';

  test('is chosen with what it costs beside it, and goes on record beside the others', async () => {
    const before = withSettings({ exceptions: ['issuer-slash', 'pkce-unadvertised'] });
    await using open = await browser.open(snapshot([before]));
    const { page } = open;
    answer(open);
    await openSettings(page);
    await more(page).click();
    const all = await page
      .getByRole('checkbox')
      .evaluateAll((boxes) =>
        boxes.map(
          (one) => document.getElementById(one.getAttribute('aria-labelledby') ?? '')?.innerText,
        ),
      );
    // Without the one that is on record.
    expect(all.filter((one) => one !== undefined)).toEqual([
      off,
      'It wants to be shown the ID token of the sign-in instead of its access token.',
    ]);
    const choice = page.getByRole('checkbox', { name: off });
    await page.getByText('A program that steals the code from the browser').first().waitFor();
    await choice.check();
    await press(page, 'Save');
    await backInList(page);
    const exceptions = ['issuer-slash', 'pkce-unadvertised', 'pkce-off'];
    expect(saved(open)).toEqual([{ set: { exceptions }, unset: [] }]);
  });

  test('does not bring back one that was taken back meanwhile', async () => {
    const then = withSettings({});
    await using open = await browser.open(
      snapshot([withSettings({ exceptions: ['issuer-slash'] })]),
    );
    const { page, drawbridge } = open;
    answer(open);
    await openSettings(page);
    await more(page).click();
    await page.getByRole('checkbox', { name: off }).check();
    drawbridge.show(snapshot([then]));
    await page.getByText('Allowed for this server').waitFor({ state: 'detached' });
    await press(page, 'Save');
    await backInList(page);
    expect(saved(open)).toEqual([{ set: { exceptions: ['pkce-off'] }, unset: [] }]);
  });
});
