/** Does the demo's sign-in service hold to the standards, and give nothing to whoever does not? */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { browse, ownForm } from '../bridge/sign-in/visit.ts';
import {
  type OtherClient,
  postJson,
  pressTheButton,
  REDIRECT,
  registerAt,
  type ServedAlone,
  serveAlone,
  sha256,
} from './stage.ts';

let demo: ServedAlone;
let client: OtherClient;

beforeEach(async () => {
  demo = await serveAlone();
  client = await registerAt(demo);
});
afterEach(() => demo[Symbol.asyncDispose]());

const json = async (path: string): Promise<Record<string, unknown>> =>
  (await (await fetch(demo.origin + path)).json()) as Record<string, unknown>;

describe('what it publishes', () => {
  it('leads from a refused request to the sign-in service', async () => {
    const refused = await postJson(demo.url, { jsonrpc: '2.0', id: 1, method: 'tools/list' });
    const challenge = refused.headers.get('www-authenticate') ?? '';
    const place = /resource_metadata="([^"]+)"/.exec(challenge)?.[1] ?? '';
    expect([refused.status, place]).toEqual([
      401,
      `${demo.origin}/.well-known/oauth-protected-resource/mcp`,
    ]);
    const resource = await json(new URL(place).pathname);
    expect(resource).toMatchObject({ resource: demo.url, authorization_servers: [demo.origin] });
    expect(await json('/.well-known/oauth-authorization-server')).toMatchObject({
      issuer: demo.origin,
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
    });
  });
});

describe('registration', () => {
  it.each([
    'https://attacker.example/callback',
    'http://192.168.1.5/callback',
    'http://127.0.0.1.attacker.example/callback',
    'http://localhost.attacker.example/',
    'javascript:alert(1)',
    'http://127.0.0.1:9/callback#x',
  ])('refuses %s: no code leaves this machine', async (redirect) => {
    const answer = await postJson(`${demo.origin}/register`, {
      redirect_uris: [REDIRECT, redirect],
    });
    expect([answer.status, await answer.json()]).toEqual([400, { error: 'invalid_redirect_uri' }]);
  });

  it('of something else than a client is refused', async () => {
    const answer = await postJson(`${demo.origin}/register`, ['no client']);
    expect([answer.status, await answer.json()]).toEqual([
      400,
      { error: 'invalid_client_metadata' },
    ]);
  });
});

