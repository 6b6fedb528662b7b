/** Are tokens that their issuer is asked about let in as long as they hold, and no longer? */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DoorVerifier } from '../../../../shared/contract/door.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../../servers/authorization-server.ts';
import { readBody, sendJson, startLoopbackServer } from '../../../servers/loopback-server.ts';
import { signInByHand } from '../../../servers/oauth-by-hand.ts';
import { metadataOf, type Stage, startStage } from './stage.ts';

let stage: Stage;
let issuer: AuthorizationServer;
beforeEach(async () => {
  stage = await startStage();
  issuer = await startAuthorizationServer({ tellsWhoAt: 'introspection' });
  await stage.drawbridge.control.keepSecret({ name: 'ASKING', value: 'canary-asking-secret' });
});
afterEach(async () => {
  await stage[Symbol.asyncDispose]();
  await issuer.close();
});

const verifier = (more: object = {}): DoorVerifier => ({
  ...{ kind: 'introspection', issuer: issuer.issuer, clientId: 'door:1' },
  ...{ clientSecret: '${vault:ASKING}', clientAuth: 'basic' },
  ...more,
});
const tokenFor = async (resource = stage.resource): Promise<string> =>
  (await signInByHand(issuer.issuer, { resource })).tokens.access_token;
const asked = () => issuer.count({ endpoint: 'introspection' });

it('asks once for many calls, as itself, and refuses a revoked token soon', async () => {
  await stage.set({ verify: verifier() });
  const token = await tokenFor();
  const before = asked();
  const many = await Promise.all(Array.from({ length: 20 }, () => stage.ask(token)));
  expect(many.map(({ status }) => status)).toEqual(many.map(() => 200));
  expect(asked()).toBe(before + 1);
  expect(issuer.seen.at(-1)).toMatchObject({
    ...{ method: 'POST', clientId: 'door:1' },
    params: { token, token_type_hint: 'access_token' },
  });
  expect(stage.reachedUpstream(token)).toBe(false);

  issuer.revokeAccessTokens();
  stage.drawbridge.clock.shift(31_000);
  const { status, challenge } = await stage.ask(token);
  expect(status).toBe(401);
  expect(challenge).toMatch(
    /^Bearer error="invalid_token", error_description="[^"]*holds no longer"/,
  );
  expect(challenge).toContain(metadataOf(stage.resource));
});

it('refuses a token for another resource, and one that is none', async () => {
  await stage.set({ verify: verifier() });
  const other = await tokenFor('https://mcp.example.com/mcp');
  for (const token of [other, 'made-up', 'a.b.c'])
    expect(await stage.ask(token)).toMatchObject({
      status: 401,
      challenge: expect.stringContaining('error="invalid_token"') as string,
    });
});

it('a yes is not remembered beyond the end of the token', async () => {
  await stage.set({ verify: verifier() });
  issuer.lifetimes.accessTokenSeconds = 10;
  const token = await tokenFor();
  expect((await stage.ask(token)).status).toBe(200);
  // Within what clocks may differ, so a yes would be remembered for longer than the token is good.
  stage.drawbridge.clock.shift(35_000);
  expect((await stage.ask(token)).status).toBe(200);
  const before = asked();
  stage.drawbridge.clock.shift(10_000);
  expect((await stage.ask(token)).status).toBe(401);
  expect(asked()).toBe(before + 1);
});

/** What an issuer answers, and what it was asked with. */
const scripted = async (answer: () => [status: number, body: object]) => {
  const asks: { readonly authorization: string | undefined; readonly form: string }[] = [];
  const server = await startLoopbackServer(() => async (req, res) => {
    asks.push({
      authorization: req.headers.authorization,
      form: (await readBody(req)).toString(),
    });
    const [status, body] = asks.length === 1 ? [200, { active: false }] : answer();
    sendJson(res, status, body);
  });
  return { ...server, asks };
};

const wrong: Readonly<Record<string, (now: number) => object>> = {
  'that does not hold': () => ({ active: false }),
  'of another issuer': () => ({ iss: 'https://somebody-else.example' }),
  'for nobody in particular': () => ({ aud: undefined }),
  'that has ended': (now) => ({ exp: now - 60 }),
  'that has not begun': (now) => ({ nbf: now + 60 }),
  'without a subject': () => ({ sub: undefined }),
};
it.each(Object.entries(wrong))('refuses a token %s', async (_what, change) => {
  const good = { active: true, aud: [stage.resource], sub: 'ada', iss: issuer.issuer };
  let more: object = {};
  await using answering = await scripted(() => [200, { ...good, ...more }]);
  await stage.set({ verify: verifier({ endpoint: `${answering.origin}/ask` }) });
  expect((await stage.ask('good')).status).toBe(200);
  more = change(Math.floor(Date.now() / 1000));
  expect((await stage.ask('bad')).status).toBe(401);
});

it.each([
  [401, {}],
  [500, {}],
  [200, { active: 'true' }],
] as const)('says that nobody can tell when the issuer answers %i %j', async (status, body) => {
  await using answering = await scripted(() => [status, body]);
  await stage.set({ verify: verifier({ endpoint: `${answering.origin}/ask` }) });
  const answer = await stage.ask('some-token');
  expect([answer.status, answer.challenge]).toEqual([503, '']);
});

it('shows its secret in the header, or in the form where that is said', async () => {
  await using answering = await scripted(() => [200, { active: false }]);
  const endpoint = `${answering.origin}/ask`;
  await stage.set({ verify: verifier({ endpoint }) });
  const basic = Buffer.from('door%3A1:canary-asking-secret').toString('base64');
  expect(answering.asks[0]).toMatchObject({ authorization: `Basic ${basic}` });
  expect(answering.asks[0]?.form).not.toContain('canary-asking-secret');
  await stage.set({ verify: verifier({ endpoint, clientAuth: 'post' }) });
  expect(answering.asks[1]?.authorization).toBeUndefined();
  expect(answering.asks[1]?.form).toContain(
    'client_id=door%3A1&client_secret=canary-asking-secret',
  );
});

it('an issuer that says yes to everything is not set', async () => {
  await using answering = await startLoopbackServer(
    () => (_req, res) =>
      sendJson(res, 200, { active: true, sub: 'x', aud: 'https://drawbridge.invalid/mcp' }),
  );
  const set = stage.set({ verify: verifier({ endpoint: `${answering.origin}/ask` }) });
  await expect(set).rejects.toMatchObject({ code: 'bad-answer' });
});

it('a secret that is written down is refused, and one that is missing is told', async () => {
  await expect(
    stage.set({ verify: verifier({ clientSecret: 'canary-written-down' }) }),
  ).rejects.toMatchObject({ code: 'bad-request' });
  await expect(
    stage.set({ verify: verifier({ clientSecret: '${vault:NO_SUCH}' }) }),
  ).rejects.toMatchObject({ code: 'reference-unresolved' });
});
