/** Do tokens of Google come for a service account, a person's default credentials and the machine itself? */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNet } from '../../../../broker/net/guarded-fetch.ts';
import { createPlatformFetch } from '../../../../broker/net/platform-fetch.ts';
import { systemClock } from '../../../../broker/system-clock.ts';
import { googleSource } from '../../../../broker/tokens/sources/google/google.ts';
import type { Minted } from '../../../../broker/tokens/sources/source.ts';
import { Secret } from '../../../../broker/vault/secret.ts';
import { TokenSource, type TokenSourceOf } from '../../../../shared/contract/token-sources.ts';
import { createConcealing } from '../../../doubles/concealing.ts';
import { type Google, startGoogle } from '../../../servers/google.ts';

const net = createNet(systemClock);
const { conceal, watching, openly } = createConcealing();
afterEach(() => expect(openly()).toEqual([]));
const platform = createPlatformFetch(systemClock);
const AUDIENCE = 'https://tools-abc.a.run.app';
const WIDEST = 'https://www.googleapis.com/auth/cloud-platform';
let google: Google;
let home: string;
let env: Record<string, string | undefined>;

beforeEach(async () => {
  google = await startGoogle();
  home = await mkdtemp(path.join(tmpdir(), 'drawbridge-'));
  env = { HOME: home, GCE_METADATA_HOST: new URL(google.origin).host };
});
afterEach(async () => {
  await google[Symbol.asyncDispose]();
  await rm(home, { recursive: true });
});

const mint = (rest: object = {}, key = JSON.stringify(google.serviceAccountKey)): Promise<Minted> =>
  googleSource(TokenSource.parse({ kind: 'google', ...rest }) as TokenSourceOf<'google'>, {
    resolve: () => Promise.resolve(new Secret(key)),
    ...{ conceal, fetch: watching(net.fetchFor('loopback')), platform: platform.fetch },
    ...{ env, now: Date.now },
  }).mint(new AbortController().signal);

/** What the token is good for, and how many minutes it has. */
const goodFor = async (minted: Promise<Minted>): Promise<unknown[]> => {
  const { expiresAt = 0, ...rest } = await minted;
  const token = 'token' in rest ? rest.token.reveal() : undefined;
  return [google.given(token), Math.round((expiresAt - Date.now()) / 60_000)];
};
const key = { key: '${vault:KEY}' };

const defaultFile = async (content: object): Promise<void> => {
  const folder = path.join(home, '.config', 'gcloud');
  await mkdir(folder, { recursive: true });
  await writeFile(
    path.join(folder, 'application_default_credentials.json'),
    JSON.stringify(content),
  );
};
const actingAs = (source: object): object => ({
  ...{ type: 'impersonated_service_account', delegates: ['a'], source_credentials: source },
  service_account_impersonation_url: `${google.origin}/robot:generateAccessToken`,
});

describe('a service account', () => {
  it('gets an access token, with the scopes that are asked for', async () => {
    expect(await goodFor(mint(key))).toEqual([WIDEST, 60]);
    expect(await goodFor(mint({ ...key, scopes: ['a', 'b'] }))).toEqual(['a b', 60]);
  });

  it('gets an ID token for a service', async () => {
    expect(await goodFor(mint({ ...key, audience: AUDIENCE }))).toEqual([AUDIENCE, 60]);
    expect(google.asked).toEqual([{ audience: AUDIENCE }]);
  });

  it('that the environment names, before the file of gcloud', async () => {
    await defaultFile(google.person);
    const file = path.join(home, 'robot.json');
    env['GOOGLE_APPLICATION_CREDENTIALS'] = file;
    await writeFile(file, JSON.stringify(google.serviceAccountKey));
    expect(await goodFor(mint({ scopes: ['a'] }))).toEqual(['a', 60]);
    expect(google.asked).toEqual([{ scope: 'a' }]);
  });
});

