/** Does a GitHub App get the token of its installation, and say what is wrong when it does not? */
import { generateKeyPairSync } from 'node:crypto';
import { jwtVerify } from 'jose';
import { afterEach, expect, it } from 'vitest';
import { createNet } from '../../../../broker/net/guarded-fetch.ts';
import { systemClock } from '../../../../broker/system-clock.ts';
import { githubAppSource } from '../../../../broker/tokens/sources/github-app.ts';
import { Secret } from '../../../../broker/vault/secret.ts';
import { TokenSource, type TokenSourceOf } from '../../../../shared/contract/token-sources.ts';
import { createConcealing } from '../../../doubles/concealing.ts';
import {
  type LoopbackServer,
  sendJson,
  startLoopbackServer,
} from '../../../servers/loopback-server.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const KEY = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const ENDS = '2030-01-01T00:00:00Z';
const net = createNet(systemClock);
const { conceal, watching, openly } = createConcealing();
afterEach(() => expect(openly()).toEqual([]));
let running: LoopbackServer | undefined;
afterEach(() => running?.close());

/** GitHub as an app sees it: who signs wrongly, or too long ahead, is turned away. */
const startGitHub = async ({ answer = undefined as number | undefined, headers = {} } = {}) => {
  const asked: string[] = [];
  const server = await startLoopbackServer(() => async (req, res) => {
    asked.push(`${req.method} ${req.url}`);
    const token = /^Bearer (.+)$/.exec(req.headers.authorization ?? '')?.[1] ?? '';
    // Its clock is behind ours, by as much as GitHub's documentation says that one may be.
    const currentDate = new Date(Date.now() - 50_000);
    const good = await jwtVerify(token, publicKey, {
      ...{ algorithms: ['RS256'], issuer: '12345', maxTokenAge: '10m', currentDate },
    }).then(
      ({ payload }) => (payload.exp ?? 0) - Date.now() / 1000 <= 600,
      () => false,
    );
    if (!good) return sendJson(res, 401, { message: 'canary-said-by-github' });
    if (answer !== undefined) return sendJson(res, answer, { message: 'no' }, headers);
    if (req.url === '/orgs/acme/installation' || req.url === '/repos/acme/tools/installation')
      return sendJson(res, 200, { id: 77 });
    if (req.url === '/users/ada/installation') return sendJson(res, 200, { id: 78 });
    if (req.method === 'POST' && /^\/app\/installations\/7[78]\/access_tokens$/.test(req.url ?? ''))
      return sendJson(res, 201, { token: 'ghs_canary', expires_at: ENDS });
    return sendJson(res, 404, { message: 'Not Found' });
  });
  running = server;
  return { api: server.origin, asked };
};

const mint = async (api: string, rest: object = {}, key = KEY) => {
  const settings = { kind: 'github-app', app: '12345', installation: 'acme', api, ...rest };
  const source = githubAppSource(
    TokenSource.parse({ ...settings, key: '${vault:KEY}' }) as TokenSourceOf<'github-app'>,
    {
      resolve: () => Promise.resolve(new Secret(key)),
      ...{ conceal, fetch: watching(net.fetchFor('loopback')) },
      now: Date.now,
    },
  );
  const minted = await source.mint(new AbortController().signal);
  return ['token' in minted ? minted.token.reveal() : undefined, minted.expiresAt];
};

it.each([
  ['an organization', 'acme', ['GET /orgs/acme/installation'], 77],
  ['a user', 'ada', ['GET /orgs/ada/installation', 'GET /users/ada/installation'], 78],
  ['a repository', 'acme/tools', ['GET /repos/acme/tools/installation'], 77],
  ['its number', 77, [], 77],
])('by %s: the token and its end', async (_how, installation, lookUps, id) => {
  const { api, asked } = await startGitHub();
  expect(await mint(api, { installation })).toEqual(['ghs_canary', Date.parse(ENDS)]);
  expect(asked).toEqual([...lookUps, `POST /app/installations/${id}/access_tokens`]);
});

it('at an address with a path, as GitHub Enterprise has it', async () => {
  const { api, asked } = await startGitHub({ answer: 404 });
  await expect(mint(`${api}/api/v3/`, { installation: 77 })).rejects.toMatchObject({
    code: 'source-failed',
  });
  expect(asked).toEqual(['POST /api/v3/app/installations/77/access_tokens']);
});

it.each([
  [
    'is installed nowhere',
    { installation: 'nobody' },
    undefined,
    'source-failed',
    'not installed at nobody',
  ],
  ['is another app', { app: '999' }, undefined, 'source-failed', 'does not take the word'],
  ['is suspended', {}, 403, 'source-failed', 'does not take the word'],
])('that %s is told what is wrong', async (_what, rest, answer, code, message) => {
  const { api } = await startGitHub({ answer });
  const error: unknown = await mint(api, rest).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
  expect(JSON.stringify((error as { problem: unknown }).problem)).not.toContain('canary');
});

it.each([
  ['has trouble', 502, {}, 0],
  ['wants patience', 429, { 'retry-after': '30' }, 30_000],
  ['has had too many questions', 403, { 'x-ratelimit-remaining': '0', 'retry-after': '5' }, 5000],
])('while GitHub %s it is tried again later', async (_what, answer, headers, retryAfterMs) => {
  const { api } = await startGitHub({ answer, headers });
  await expect(mint(api)).rejects.toMatchObject({
    ...{ verdict: 'later', retryAfterMs, problem: { code: 'retrying' } },
  });
});
