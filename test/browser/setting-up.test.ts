/** What a person settles in the window so that a sign-in works, in a real browser with the real daemon. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Chromium, chromiumAvailable, openChromium } from '../servers/chromium.ts';
import { unreachableOrigin } from '../servers/odd-servers.ts';
import { addInWindow, openStage } from './stage.ts';

let chromium: Chromium;
beforeAll(async () => {
  if (chromiumAvailable()) chromium = await openChromium();
});
afterAll(() => chromium?.close());

/** Presses a button that opens the page to sign in at, and Allow there. */
const allowAfter = async (page: Page, button: string | RegExp): Promise<void> => {
  const opening = page.context().waitForEvent('page');
  await page.getByRole('button', { name: button }).first().click();
  await (await opening).getByRole('button', { name: 'Allow' }).click();
};

/** Where a sign-in ends that must not arrive, as on a machine where nothing listens. Chromium lets no redirect be routed, so it is followed by hand. */
const endOf = (consent: Page): Promise<string> =>
  new Promise((resolve) => {
    void consent.route('**/*', async (route) => {
      let response = await route.fetch({ maxRedirects: 0 });
      for (;;) {
        const { location } = response.headers();
        if (location === undefined) return route.fulfill({ response });
        const next = new URL(location, response.url());
        if (next.pathname.startsWith('/callback')) {
          resolve(next.href);
          return route.abort();
        }
        response = await consent.request.get(next.href, { maxRedirects: 0 });
      }
    });
  });

it.skipIf(!chromiumAvailable())(
  'a client id and its secret, with the redirect that the operator was told',
  { timeout: 60_000 },
  async () => {
    const redirect = `http://127.0.0.1:${new URL(await unreachableOrigin()).port}/callback`;
    const secret = 'fake-secret-of-the-operator';
    const client = {
      client_id: 'given-to-ada',
      client_secret: secret,
      redirect_uris: [redirect],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'client_secret_basic',
      application_type: 'native',
    } as const;
    const options = { clients: [{ ...client, grant_types: [...client.grant_types] }] };
    await using stage = await openStage(chromium.browser, 'light', options);
    const { page, server, signInService, drawbridge, complaints } = stage;
    signInService.misbehave.metadata('no-registration');

    await addInWindow(page, server.url);
    await page.getByRole('textbox', { name: 'Redirect' }).fill(redirect);
    await page.getByRole('textbox', { name: 'Client id' }).fill(client.client_id);
    await page.getByLabel('Client secret').fill(secret);
    await allowAfter(page, 'Save and sign in');

    await page.getByText('Signed in', { exact: true }).waitFor();
    expect(signInService.count({ endpoint: 'registration' })).toBe(0);
    const shown = JSON.stringify(await drawbridge.snapshot()) + drawbridge.printed();
    expect(shown + (await page.content())).not.toContain(secret);
    await page.getByRole('button', { name: /^Sign-in settings/ }).click();
    await page.getByText('Kept in the vault', { exact: true }).waitFor();
    expect(complaints).toEqual([]);
  },
);

it.skipIf(!chromiumAvailable())(
  'an exception, allowed beside the problem and taken back in the settings',
  { timeout: 60_000 },
  async () => {
    await using stage = await openStage(chromium.browser);
    const { page, server, signInService, drawbridge } = stage;
    await addInWindow(page, server.url);
    signInService.misbehave.metadata('no-pkce');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();

    await page.getByRole('button', { name: /^Allow this for this server/ }).click();
    await allowAfter(page, 'Allow and sign in');

    await page.getByText('Signed in', { exact: true }).waitFor();
    await page.getByText('Allowed: it does not say').waitFor();
    await page.getByRole('button', { name: /^Sign-in settings/ }).click();
    await page.getByRole('button', { name: /^Remove: does not say/ }).click();
    const onRecord = page.getByRole('main').getByText('does not say');
    const exceptions = async () => (await drawbridge.snapshot()).servers[0]?.signIn?.exceptions;
    await onRecord.waitFor({ state: 'detached' });
    expect(await exceptions()).toBeUndefined();

    await page.getByRole('button', { name: /^Undo: .*does not say/ }).click();
    await onRecord.waitFor();
    expect(await exceptions()).toEqual(['pkce-unadvertised']);
  },
);

it.skipIf(!chromiumAvailable())(
  'a browser on another machine: the address it ends at is pasted',
  { timeout: 60_000 },
  async () => {
    await using stage = await openStage(chromium.browser);
    const { page, server } = stage;
    await addInWindow(page, server.url);
    const opening = page.context().waitForEvent('page');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    const consent = await opening;
    await consent.getByRole('button', { name: 'Allow' }).waitFor();
    const ended = endOf(consent);
    await consent.getByRole('button', { name: 'Allow' }).click();
    const address = await ended;

    await page.getByRole('button', { name: 'My browser is on another machine' }).click();
    const box = page.getByRole('textbox', { name: 'Address the browser ended at' });
    await box.fill(address.replace('state=', 'state=x'));
    await page.keyboard.press('Enter');
    await page.getByText('This address is not the answer to this sign-in.').waitFor();
    await box.fill(address);
    await page.keyboard.press('Enter');
    await page.getByText('Signed in', { exact: true }).waitFor();
  },
);
