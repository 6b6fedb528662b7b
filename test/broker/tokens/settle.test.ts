import { describe, expect, it } from 'vitest';
import { createSettlements, type SettleDeps } from '../../../broker/tokens/settle.ts';
import { createVaultDouble } from '../../doubles/vault.ts';
import { key } from './open-book.ts';

const open = (change: Partial<SettleDeps> = {}) => {
  const vault = createVaultDouble();
  const settlements = createSettlements({
    settingsOf: () => ({ clientId: 'given', callbackPort: 4321, scopes: ['mcp:read'] }),
    documentUrl: 'https://drawbridge.example/client.json',
    vault,
    book: { facts: () => undefined },
    stepUps: { wanted: () => [] },
    ...change,
  });
  return { ...settlements, vault };
};

const granted = (scopes: string[] | undefined): SettleDeps['book'] => ({
  facts: () => ({
    ...{ generation: 1, obtainedAt: 0, expiresAt: undefined, label: undefined, ended: undefined },
    ...{ issuer: 'https://issuer.example', renewable: true, renewing: false },
    ...{ trouble: undefined, unsaved: undefined, scopes },
  }),
});

describe('what is settled for a sign-in', () => {
  it("is what the server's record says", () => {
    expect(open().of(key)).toEqual({
      client: { id: 'given', secret: undefined },
      documentUrl: 'https://drawbridge.example/client.json',
      callbackPort: 4321,
      scopes: ['mcp:read'],
      moreScopes: [],
    });
  });

  it('has the secret from the vault, which no print shows', async () => {
    const { of, keepSecret, vault } = open();
    await keepSecret(key.server, 'canary-secret');

    const { client } = of(key);

    expect(client?.secret?.reveal()).toBe('canary-secret');
    expect(`${client?.secret} ${JSON.stringify(client)}`).not.toContain('canary');
    await keepSecret(key.server, undefined);
    expect(of(key).client?.secret).toBeUndefined();
    expect([...vault.records]).toEqual([]);
  });

  it("is nobody's secret but this server's", async () => {
    const { of, keepSecret } = open();
    await keepSecret('another', 'canary-secret');
    expect(of(key).client?.secret).toBeUndefined();
  });

  it('has no client where none was given, though a secret is left', async () => {
    const { of, keepSecret } = open({ settingsOf: () => ({}) });
    await keepSecret(key.server, 'canary-secret');
    expect(of(key)).toMatchObject({
      client: undefined,
      callbackPort: undefined,
      scopes: undefined,
    });
  });

  it.each([
    [['read', 'files'], ['write'], ['read', 'files', 'write']],
    [undefined, ['write'], ['write']],
    [['read'], [], []],
  ])('with %j granted and %j wanted asks for %j more (A28)', (scopes, wanted, more) => {
    const { of } = open({ book: granted(scopes), stepUps: { wanted: () => wanted } });
    expect(of(key).moreScopes).toEqual(more);
  });
});