describe('the page', () => {
  it('says whose it is, and brings a code, the state and the issuer to the client', async () => {
    const { page, location } = await pressTheButton(client.link());
    expect(page.text).toContain("This is the demo's sign-in page.");
    expect(page.text).toContain('Nothing leaves this computer.');
    expect(page.text.match(/<button/g)).toHaveLength(1);
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    const back = new URL(location);
    expect(back.origin + back.pathname).toBe(REDIRECT);
    expect(back.searchParams.get('state')).toBe('a-state');
    expect(back.searchParams.get('iss')).toBe(demo.origin);
    expect((await client.redeem(back.searchParams.get('code') ?? '')).status).toBe(200);
  });

  it.each([
    ['another address than was registered', { redirect_uri: 'http://127.0.0.1:9/other' }],
    ['an address that is no loopback', { redirect_uri: 'https://attacker.example/' }],
    ['a client that was not registered', { client_id: 'somebody' }],
  ])('is not shown for %s, and nobody is sent anywhere', async (_what, changes) => {
    const answer = await browse(client.link(changes));
    expect([answer.status, answer.headers['location']]).toEqual([400, undefined]);
  });

  it('is not shown for a client id that another demo has given out', async () => {
    await using other = await serveAlone();
    const stranger = await registerAt(other);
    expect((await browse(client.link({ client_id: stranger.clientId }))).status).toBe(400);
  });

  it('is not shown where a parameter comes twice', async () => {
    expect((await browse(`${client.link()}&redirect_uri=${REDIRECT}`)).status).toBe(400);
  });

  it.each([
    ['no PKCE', { code_challenge: '', code_challenge_method: '' }, 'invalid_request'],
    ['PKCE that proves nothing', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['another way than a code', { response_type: 'token' }, 'unsupported_response_type'],
    ['another server', { resource: 'https://mcp.example.com/mcp' }, 'invalid_target'],
    ['what it does not have', { scope: 'demo admin' }, 'invalid_scope'],
  ])('tells the client that it cannot ask for %s', async (_what, changes, error) => {
    const answer = await browse(client.link(changes));
    const back = new URL(String(answer.headers['location']));
    expect(back.origin + back.pathname).toBe(REDIRECT);
    expect(Object.fromEntries(back.searchParams)).toEqual({
      error,
      state: 'a-state',
      iss: demo.origin,
    });
  });

  it('does nothing for the form of another site, inside another page, or a second time', async () => {
    const onward = await browse(client.link());
    const page = demo.origin + String(onward.headers['location']);
    const foreign = { origin: 'https://attacker.example', 'sec-fetch-site': 'cross-site' };
    expect((await browse(page, 'POST', foreign)).status).toBe(403);
    const unseen = { origin: 'null', 'sec-fetch-site': 'cross-site' };
    expect((await browse(page, 'POST', unseen)).status).toBe(403);
    expect((await browse(page, 'GET', { 'sec-fetch-dest': 'iframe' })).status).toBe(403);
    expect((await browse(page, 'POST', ownForm)).status).toBe(303);
    expect((await browse(page, 'POST', ownForm)).status).toBe(404);
  });

  it('is over after ten minutes', async () => {
    const onward = await browse(client.link());
    demo.clock.shift(10 * 60_000);
    expect((await browse(demo.origin + String(onward.headers['location']))).status).toBe(404);
  });
});

describe('a code', () => {
  it('gives tokens that open the server for five minutes', async () => {
    const tokens = await client.redeem(await client.code());
    expect([tokens.status, tokens.expires_in]).toEqual([200, 300]);
    expect(await client.status(tokens.access_token)).toBe(200);
    demo.clock.shift(301_000);
    expect(await client.status(tokens.access_token)).toBe(401);
  });

  it.each([
    ['another verifier', { code_verifier: 'x'.repeat(43) }],
    ['no verifier', { code_verifier: '' }],
    ['another redirect', { redirect_uri: 'http://127.0.0.1:9/other' }],
    ['another client', { client_id: 'somebody' }],
  ])('is spent on %s, and gives nothing', async (_what, changes) => {
    const code = await client.code();
    expect(await client.redeem(code, changes)).toMatchObject({
      status: 400,
      error: 'invalid_grant',
    });
    expect((await client.redeem(code)).status).toBe(400);
  });

  it('that comes a second time gives nothing, and ends what it gave the first time', async () => {
    const code = await client.code();
    const { access_token: token } = await client.redeem(code);
    expect(await client.redeem(code)).toMatchObject({ status: 400, error: 'invalid_grant' });
    expect(await client.status(token)).toBe(401);
  });

  it('is good for a minute', async () => {
    const code = await client.code();
    demo.clock.shift(60_000);
    expect((await client.redeem(code)).status).toBe(400);
  });

  it('is for this server and no other', async () => {
    const code = await client.code();
    const elsewhere = { resource: 'https://mcp.example.com/mcp' };
    expect(await client.redeem(code, elsewhere)).toMatchObject({ error: 'invalid_target' });
  });
});

describe('a refresh token', () => {
  it('is replaced with each renewal; an old one ends the sign-in', async () => {
    const first = await client.redeem(await client.code());
    const second = await client.renew(first.refresh_token);
    const third = await client.renew(second.refresh_token);
    expect([second.status, third.status]).toEqual([200, 200]);
    expect(new Set([first, second, third].map((each) => each.refresh_token)).size).toBe(3);
    expect(await client.status(third.access_token)).toBe(200);

    expect(await client.renew(first.refresh_token)).toMatchObject({ error: 'invalid_grant' });
    expect(await client.status(third.access_token)).toBe(401);
    expect((await client.renew(third.refresh_token)).status).toBe(400);
  });

  it('is answered once more within a minute, because an answer may be lost', async () => {
    const first = await client.redeem(await client.code());
    await client.renew(first.refresh_token);
    const again = await client.renew(first.refresh_token);
    expect(again.status).toBe(200);
    const next = await client.renew(again.refresh_token);
    expect(next.status).toBe(200);

    demo.clock.shift(60_000);
    expect((await client.renew(again.refresh_token)).status).toBe(400);
    expect((await client.renew(next.refresh_token)).status).toBe(400);
  });

  it('renews once however many ask with it at the same time', async () => {
    const { refresh_token: token } = await client.redeem(await client.code());
    const all = await Promise.all([1, 2, 3].map(() => client.renew(token)));
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200]);
    const [kept] = Object.values(
      (demo.vault.records.get('demo') as { signIns: Record<string, { renewals: number }> }).signIns,
    );
    expect(kept?.renewals).toBe(1);
  });

  it('opens no server, and an access token renews nothing', async () => {
    const tokens = await client.redeem(await client.code());
    expect(await client.status(tokens.refresh_token)).toBe(401);
    expect((await client.renew(tokens.access_token)).status).toBe(400);
    expect(await client.status(client.clientId)).toBe(401);
  });

  it('of another client is worth nothing', async () => {
    const { refresh_token: token } = await client.redeem(await client.code());
    const other = await registerAt(demo);
    expect((await other.renew(token)).status).toBe(400);
    expect((await client.renew(token)).status).toBe(200);
  });

  it('ends the sign-in when it is revoked', async () => {
    const tokens = await client.redeem(await client.code());
    expect(await client.revoke(tokens.refresh_token)).toBe(200);
    expect(await client.status(tokens.access_token)).toBe(401);
    expect((await client.renew(tokens.refresh_token)).status).toBe(400);
    expect(await client.revoke('what was never given out')).toBe(200);
  });
});

