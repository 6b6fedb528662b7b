/** Does what names a secret go on with it as soon as it is kept, and who else names one? */
import { expect, it, vi } from 'vitest';
import {
  createSecretBindings,
  type SecretBindingDeps,
} from '../../../broker/control/secret-bindings.ts';
import type { ServerRecord } from '../../../broker/servers/registry.ts';
import { DoorSettings } from '../../../shared/contract/door.ts';
import { keyText } from '../../../shared/contract/ids.ts';
import { eventually } from '../../doubles/eventually.ts';
import { keyOf, startRestartableBroker } from '../../doubles/restartable-broker.ts';
import { startMcpServer } from '../../servers/mcp-server.ts';

it('a credential that could not be got is got as soon as its secret is there, though nobody asks for it', async () => {
  await using server = await startMcpServer({
    staticHeader: { name: 'X-Api-Key', value: 'canary-key' },
  });
  await using drawbridge = await startRestartableBroker();
  const { control } = drawbridge;
  await control.keepSecret({ name: 'KEY', value: 'canary-key' });
  const source = { kind: 'headers', headers: { 'X-Api-Key': '${vault:KEY}' } } as const;
  await control.addServer({ id: 'keyed', url: server.url, source });
  await drawbridge.reaches('keyed', 'signed-in');
  await control.removeSecret({ name: 'KEY' });
  await expect(control.renew(keyOf('keyed'))).rejects.toThrow('KEY');
  const { problem } = await drawbridge.reaches('keyed', 'needs-setup');
  expect(problem?.code).toBe('reference-unresolved');

  await control.keepSecret({ name: 'KEY', value: 'canary-key' });
  await expect.poll(() => drawbridge.account('keyed')?.gotAt, eventually).toBeGreaterThan(0);
  expect(drawbridge.account('keyed')?.state).toBe('signed-in');
});

const record = (id: string, more: Partial<ServerRecord> = {}): ServerRecord => ({
  ...{ id, kind: 'mcp', title: id, url: `https://${id}.example/mcp`, zone: 'public', addedAt: 0 },
  ...{ accounts: ['default'], defaultAccount: 'default', signedOut: [], tokenSource: 'oauth' },
  ...more,
});

const open = (servers: readonly ServerRecord[], more: Partial<SecretBindingDeps> = {}) => {
  const forgotten: string[] = [];
  const renewed: string[] = [];
  const beginMissing = vi.fn();
  const bindings = createSecretBindings({
    registry: { all: () => servers },
    secrets: {
      ...{ find: () => undefined, names: () => ['OTHER'] },
      ...{ keep: async () => undefined, remove: async () => undefined },
    },
    minted: {
      ...{ again: () => undefined, facts: () => undefined, forget: () => undefined },
      renew: async () => undefined,
    },
    book: { facts: () => undefined, renew: async (key) => void renewed.push(keyText(key)) },
    signIns: {
      failure: () => ({ code: 'reference-unresolved', message: 'there is nothing in it' }),
      forget: (key) => void forgotten.push(keyText(key)),
    },
    unattended: { beginMissing },
    door: { view: () => ({ settings: DoorSettings.parse({}), restart: false }) },
    forgive: () => undefined,
    openVault: async () => undefined,
    ...more,
  });
  return { bindings, forgotten, renewed, beginMissing };
};

it('sign-ins that failed for want of it may begin: of its client, of its certificate, and at its identity provider', async () => {
  const { bindings, forgotten, beginMissing } = open([
    record('client', { signIn: { clientId: 'c', clientSecretFrom: '${vault:X}' } }),
    record('shown', {
      clientCertificate: { certificate: '${file:/c.pem}', key: '${vault:X}', alsoAt: [] },
    }),
    record('provider', {
      ...{ kind: 'identity-provider', signIn: { clientSecretFrom: '${vault:X}' } },
    }),
    record('work', { signIn: { kind: 'enterprise', identityProvider: 'provider' } }),
    record('other', { signIn: { clientSecretFrom: '${vault:Y}' } }),
  ]);
  await bindings.keepSecret({}, { name: 'X', value: 'canary' });
  expect(forgotten).toEqual(['client', 'shown', 'provider', 'work'].map((id) => `${id}/default`));
  expect(beginMissing).toHaveBeenCalledOnce();
});

it('the verifier of the HTTP door names one as well', async () => {
  const verify = {
    ...{ kind: 'introspection', issuer: 'https://login.example', clientId: 'door' },
    clientSecret: '${vault:DOOR}',
  };
  const settings = DoorSettings.parse({ verify });
  const { bindings } = open([], { door: { view: () => ({ settings, restart: false }) } });
  expect(await bindings.secrets({}, undefined)).toEqual({ names: ['OTHER'], door: ['DOOR'] });
  expect(await open([]).bindings.secrets({}, undefined)).toEqual({ names: ['OTHER'] });
});
