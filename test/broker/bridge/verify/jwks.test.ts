/** Does the door tell good tokens that their issuer has signed from bad ones, with the right status and challenge? */
import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../../servers/authorization-server.ts';
import { signInByHand } from '../../../servers/oauth-by-hand.ts';
import { type SigningIssuer, startSigningIssuer } from '../../../servers/signing-issuer.ts';
import { metadataOf, type Stage, startStage } from './stage.ts';

let stage: Stage;
let undo: AsyncDisposableStack;
beforeEach(async () => {
  undo = new AsyncDisposableStack();
  stage = undo.use(await startStage());
});
afterEach(() => undo.disposeAsync());

const refusedAs = (error: string) => ({
  status: 401,
  challenge: expect.stringMatching(
    new RegExp(`^Bearer error="${error}", .*${metadataOf(stage.resource)}`),
  ) as string,
});
const refused = () => refusedAs('invalid_token');
const part = (value: object | string): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

describe('with a real authorization server', () => {
  let issuer: AuthorizationServer;
  beforeEach(async () => {
    issuer = await startAuthorizationServer();
    undo.defer(issuer.close);
    await stage.set({ verify: { kind: 'jwks', issuer: issuer.issuer, scopes: ['mcp:read'] } });
  });
  const tokenFor = async (resource = stage.resource, scope = 'mcp:read'): Promise<string> =>
    (await signInByHand(issuer.issuer, { resource, scope })).tokens.access_token;

  it('takes a token that is for this address, and the server sees only the one that Drawbridge has', async () => {
    const token = await tokenFor();
    const before = stage.server.seen.length;
    const { status, text } = await stage.ask(token);
    expect([status, text]).toEqual([200, expect.stringContaining('"serverInfo"')]);
    const { headers } = await stage.ask(token);
    const session = { 'mcp-session-id': String(headers['mcp-session-id']) };
    const call =
      '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"add","arguments":{"a":2,"b":3}}}';
    const sum = await stage.ask(token, { body: call, headers: session });
    expect(sum.text).toContain('"5"');
    expect(stage.server.count({ method: 'tools/call', status: 200 })).toBe(1);
    expect(stage.reachedUpstream(token)).toBe(false);
    expect(stage.server.seen.slice(before).map(({ status: code }) => code)).not.toContain(401);
  });

  it('says where tokens are had to who shows none, without calling it an error', async () => {
    const { status, challenge } = await stage.ask(undefined);
    expect(status).toBe(401);
    expect(challenge).toBe(`Bearer scope="mcp:read", ${metadataOf(stage.resource)}`);
  });

  it('publishes what it is for each path, whether there is a server or not', async () => {
    const at = (path: string) =>
      stage.ask(undefined, { method: 'GET', path: `/.well-known/oauth-protected-resource${path}` });
    const one = await at('/mcp/one');
    expect([one.status, JSON.parse(one.text)]).toEqual([
      200,
      {
        resource: stage.resource,
        authorization_servers: [issuer.issuer],
        scopes_supported: ['mcp:read'],
        bearer_methods_supported: ['header'],
        resource_name: 'Drawbridge',
      },
    ]);
    expect((await at('/mcp/no-such')).status).toBe(200);
    expect((await at('')).status).toBe(404);
    expect((await at('/other')).status).toBe(404);
    const other = await stage.ask(undefined, {
      ...{ method: 'GET', path: '/.well-known/openid-configuration' },
    });
    expect(other.status).toBe(404);
  });

  it('refuses a token with a wrong signature', async () => {
    const [header = '', payload = '', signature = ''] = (await tokenFor()).split('.');
    const wrong = (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1);
    expect(await stage.ask(`${header}.${payload}.${wrong}`)).toMatchObject(refused());
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
    const forged = part({ ...claims, sub: 'somebody-else' });
    expect(await stage.ask(`${header}.${forged}.${signature}`)).toMatchObject(refused());
  });

  it('refuses a token that is for another resource, and takes one for all servers', async () => {
    const { origin } = new URL(stage.resource);
    for (const other of ['https://mcp.example.com/mcp', `${origin}/mcp/two`, `${origin}/`])
      expect(await stage.ask(await tokenFor(other))).toMatchObject(refused());
    expect((await stage.ask(await tokenFor(`${origin}/mcp`))).status).toBe(200);
  });

  it('refuses a token that has expired, but for a little that clocks may differ', async () => {
    const token = await tokenFor();
    stage.drawbridge.clock.shift(3600_000 + 20_000);
    expect((await stage.ask(token)).status).toBe(200);
    stage.drawbridge.clock.shift(20_000);
    const answer = await stage.ask(token);
    expect(answer).toMatchObject(refused());
    expect(answer.challenge).toContain('error_description="the token has expired"');
  });

  it('says which scopes are missing to a token that allows less', async () => {
    const { status, challenge } = await stage.ask(await tokenFor(stage.resource, 'mcp:tools'));
    expect(status).toBe(403);
    expect(challenge).toMatch(/^Bearer error="insufficient_scope", .*scope="mcp:read", /);
    expect(challenge).toContain(metadataOf(stage.resource));
  });

  it('refuses a token of another issuer', async () => {
    await using other = await startAuthorizationServer();
    const { tokens } = await signInByHand(other.issuer, { resource: stage.resource });
    expect(await stage.ask(tokens.access_token)).toMatchObject(refused());
  });

  it('takes neither a key of the door nor a token in another place', async () => {
    const { key } = await stage.drawbridge.control.makeDoorKey({ aiClient: 'cursor' });
    expect(await stage.ask(key)).toMatchObject(refused());
    const headers = { 'x-drawbridge-key': key };
    expect((await stage.ask(undefined, { headers })).status).toBe(401);
    const path = `/mcp/one?access_token=${await tokenFor()}`;
    expect((await stage.ask(undefined, { path })).status).toBe(401);
    expect((await stage.ask('two tokens')).status).toBe(401);
  });
});