describe('a person', () => {
  it('who has signed in with gcloud', async () => {
    await defaultFile({ ...google.person, quota_project_id: 'tools' });
    const minted = mint();
    expect(await goodFor(minted)).toEqual(['of the sign-in', 60]);
    const { headers = {} } = { headers: {}, ...(await minted) } as {
      headers?: Record<string, Secret>;
    };
    expect(headers['x-goog-user-project']?.reveal()).toBe('tools');
    expect(await goodFor(mint({ scopes: ['a'] }))).toEqual(['a', 60]);
  });

  it('whose gcloud keeps its files elsewhere', async () => {
    env['CLOUDSDK_CONFIG'] = home;
    const file = path.join(home, 'application_default_credentials.json');
    await writeFile(file, JSON.stringify(google.person));
    expect(await goodFor(mint())).toEqual(['of the sign-in', 60]);
  });

  it.each([
    ['an access token', { scopes: ['a'] }, 'a', { scope: ['a'] }],
    ['an ID token', { audience: AUDIENCE }, AUDIENCE, { audience: AUDIENCE }],
  ])('who may act as a service account, for %s', async (_what, rest, expected, asked) => {
    await defaultFile(actingAs(google.person));
    expect(await goodFor(mint(rest))).toEqual([expected, 60]);
    expect(google.asked).toMatchObject([
      ...[
        { person: 'gcloud', scope: WIDEST },
        { as: 'robot', delegates: ['a'], ...asked },
      ],
    ]);
  });
});

describe('the machine', () => {
  it('gets what its cloud gives it, where there is no file', async () => {
    expect(await goodFor(mint())).toEqual(['of the machine', 50]);
    expect(await goodFor(mint({ scopes: ['a', 'b'] }))).toEqual(['a,b', 50]);
    expect(await goodFor(mint({ audience: AUDIENCE }))).toEqual([AUDIENCE, 60]);
    expect(google.asked.map(({ machine }) => machine)).toEqual(['/token', '/token', '/identity']);
  });

  it('is not believed about itself by what is no metadata server', async () => {
    google.isPortal = true;
    await expect(mint()).rejects.toMatchObject({
      message: expect.stringContaining('no default credentials'),
    });
  });

  it.each([
    ['nothing answers', () => '127.0.0.1:1', 'source-failed'],
    ['it is another host', () => 'metadata.example', 'address-refused'],
    ['it is another host by its look', () => '127.0.0.1@metadata.example', 'address-refused'],
  ])('is not asked where %s', async (_why, host, code) => {
    env['GCE_METADATA_HOST'] = host();
    await expect(mint()).rejects.toMatchObject({ code });
  });
});

describe('is told what is wrong, and nothing of a secret', () => {
  const failureOf = async (minted: Promise<Minted>): Promise<string> => {
    const error: unknown = await minted.catch((thrown: unknown) => thrown);
    const { problem } = error as { problem: { code: string } };
    const text = JSON.stringify(problem);
    expect(text).not.toMatch(/canary|PRIVATE/);
    expect(problem.code).toMatch(/source-failed|client-key-unusable/);
    return text;
  };

  it.each<[string, object, (key: Google['serviceAccountKey']) => string, string]>([
    [
      'a key of another account',
      {},
      (own) => JSON.stringify({ ...own, client_email: 'x' }),
      'the key of x',
    ],
    ['half a key', {}, (own) => JSON.stringify(own).slice(0, -9), 'no JSON'],
    [
      'a key that is none',
      {},
      (own) => JSON.stringify({ ...own, private_key: 'canary' }),
      'cannot be read',
    ],
    ['a file for workloads', {}, () => '{"type":"external_account"}', 'token-exchange'],
    ['anything else', {}, () => '["canary"]', 'service account'],
    [
      'an audience for a person',
      { audience: AUDIENCE },
      () => JSON.stringify(google.person),
      'impersonate',
    ],
    [
      'a role that is missing',
      {},
      () =>
        JSON.stringify({
          ...actingAs(google.person),
          service_account_impersonation_url: `${google.origin}/other:generateAccessToken`,
        }),
      'Token Creator',
    ],
  ])('%s', async (_what, rest, keyOf, words) => {
    expect(await failureOf(mint({ ...key, ...rest }, keyOf(google.serviceAccountKey)))).toContain(
      words,
    );
  });

  it('a sign-in that has ended, and a file that is not there', async () => {
    await defaultFile(google.person);
    google.end();
    expect(await failureOf(mint())).toContain('gcloud auth application-default login');
    env['GOOGLE_APPLICATION_CREDENTIALS'] = path.join(home, 'none.json');
    expect(await failureOf(mint())).toContain('none.json');
  });

  it('a machine without an account', async () => {
    google.failing = 404;
    expect(await failureOf(mint())).toContain('no service account');
  });

  it('and tried again later while Google has trouble', async () => {
    google.failing = 503;
    await expect(mint()).rejects.toMatchObject({ verdict: 'later' });
    await expect(mint(key)).rejects.toMatchObject({ verdict: 'later' });
  });
});

it('scopes and an audience exclude each other', () => {
  const settings = { kind: 'google', scopes: ['a'], audience: 'b' };
  expect(TokenSource.safeParse(settings).success).toBe(false);
});
