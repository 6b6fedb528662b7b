/** A company's identity provider: added, shown apart from the servers, chosen by them, and removed. */
import { expect, test } from 'vitest';
import { ProblemError } from '../../shared/contract/problems.ts';
import { browserOfTests } from './browser-of-tests.ts';
import { account, company, provider, server, settled, snapshot, waiting } from './scenes.ts';

const browser = browserOfTests();

const wiki = server('wiki', 'Wiki', [account('needs-sign-in')]);

test('stands apart, and tells which servers use it', async () => {
  await using open = await browser.open(company());
  const section = open.page.getByRole('region', { name: 'Company sign-in' });
  await section.getByRole('article', { name: 'Okta' }).waitFor();
  expect(await section.getByRole('article').count()).toBe(1);
  await section.getByText('Used by Wiki and Tickets').waitFor();
  await section.getByText('ada@company.example').waitFor();
});

test('that a file stands for says so and asks no sign-in', async () => {
  const file = provider('okta', 'Okta', [account('open')]);
  const shown = { ...file, ...settled({ idTokenFile: '/run/token.jwt' }) };
  await using open = await browser.open(snapshot([wiki, shown]));
  const { page } = open;
  const section = page.getByRole('region', { name: 'Company sign-in' });
  await section.getByText('Signed in by a file on this computer').waitFor();
  await section.getByText('No server uses it yet.').waitFor();
  await page.getByRole('button', { name: 'Sign-in settings: Okta' }).click();
  await page.getByText('More settings').click();
  await page.getByText('Signed in by the ID token in /run/token.jwt').waitFor();
  expect(await page.getByRole('radio').count()).toBe(0);
  expect(await page.getByRole('button', { name: 'Save and sign in' }).count()).toBe(0);
});

test('is not removed while servers sign in with it, and says which', async () => {
  await using open = await browser.open(company());
  const { page, drawbridge } = open;
  await page.getByRole('button', { name: 'Remove: Okta' }).click();
  await page.getByText('Wiki and Tickets sign in with it').waitFor();
  expect(await page.getByRole('button', { name: 'Remove', exact: true }).count()).toBe(0);

  drawbridge.show(snapshot([wiki, provider('okta', 'Okta', [account('signed-in')])]));
  await page.getByText('No server uses it.').waitFor();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect
    .poll(() => drawbridge.calls)
    .toEqual([{ route: 'remove', params: {}, body: { what: 'server', server: 'okta' } }]);
});

test('is added out of the way of servers, and signed in to', async () => {
  await using open = await browser.open(snapshot([wiki]));
  const { page, drawbridge } = open;
  const added = provider('okta', 'Okta', [account('needs-sign-in')]);
  drawbridge.on('addIdentityProvider', () => {
    drawbridge.show(snapshot([wiki, added]));
    return { server: added };
  });
  drawbridge.on('signIn', () => {
    drawbridge.show(snapshot([wiki, { ...added, accounts: [waiting] }]));
    return { step: 'discovering' };
  });
  await page.getByRole('button', { name: 'Add server' }).click();
  await page.getByRole('button', { name: 'Add a company sign-in instead' }).click();
  const issuer = page.getByRole('textbox', { name: 'Issuer address' });
  await expect
    .poll(() => issuer.evaluate((element) => element === document.activeElement))
    .toBe(true);
  await issuer.fill(' https://okta.example ');
  await page.getByRole('textbox', { name: 'Client id' }).fill('c1');
  await page.getByLabel('Client secret').fill('fake-secret');
  await page.getByRole('button', { name: 'Add company sign-in' }).click();
  await page.getByText('Okta has been added').waitFor();
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Okta');
  const redirect = 'http://127.0.0.1:33418/callback';
  expect(drawbridge.calls).toEqual([
    {
      route: 'addIdentityProvider',
      params: {},
      body: {
        issuer: 'https://okta.example',
        signIn: { clientId: 'c1', redirect, clientSecret: 'fake-secret' },
      },
    },
    { route: 'signIn', params: { server: 'okta', account: 'default' }, body: {} },
  ]);
  expect(open.complaints).toEqual([]);
});

test('one with a habit that may be allowed is added with the exception', async () => {
  await using open = await browser.open(snapshot([wiki]));
  const { page, drawbridge } = open;
  const added = provider('okta', 'Okta', [account('needs-sign-in')]);
  drawbridge.on('addIdentityProvider', ({ body }) => {
    const { signIn } = body as { signIn: { exceptions?: string[] } };
    if (signIn.exceptions?.includes('issuer-slash') === true) return { server: added };
    throw new ProblemError('issuer-mismatch', 'it calls itself something else', {
      exception: 'issuer-slash',
    });
  });
  await page.getByRole('button', { name: 'Add server' }).click();
  await page.getByRole('button', { name: 'Add a company sign-in instead' }).click();
  await page.getByRole('textbox', { name: 'Issuer address' }).fill('https://okta.example');
  await page.getByRole('textbox', { name: 'Client id' }).fill('c1');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /^Allow this for this server/ }).click();
  await page.getByText('It spells its own name once with').waitFor();
  await page.getByRole('button', { name: 'Allow', exact: true }).click();
  await page.getByText('Okta has been added').waitFor();
});

test('is chosen in the settings of a server, and has to be', async () => {
  const okta = provider('okta', 'Okta', [account('signed-in')]);
  await using open = await browser.open(snapshot([wiki, okta]));
  const { page, drawbridge } = open;
  drawbridge.on('configureSignIn', () => ({ server: wiki }));
  drawbridge.on('signIn', () => ({ step: 'discovering' }));
  await page.getByRole('button', { name: 'Sign-in settings: Wiki' }).click();
  await page.getByText('More settings').click();
  await page.getByRole('radio', { name: 'You, through your company' }).click();
  await page.getByRole('button', { name: 'Save and sign in' }).click();
  await page.getByText('Choose the company sign-in that this server takes.').waitFor();
  expect(drawbridge.calls).toEqual([]);
  await page.getByRole('combobox', { name: 'Company sign-in' }).selectOption('Okta');
  await page.getByRole('button', { name: 'Save and sign in' }).click();
  await page.getByRole('article', { name: 'Wiki' }).waitFor();
  expect(drawbridge.calls.map(({ body }) => body)).toEqual([
    { set: { kind: 'enterprise', identityProvider: 'okta' }, unset: [] },
    {},
  ]);
});

test('as the first thing of all: the way to a server is open again afterwards', async () => {
  const okta = provider('okta', 'Okta', [account('needs-sign-in')]);
  await using open = await browser.open(snapshot([]));
  const { page, drawbridge } = open;
  drawbridge.on('addIdentityProvider', () => {
    drawbridge.show(snapshot([okta]));
    return { server: okta };
  });
  await page.getByRole('button', { name: 'Add a company sign-in instead' }).click();
  await page.getByRole('textbox', { name: 'Issuer address' }).fill('https://okta.example');
  await page.getByRole('textbox', { name: 'Client id' }).fill('c1');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Not now' }).click();
  await page.getByRole('textbox', { name: 'Server address' }).waitFor();
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Okta');
  await page.getByRole('heading', { name: 'No servers yet' }).waitFor();
});
