/** Does Drawbridge get a token for itself, however it is wanted to prove itself? (RFC 6749 section 4.4, RFC 7523) */
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SignJWT } from 'jose';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNet } from '../../../../broker/net/guarded-fetch.ts';
import { systemClock } from '../../../../broker/system-clock.ts';
import {
  clientCredentialsSource,
  entraSource,
} from '../../../../broker/tokens/sources/as-client.ts';
import { createRun } from '../../../../broker/tokens/sources/run-program.ts';
import type { Minted } from '../../../../broker/tokens/sources/source.ts';
import { Secret } from '../../../../broker/vault/secret.ts';
import { TokenSource } from '../../../../shared/contract/token-sources.ts';
import { createConcealing } from '../../../doubles/concealing.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../../servers/authorization-server.ts';
import {
  APPLICATION,
  APPLICATION_SECRET,
  type Entra,
  startEntra,
  TENANT,
} from '../../../servers/entra.ts';
import { publicJwk } from '../../oauth/worlds.ts';

const net = createNet(systemClock);
const run = createRun({ after: systemClock.after, clean: (text) => text });
const { conceal, watching, openly } = createConcealing();
afterEach(() => expect(openly()).toEqual([]));
const SECRET = 'canary-secret:of the/machine';
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const KEY = ec.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const mint = (settings: object, values: Readonly<Record<string, string>>): Promise<Minted> => {
  const source = TokenSource.parse(settings);
  const deps = {
    ...{ run, env: process.env },
    resolve: async (value: string) => {
      const secret = new Secret(values[value] ?? value);
      conceal(secret);
      return secret;
    },
    ...{ conceal, fetch: watching(net.fetchFor('loopback')), now: Date.now },
  };
  if (source.kind === 'client-credentials')
    return clientCredentialsSource(source, deps).mint(new AbortController().signal);
  if (source.kind === 'entra') return entraSource(source, deps).mint(new AbortController().signal);
  throw new Error('of another kind');
};
const tokenOf = (minted: Minted): string => ('token' in minted ? minted.token.reveal() : '');

describe('client credentials', () => {
  let as: AuthorizationServer;
  afterEach(() => as.close());
  const start = async (
    method: 'client_secret_basic' | 'private_key_jwt',
  ): Promise<AuthorizationServer> => {
    as = await startAuthorizationServer({
      clients: [
        {
          ...{ client_id: 'machine', redirect_uris: [], response_types: [] },
          ...{ grant_types: ['client_credentials'], token_endpoint_auth_method: method },
          ...(method === 'private_key_jwt'
            ? { jwks: { keys: [publicJwk(ec.publicKey)] } }
            : { client_secret: SECRET }),
        },
      ],
    });
    as.setDefaultResource('https://mcp.example/mcp');
    return as;
  };
  const settings = (rest: object) => ({
    ...{ kind: 'client-credentials', clientId: 'machine', scopes: ['mcp:read'], ...rest },
  });
  const byWhom = [
    ['client_secret_basic', { clientSecret: '${vault:SECRET}' }],
    ['private_key_jwt', { clientKey: '${vault:KEY}' }],
  ] as const;
  const values = { '${vault:SECRET}': SECRET, '${vault:KEY}': KEY };

  it.each(byWhom)('with %s, at the issuer', async (method, proof) => {
    const { issuer } = await start(method);
    const resource = 'https://mcp.example/other';
    const minted = await mint(settings({ issuer, resource, ...proof }), values);
    await expect.poll(() => as.issued()).toContain(tokenOf(minted));
    expect(minted.expiresAt).toBeGreaterThan(Date.now() + 3_500_000);
    expect(as.seen.at(-1)).toMatchObject({
      ...{ grantType: 'client_credentials', scope: 'mcp:read', resource },
    });
  });

  it.each(byWhom)('with %s, at the token endpoint alone', async (method, proof) => {
    const { issuer } = await start(method);
    const tokenUrl = `${issuer}/token`;
    const minted = await mint(settings({ tokenUrl, ...proof }), values);
    await expect.poll(() => as.issued()).toContain(tokenOf(minted));
    expect(as.seen.map(({ endpoint }) => endpoint)).toEqual(['token']);
  });

  it('for an audience', async () => {
    const { issuer } = await start('client_secret_basic');
    const at = {
      tokenUrl: `${issuer}/token`,
      audience: 'the-api',
      clientSecret: '${vault:SECRET}',
    };
    const token = tokenOf(await mint(settings(at), values));
    await expect.poll(() => as.issued()).toContain(token);
    expect(as.seen.at(-1)?.params).toMatchObject({ audience: 'the-api' });
  });

  it.each<[string, Parameters<typeof start>[0], object]>([
    ['a secret that is another', 'client_secret_basic', { clientSecret: '${vault:KEY}' }],
    [
      'a client that is unknown',
      'client_secret_basic',
      { clientId: 'x', clientSecret: '${vault:SECRET}' },
    ],
    [
      'an assertion that nobody has signed',
      'private_key_jwt',
      { clientAssertion: '${vault:SECRET2}' },
    ],
  ])('with %s says what to look at', async (_what, method, rest) => {
    const { issuer } = await start(method);
    const more = { ...values, '${vault:KEY}': 'canary-other', '${vault:SECRET2}': 'canary.a.b' };
    const error: unknown = await mint(settings({ issuer, ...rest }), more).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({
      ...{ code: 'source-failed', hint: expect.stringContaining('client id') },
    });
    expect(JSON.stringify((error as { problem: unknown }).problem)).not.toContain('canary');
  });

  it('with a key that cannot be read says so before anybody is asked', async () => {
    const { issuer } = await start('private_key_jwt');
    const proof = { tokenUrl: `${issuer}/token`, clientKey: '${vault:KEY}' };
    await expect(mint(settings(proof), { '${vault:KEY}': 'canary-no-key' })).rejects.toMatchObject({
      code: 'client-key-unusable',
    });
    expect(as.seen).toEqual([]);
  });

  it('while the server has trouble is tried again later', async () => {
    const { issuer } = await start('client_secret_basic');
    as.misbehave.token('server-error');
    const proof = { tokenUrl: `${issuer}/token`, clientSecret: '${vault:SECRET}' };
    await expect(mint(settings(proof), values)).rejects.toMatchObject({ verdict: 'later' });
  });
});