describe('with an issuer that signs anything', () => {
  let issuer: SigningIssuer;
  beforeEach(async () => {
    issuer = undo.use(await startSigningIssuer());
    await stage.set({ verify: { kind: 'jwks', issuer: issuer.issuer } });
  });
  const good = () => ({ aud: stage.resource });

  it('takes what is right, in each form that an audience has', async () => {
    expect((await stage.ask(await issuer.sign(good()))).status).toBe(200);
    const among = await issuer.sign({ aud: ['https://other.example', stage.resource] });
    expect((await stage.ask(among)).status).toBe(200);
  });

  const wrong: Readonly<Record<string, (now: number) => object>> = {
    'another issuer': () => ({ iss: 'https://somebody-else.example' }),
    'an issuer that is alike': () => ({ iss: `${issuer.issuer}/` }),
    'no issuer': () => ({ iss: undefined }),
    'another audience': () => ({ aud: 'https://mcp.example.com/mcp' }),
    'an audience that begins alike': () => ({ aud: `${stage.resource}-2` }),
    'no audience': () => ({ aud: undefined }),
    'an end in the past': (now) => ({ exp: now - 60 }),
    'no end': () => ({ exp: undefined }),
    'a beginning in the future': (now) => ({ nbf: now + 60 }),
    'no subject': () => ({ sub: undefined }),
    'an empty subject': () => ({ sub: '' }),
    'no client': () => ({ client_id: undefined }),
  };
  it.each(Object.entries(wrong))('refuses a token with %s', async (_what, claims) => {
    const token = await issuer.sign({ ...good(), ...claims(Math.floor(Date.now() / 1000)) });
    expect(await stage.ask(token)).toMatchObject(refused());
    expect(stage.reachedUpstream(token)).toBe(false);
  });

  it('refuses a token that nobody has signed', async () => {
    const [, payload = ''] = (await issuer.sign(good())).split('.');
    for (const alg of ['none', 'None', 'NONE', '']) {
      const bare = `${part({ alg, typ: 'at+jwt' })}.${payload}`;
      expect(await stage.ask(`${bare}.`)).toMatchObject(refused());
      expect(await stage.ask(`${bare}.AAAA`)).toMatchObject(refused());
    }
  });

  it('refuses a token for whose secret the public key was taken', async () => {
    const [header = '', payload = ''] = (await issuer.sign(good())).split('.');
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string };
    for (const secret of [issuer.publicPem(), issuer.publicPem().trim()])
      for (const named of [{ kid }, {}]) {
        const text = `${part({ alg: 'HS256', typ: 'at+jwt', ...named })}.${payload}`;
        const signature = createHmac('sha256', secret).update(text).digest('base64url');
        const answer = await stage.ask(`${text}.${signature}`);
        expect(answer).toMatchObject(refused());
        expect(answer.challenge).toContain('not signed in a way that is taken here');
      }
  });

  it('refuses a key that the token brings along itself', async () => {
    await using stranger = await startSigningIssuer();
    const claims = { ...good(), iss: issuer.issuer };
    const jku = await stranger.sign(claims, { jku: stranger.jwksUrl, kid: 'key-1' });
    expect(await stage.ask(jku)).toMatchObject(refused());
    expect(stranger.asked()).toBe(0);
  });

  it('refuses what is no access token, unless that is an exception on record', async () => {
    const plain = await issuer.sign(good(), { typ: 'JWT' });
    expect(await stage.ask(plain)).toMatchObject(refused());
    await stage.set({ verify: { kind: 'jwks', issuer: issuer.issuer, plainJwt: true } });
    expect((await stage.ask(plain)).status).toBe(200);
    const endless = await issuer.sign({ ...good(), exp: undefined }, { typ: 'JWT' });
    expect(await stage.ask(endless)).toMatchObject(refused());
  });

  it('asks once for a key that it does not know, and not again at once', async () => {
    expect((await stage.ask(await issuer.sign(good()))).status).toBe(200);
    const before = issuer.asked();
    issuer.rotate();
    issuer.holdBack(true);
    stage.drawbridge.clock.shift(31_000);
    const token = await issuer.sign(good());
    const many = await Promise.all(Array.from({ length: 10 }, () => stage.ask(token)));
    expect(new Set(many.map(({ status }) => status))).toEqual(new Set([401]));
    expect(issuer.asked()).toBe(before + 1);

    issuer.holdBack(false);
    expect((await stage.ask(token)).status).toBe(401);
    expect(issuer.asked()).toBe(before + 1);
    stage.drawbridge.clock.shift(31_000);
    expect((await stage.ask(token)).status).toBe(200);
    expect(issuer.asked()).toBe(before + 2);
  });

  it('goes on with the keys that it has while the issuer is away, but not for ever', async () => {
    const token = await issuer.sign({ ...good(), exp: Math.floor(Date.now() / 1000) + 100_000 });
    expect((await stage.ask(token)).status).toBe(200);
    issuer.fail(true);
    stage.drawbridge.clock.shift(11 * 60_000);
    expect((await stage.ask(token)).status).toBe(200);
    stage.drawbridge.clock.shift(50 * 60_000);
    const answer = await stage.ask(token);
    // No challenge: the AI client would throw away a token that may be good.
    expect([answer.status, answer.challenge]).toEqual([503, '']);
    issuer.fail(false);
    stage.drawbridge.clock.shift(4_000);
    expect((await stage.ask(token)).status).toBe(200);
  });

  it('takes tokens for a name of its own instead, where the person says so', async () => {
    const verify = { issuer: issuer.issuer, audiences: ['api://tools'] };
    await stage.set({ verify: { ...verify, kind: 'jwks' } });
    expect((await stage.ask(await issuer.sign({ aud: 'api://tools' }))).status).toBe(200);
    expect(await stage.ask(await issuer.sign(good()))).toMatchObject(refused());
  });
});

it('a verifier that does not work is not set, and what was set stays', async () => {
  const verify = { kind: 'jwks', issuer: 'http://127.0.0.1:1' } as const;
  await expect(stage.set({ verify })).rejects.toMatchObject({ code: 'server-unreachable' });
  const { settings } = await stage.drawbridge.control.door();
  expect(settings).toEqual({ callers: [], proxies: [] });
  expect((await stage.ask(undefined)).status).toBe(403);
});
