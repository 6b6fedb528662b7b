import { describe, expect, it } from 'vitest';
import {
  createSettlements,
  type SettleDeps,
  type Settlements,
} from '../../../broker/tokens/settle.ts';
import { Secret } from '../../../broker/vault/secret.ts';
import { shownPart } from '../../../shared/contract/client-secrets.ts';
import { ProblemError } from '../../../shared/contract/problems.ts';
import type { SignInChange, SignInWish } from '../../../shared/contract/sign-in-settings.ts';
import { createVaultDouble } from '../../doubles/vault.ts';
import { key } from './open-book.ts';

const redirect = 'http://127.0.0.1:4321/callback';

const open = (change: Partial<SettleDeps> = {}) => {
  const vault = createVaultDouble();
  /** Which secrets were held whenever a change was told of. */
  const shown: ReturnType<Settlements['holds']>[] = [];
  const settlements: Settlements = createSettlements({
    clientIssuerOf: () => undefined,
    settingsOf: () => ({ clientId: 'given', redirect, scopes: ['mcp:read'] }),
    documentUrl: () => 'https://drawbridge.example/client.json',
    vault,
    book: { facts: () => undefined },
    stepUps: { wanted: () => [] },
    resolve: async (value) => new Secret(`canary of ${value}`),
    onChange: () => shown.push(settlements.holds(key.server)),
    ...change,
  });
  return { ...settlements, vault, shown };
};

const set = (wish: SignInWish): SignInChange => ({ set: wish, unset: [] });
const unset = (...names: SignInChange['unset']): SignInChange => ({ set: {}, unset: names });

const granted = (scopes: string[] | undefined): SettleDeps['book'] => ({
  facts: () => ({
    ...{ generation: 1, obtainedAt: 0, expiresAt: undefined, label: undefined, ended: undefined },
    ...{ issuer: 'https://issuer.example', clientId: 'c', renewable: true, renewing: false },
    ...{ trouble: undefined, unsaved: undefined, scopes },
  }),
});