describe('Microsoft Entra', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'drawbridge-'));
  const made = ['-keyout', `${folder}/key.pem`, '-out', `${folder}/cert.pem`];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=app', ...made],
    { stdio: 'ignore' },
  );
  const privateKey = readFileSync(`${folder}/key.pem`, 'utf8');
  const certificate = readFileSync(`${folder}/cert.pem`, 'utf8');
  const platform = generateKeyPairSync('rsa', { modulusLength: 2048 });
  let entra: Entra;
  beforeEach(async () => {
    entra = await startEntra({ certificate, platform: platform.publicKey });
  });
  afterEach(() => entra[Symbol.asyncDispose]());
  afterAll(() => rmSync(folder, { recursive: true }));

  const ask = (
    proof: object,
    values: Readonly<Record<string, string>>,
    rest: object = {},
  ): Promise<Minted> => {
    const { authority } = entra;
    const settings = {
      kind: 'entra',
      tenant: TENANT,
      clientId: APPLICATION,
      resource: 'api://tools',
    };
    return mint({ ...settings, authority, ...proof, ...rest }, values);
  };
  const word = (audience: string): Promise<string> =>
    new SignJWT({ sub: 'system:serviceaccount:tools:drawbridge' })
      .setProtectedHeader({ alg: 'RS256' })
      .setAudience(audience)
      .setExpirationTime('1h')
      .sign(platform.privateKey);

  it.each([
    [
      'a secret',
      { clientSecret: '${vault:S}' },
      async () => ({ '${vault:S}': APPLICATION_SECRET }),
    ],
    [
      'the key of a certificate',
      { clientKey: '${vault:K}', certificate: '${file:cert.pem}' },
      async () => ({ '${vault:K}': privateKey, '${file:cert.pem}': certificate }),
    ],
    [
      'one file that holds both',
      { clientKey: '${file:both.pem}', certificate: '${file:both.pem}' },
      async () => ({ '${file:both.pem}': `${privateKey}${certificate}` }),
    ],
    [
      'the word of a platform',
      { clientAssertion: '${file:token}' },
      async () => ({ '${file:token}': `${await word('api://AzureADTokenExchange')}\n` }),
    ],
  ])('with %s', async (_how, proof, values) => {
    const minted = await ask(proof, await values());
    expect(entra.issued(tokenOf(minted))).toBe(true);
    expect(minted.expiresAt).toBeGreaterThan(Date.now() + 3_500_000);
    expect(entra.asked.at(-1)).toMatchObject({
      ...{
        grant_type: 'client_credentials',
        client_id: APPLICATION,
        scope: 'api://tools/.default',
      },
    });
  });

  it('with the word that a program prints', async () => {
    const text = JSON.stringify({ token: await word('api://AzureADTokenExchange') });
    const print = `console.log(${JSON.stringify(text)})`;
    const minted = await ask({ clientAssertionCommand: [process.execPath, '-e', print] }, {});
    expect(entra.issued(tokenOf(minted))).toBe(true);
  });

  it.each([
    ['of another tenant', { tenant: 'other' }],
    ['as another application', { clientId: 'other' }],
    ['with a secret that is another', { clientSecret: '${vault:OTHER}' }],
  ])('%s says what to look at', async (_what, rest) => {
    const error: unknown = await ask(
      { clientSecret: '${vault:S}' },
      { '${vault:S}': APPLICATION_SECRET, '${vault:OTHER}': 'canary-other' },
      rest,
    ).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'source-failed' });
    expect(JSON.stringify((error as { problem: unknown }).problem)).not.toContain('canary');
  });

  it('with a certificate that is none says so', async () => {
    const proof = { clientKey: '${vault:K}', certificate: '${file:c}' };
    await expect(
      ask(proof, { '${vault:K}': privateKey, '${file:c}': privateKey }),
    ).rejects.toMatchObject({ message: expect.stringContaining('certificate') });
  });

  it.each([
    ['without a proof', {}],
    ['with two', { clientSecret: '${vault:S}', clientAssertion: '${vault:S}' }],
    ['with a key and no certificate', { clientKey: '${vault:S}' }],
    ['with a tenant that is a path', { clientSecret: '${vault:S}', tenant: '../a' }],
    ['with a secret written down', { clientSecret: 'canary' }],
  ])('%s cannot be set up', (_what, rest) => {
    const settings = { kind: 'entra', tenant: 'a', clientId: 'b', resource: 'c', ...rest };
    expect(TokenSource.safeParse(settings).success).toBe(false);
  });
});
