/** Can a person with a browser press Allow, and Deny, on the consent page? */
import * as oauth from 'oauth4webapi';
import { expect, test } from 'vitest';
import { startAuthorizationServer } from './authorization-server.ts';
import { chromiumAvailable, openChromium } from './chromium.ts';
import { startLoopbackServer } from './loopback-server.ts';
import { discoverByHand, registerByHand } from './oauth-by-hand.ts';

test.skipIf(!chromiumAvailable())(
  'the consent page works with mouse and keyboard',
  async () => {
    await using as = await startAuthorizationServer();
    await using callback = await startLoopbackServer(() => (_req, res) => {
      res.end('You may close this tab.');
    });
    await using chromium = await openChromium();
    const server = await discoverByHand(as.issuer);
    const client = await registerByHand(server, `${callback.origin}/callback`);
    const address = new URL(server.authorization_endpoint ?? '');
    address.search = new URLSearchParams({
      client_id: client.client_id,
      redirect_uri: `${callback.origin}/callback`,
      response_type: 'code',
      code_challenge: await oauth.calculatePKCECodeChallenge(oauth.generateRandomCodeVerifier()),
      code_challenge_method: 'S256',
      state: 'self-test',
      resource: 'http://127.0.0.1:9/mcp',
    }).toString();

    const elsewhere: string[] = [];
    const page = await chromium.browser.newPage();
    page.on('request', (request) => {
      const { origin } = new URL(request.url());
      if (![callback.origin, new URL(as.issuer).origin].includes(origin)) elsewhere.push(origin);
    });
    const press = async (name: string): Promise<URL> => {
      await page.goto(address.href);
      await page.getByRole('button', { name }).click();
      await page.waitForURL(`${callback.origin}/**`);
      return new URL(page.url());
    };

    expect((await press('Deny')).searchParams.get('error')).toBe('access_denied');
    const arrived = await press('Allow');
    expect(arrived.searchParams.get('iss')).toBe(as.issuer);
    expect(as.issued()).toContain(arrived.searchParams.get('code'));
    // The second time the browser is already signed in, and a native client is asked again all the same.
    expect((await press('Allow')).searchParams.get('code')).not.toBe(
      arrived.searchParams.get('code'),
    );
    expect(await page.textContent('body')).toContain('You may close this tab.');
    expect(elsewhere).toEqual([]);
  },
  20_000,
);