describe('what is settled for a sign-in', () => {
  it("is what the server's record says", () => {
    expect(open().of(key)).toEqual({
      client: { id: 'given', secret: undefined, key: undefined },
      documentUrl: 'https://drawbridge.example/client.json',
      redirect,
      scopes: ['mcp:read'],
      moreScopes: [],
      parameters: {},
      exceptions: new Set(),
    });
  });

  it('has the parameters to send along and the rules that the server may break', () => {
    const { of } = open({
      clientIssuerOf: () => undefined,
      settingsOf: () => ({ parameters: { prompt: 'login' }, exceptions: ['pkce-unadvertised'] }),
    });
    expect(of(key)).toMatchObject({
      parameters: { prompt: 'login' },
      exceptions: new Set(['pkce-unadvertised']),
    });
  });

  it.each(['clientSecret', 'clientKey'] as const)(
    'has the %s from the vault, which no print shows',
    async (name) => {
      const { of, keepSecrets, holds, vault } = open();
      const given = () => ({
        clientSecret: of(key).client?.secret,
        clientKey: of(key).client?.key,
      });
      await keepSecrets(key.server, set({ [name]: 'canary-secret' }));

      expect(given()[name]?.reveal()).toBe('canary-secret');
      expect(`${given()[name]} ${JSON.stringify(of(key))}`).not.toContain('canary');
      expect(holds(key.server)).toEqual({
        hasClientSecret: name === 'clientSecret',
        hasClientKey: name === 'clientKey',
      });
      await keepSecrets(key.server, unset(name));
      expect(given()).toEqual({ clientSecret: undefined, clientKey: undefined });
      expect([...vault.records]).toEqual([]);
    },
  );

  it('keeps the secret that a change does not name, and writes nothing then', async () => {
    const { of, keepSecrets, vault } = open();
    await keepSecrets(key.server, set({ clientSecret: 'canary-secret', clientKey: 'canary-key' }));
    const written = vault.asked.length;

    await keepSecrets(key.server, { set: { scopes: ['more'] }, unset: ['redirect'] });
    expect(vault.asked).toHaveLength(written);
    await keepSecrets(key.server, unset('clientSecret'));

    expect(of(key).client?.secret).toBeUndefined();
    expect(of(key).client?.key?.reveal()).toBe('canary-key');
  });

  it('is told of as changed once its secrets are held', async () => {
    const { keepSecrets, shown } = open();
    await keepSecrets(key.server, set({ clientSecret: 'canary-secret' }));
    await keepSecrets(key.server, unset('clientSecret'));
    expect(shown).toEqual([
      { hasClientSecret: true, hasClientKey: false },
      { hasClientSecret: false, hasClientKey: false },
    ]);
  });

  it("is nobody's secret but this server's", async () => {
    const { of, keepSecrets, holds } = open();
    await keepSecrets('another', set({ clientSecret: 'canary-secret' }));
    expect(of(key).client?.secret).toBeUndefined();
    expect(holds(key.server)).toEqual({ hasClientSecret: false, hasClientKey: false });
  });

  it('has no client where none was given, though a secret is left', async () => {
    const { of, client, keepSecrets } = open({ settingsOf: () => ({}) });
    await keepSecrets(key.server, set({ clientSecret: 'canary-secret' }));
    expect(of(key)).toMatchObject({
      client: undefined,
      redirect: undefined,
      scopes: undefined,
    });
    expect(client(key.server)).toBeUndefined();
  });

  it('is gone with its server, and asks a vault for nothing where there was nothing', async () => {
    const { keepSecrets, forget, vault } = open();
    await keepSecrets('another', set({ clientSecret: 'canary-theirs' }));
    await keepSecrets(key.server, set({ clientSecret: 'canary-1', clientKey: 'canary-2' }));

    await forget(key.server);

    expect([...vault.records]).toEqual([['client-secret:another', 'canary-theirs']]);
    const written = vault.asked.length;
    await forget(key.server);
    expect(vault.asked).toHaveLength(written);
  });

  it.each([
    [['read', 'files'], ['write'], ['read', 'files', 'write']],
    [undefined, ['write'], ['write']],
    [['read'], [], []],
  ])('with %j granted and %j wanted asks for %j more (A28)', (scopes, wanted, more) => {
    const { of } = open({ book: granted(scopes), stepUps: { wanted: () => wanted } });
    expect(of(key).moreScopes).toEqual(more);
    // What the person asks for themselves counts like what a refused request has shown.
    expect(open({ book: granted(scopes) }).of(key, wanted).moreScopes).toEqual(more);
  });
});

describe('a client secret that stands elsewhere', () => {
  const elsewhere = { settingsOf: () => ({ clientId: 'given', clientSecretFrom: '${file:/s}' }) };

  it('is looked up each time the client has to prove itself, and not before', async () => {
    let text = 'canary-1';
    const { of, presentClient } = open({ ...elsewhere, resolve: async () => new Secret(text) });
    expect(of(key).client).toMatchObject({ secret: undefined, secretFrom: '${file:/s}' });

    expect((await presentClient(key.server))?.secret?.reveal()).toBe('canary-1');
    text = 'canary-2';
    expect((await presentClient(key.server))?.secret?.reveal()).toBe('canary-2');
  });

  it('stops whoever needs it where it is not there', async () => {
    const { presentClient } = open({
      ...elsewhere,
      resolve: () => Promise.reject(new ProblemError('reference-unresolved', 'nothing there')),
    });
    await expect(presentClient(key.server)).rejects.toMatchObject({
      code: 'reference-unresolved',
    });
  });
});

it('what a server is signed in to with is as its record says', () => {
  const service = { issuer: 'https://login.example', resource: 'api://tools' };
  const { of } = open({ settingsOf: () => ({ ...service, noBrowser: true, timeoutS: 90 }) });
  expect(of(key)).toMatchObject({ service, noBrowser: true, patienceMs: 90_000 });
});

it('what may be shown of a wish is all but its secrets', () => {
  const shown: SignInWish = { kind: 'client-credentials', clientId: 'given', scopes: ['a'] };
  expect(shownPart({ ...shown, clientSecret: 'canary-1', clientKey: 'canary-2' })).toEqual(shown);
});