describe('what it keeps', () => {
  it('is in the vault and nowhere else, and is no token', async () => {
    const tokens = await client.redeem(await client.code());
    expect([...demo.vault.records.keys()]).toEqual(['demo']);
    const kept = JSON.stringify(demo.vault.records.get('demo'));
    expect(kept).not.toContain(tokens.refresh_token);
    expect(kept).not.toContain(tokens.access_token);
    expect(kept).not.toContain(sha256(tokens.refresh_token));
  });

  it('makes room: of many sign-ins the one renewed the longest ago ends', async () => {
    const first = await client.redeem(await client.code());
    for (let count = 0; count < 50; count += 1) {
      demo.clock.shift(1);
      await client.redeem(await client.code());
    }
    expect(await client.status(first.access_token)).toBe(401);
  });

  it('cannot be written: nothing is given, and later the same is asked again', async () => {
    const { refresh_token: token } = await client.redeem(await client.code());
    const { ProblemError } = await import('../../../shared/contract/problems.ts');
    demo.vault.failWith(new ProblemError('cannot-save', 'no room'));
    expect((await client.renew(token)).status).toBe(503);
    demo.vault.failWith(undefined);
    expect((await client.renew(token)).status).toBe(200);
  });

  it('waits for a vault that is closed, and is gone with one that was wiped', async () => {
    const tokens = await client.redeem(await client.code());
    demo.vault.show({
      kind: 'keychain',
      state: 'closed',
      problem: { code: 'vault-opening', message: 'the vault is not open yet' },
    });
    expect((await client.renew(tokens.refresh_token)).status).toBe(503);
    // It was open before: whoever signs out everywhere is told that the token is worth nothing.
    expect(await client.revoke(tokens.refresh_token)).toBe(200);
    demo.vault.records.clear();
    demo.vault.show({ kind: 'keychain', state: 'open' });
    expect((await client.renew(tokens.refresh_token)).status).toBe(400);
    expect(await client.status(tokens.access_token)).toBe(401);
  });
});
