/** Does a workload get a token for the one its platform gave it? (RFC 8693, RFC 7523) */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createNet } from '../../../../broker/net/guarded-fetch.ts';
import { systemClock } from '../../../../broker/system-clock.ts';
import { forAnotherToken } from '../../../../broker/tokens/sources/for-another-token.ts';
import { createRun } from '../../../../broker/tokens/sources/run-program.ts';
import { Secret } from '../../../../broker/vault/secret.ts';
import { TokenSource, type TokenSourceOf } from '../../../../shared/contract/token-sources.ts';
import { createConcealing } from '../../../doubles/concealing.ts';
import { readBody, sendJson, startLoopbackServer } from '../../../servers/loopback-server.ts';
import {
  startWorkloadIdentity,
  WORKLOAD_CLIENT,
  WORKLOAD_SECRET,
  type WorkloadIdentity,
} from '../../../servers/workload-identity.ts';

let platform: WorkloadIdentity;
beforeAll(async () => {
  platform = await startWorkloadIdentity();
});
afterAll(() => platform[Symbol.asyncDispose]());

const net = createNet(systemClock);
const { conceal, watching, openly } = createConcealing();
afterEach(() => expect(openly()).toEqual([]));
const run = createRun({ after: systemClock.after, clean: (text) => text });
const kinds = [
  ['token-exchange', 'subjectToken', 'subjectCommand'],
  ['jwt-bearer', 'assertion', 'assertionCommand'],
] as const;
const byClient = { clientId: WORKLOAD_CLIENT, clientSecret: '${vault:SECRET}' };

/** The word is read anew for each mint, as from a file. */
const open = (kind: string, name: string, word: () => Promise<string>, rest: object) =>
  forAnotherToken(
    TokenSource.parse({
      kind,
      ...(name.endsWith('Command') ? {} : { [name]: '${file:/word}' }),
      ...rest,
    }) as TokenSourceOf<'token-exchange' | 'jwt-bearer'>,
    {
      resolve: async (value) => {
        const secret = new Secret(
          value === '${file:/word}' ? `${await word()}\n` : WORKLOAD_SECRET,
        );
        conceal(secret);
        return secret;
      },
      ...{ conceal, run, env: process.env, fetch: watching(net.fetchFor('loopback')) },
      now: Date.now,
    },
  );

describe.each(kinds)('%s', (kind, name, byProgram) => {
  it.each([
    ['the token endpoint', () => ({ tokenUrl: platform.tokenUrl })],
    ['the issuer', () => ({ issuer: platform.issuer })],
  ])('at %s', async (_where, where) => {
    const scopes = ['mcp:read', 'mcp:write'];
    const source = open(kind, name, platform.subjectToken, { ...where(), ...byClient, scopes });
    const before = Date.now();
    const minted = await source.mint(new AbortController().signal);
    expect('token' in minted && platform.issued(minted.token.reveal())).toBe(true);
    expect(minted.expiresAt).toBeGreaterThanOrEqual(before + 3_600_000);
    expect(minted.expiresAt).toBeLessThanOrEqual(Date.now() + 3_600_000);
    expect(platform.asked.at(-1)).toMatchObject({ scope: 'mcp:read mcp:write' });
  });

  it('with the word that a program prints, in any of the forms that a credential has', async () => {
    const word = await platform.subjectToken();
    const printing = (text: string) => ({
      ...{ tokenUrl: platform.tokenUrl, ...byClient },
      [byProgram]: [process.execPath, '-e', `console.log(${JSON.stringify(text)})`],
    });
    for (const text of [word, JSON.stringify({ token: word })]) {
      const source = open(kind, byProgram, platform.subjectToken, printing(text));
      const minted = await source.mint(new AbortController().signal);
      expect('token' in minted && platform.issued(minted.token.reveal())).toBe(true);
    }
  });

  it.each([
    ['fails', 'console.error("no ticket"); process.exit(1)', 'ended with status 1'],
    ['prints none', 'console.log("null")', 'gave no credential'],
  ])('asks nobody where the program %s', async (_what, script, why) => {
    const source = open(kind, byProgram, platform.subjectToken, {
      ...{ tokenUrl: platform.tokenUrl, ...byClient },
      [byProgram]: [process.execPath, '-e', script],
    });
    const before = platform.asked.length;
    await expect(source.mint(new AbortController().signal)).rejects.toMatchObject({
      ...{ code: 'source-failed', message: expect.stringContaining(why) },
    });
    expect(platform.asked.length).toBe(before);
  });

  it('has one word to show: two, or none, are refused', () => {
    const settings = { kind, tokenUrl: platform.tokenUrl };
    const both = { ...settings, [name]: '${file:/word}', [byProgram]: ['x'] };
    expect([both, settings].map((each) => TokenSource.safeParse(each).success)).toEqual([
      ...[false, false],
    ]);
  });

  it('with the word as it is by then, each time', async () => {
    let lifeS = -60;
    const source = open(kind, name, () => platform.subjectToken({ lifeS }), {
      ...{ tokenUrl: platform.tokenUrl },
      ...byClient,
    });
    await expect(source.mint(new AbortController().signal)).rejects.toMatchObject({
      ...{ code: 'source-failed', message: expect.stringContaining('the token it was shown') },
    });
    lifeS = 60;
    expect(await source.mint(new AbortController().signal)).toHaveProperty('token');
  });

  it('with a client secret that is another says so', async () => {
    const source = open(kind, name, platform.subjectToken, {
      ...{
        tokenUrl: platform.tokenUrl,
        clientId: 'somebody-else',
        clientSecret: '${vault:SECRET}',
      },
    });
    await expect(source.mint(new AbortController().signal)).rejects.toMatchObject({
      ...{ code: 'source-failed', hint: expect.stringContaining('client id') },
    });
  });

  it('that nobody says the place of cannot be asked', async () => {
    const source = open(kind, name, platform.subjectToken, byClient);
    await expect(source.mint(new AbortController().signal)).rejects.toMatchObject({
      code: 'source-unusable',
    });
  });

  it('without a client says nothing of one', async () => {
    let body = new URLSearchParams();
    let authorization: string | undefined;
    await using sts = await startLoopbackServer(() => async (req, res) => {
      body = new URLSearchParams((await readBody(req)).toString());
      authorization = req.headers.authorization;
      sendJson(res, 200, {
        ...{ access_token: 'canary-of-the-sts', token_type: 'Bearer', expires_in: 60 },
        issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      });
    });
    const source = open(kind, name, () => Promise.resolve('the-word'), {
      ...{ tokenUrl: `${sts.origin}/v1/token`, audience: '//iam.example/pools/p' },
    });
    const minted = await source.mint(new AbortController().signal);
    expect('token' in minted && minted.token.reveal()).toBe('canary-of-the-sts');
    expect([body.has('client_id'), authorization, body.get('audience')]).toEqual([
      ...[false, undefined, '//iam.example/pools/p'],
    ]);
    expect(body.get(kind === 'token-exchange' ? 'subject_token' : 'assertion')).toBe('the-word');
  });
});
