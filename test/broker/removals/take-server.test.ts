/** Is a server taken whole or not at all, and put back whole whatever fails on the way? */
import { expect, it } from 'vitest';
import { type TakeServerDeps, takeServer } from '../../../broker/removals/take-server.ts';
import { createRegistry, type ServerRecord } from '../../../broker/servers/registry.ts';
import { createSettlements } from '../../../broker/tokens/settle.ts';
import { leave, type SignOutDeps } from '../../../broker/tokens/sign-out.ts';
import type { AccountKey } from '../../../shared/contract/ids.ts';
import { serverOfGrants, someTokens } from '../../doubles/grants.ts';
import { createVaultDouble } from '../../doubles/vault.ts';
import { openBookOn } from '../tokens/open-book.ts';

const SERVER = 'linear';
const accounts = ['default', 'work', 'home'];
const keys = accounts.map((account): AccountKey => ({ server: SERVER, account }));
const inTime = (): void => undefined;
const isFull = new Error('the disk is full');

/** A server with three accounts, of which two are signed in, and a secret of its client. */
const open = async () => {
  const stored = createVaultDouble();
  /** Of records: that they cannot be written, or not even be removed. */
  const failing = new Map<string, 'written' | 'removed'>();
  const vault: typeof stored = {
    ...stored,
    write: async (name, record) => {
      if (failing.get(name) === (record === undefined ? 'removed' : 'written')) throw isFull;
      await stored.write(name, record);
    },
  };
  const { book, signIn, sends } = openBookOn({ vault });
  let records: readonly ServerRecord[] = [];
  const registry = createRegistry(
    { read: () => records, write: (next) => void (records = next) },
    () => undefined,
  );
  registry.add({
    ...{
      id: SERVER,
      title: 'Linear',
      kind: 'mcp',
      url: serverOfGrants,
      zone: 'public',
      addedAt: 1,
    },
    ...{ tokenSource: 'oauth', accounts, signIn: { clientId: 'the-client' } },
  });
  await signIn(someTokens('default'), keys[0]);
  await signIn(someTokens('work'), keys[1]);
  const settlements = createSettlements({
    settingsOf: (server) => registry.find(server)?.signIn ?? {},
    ...{ clientIssuerOf: () => undefined, documentUrl: () => undefined, onChange: () => undefined },
    ...{ resolve: () => Promise.reject(isFull), stepUps: { wanted: () => [] } },
    ...{ vault, book },
  });
  await settlements.keepSecrets(SERVER, { set: { clientSecret: 'canary-secret' }, unset: [] });

  const revoked: string[] = [];
  const done: string[] = [];
  let localFails = false;
  const leaving: SignOutDeps = {
    book,
    registrations: {
      ...{ find: () => undefined, drop: async () => undefined, isInUse: () => true },
      hold: () => ({ on: () => undefined, release: () => [] }),
    },
    fetch: async (_url, request) => {
      const body = typeof request?.body === 'string' ? request.body : '';
      revoked.push(new URLSearchParams(body).get('token') ?? '');
      return new Response(null, { status: 200 });
    },
  };
  const deps: TakeServerDeps = {
    ...{ registry, book, settlements, now: () => 1_000, isDemo: () => false },
    signIns: { cancel: async () => undefined, forget: () => undefined },
    leave: (key) => leave(leaving, key),
    minted: { forget: () => void done.push('minted') },
    local: {
      take: async () => {
        if (localFails) throw isFull;
        return async () => undefined;
      },
      ended: () => void done.push('ended'),
    },
    activity: { forget: async () => void done.push('activity') },
    capture: { forget: () => void done.push('capture') },
  };
  return {
    ...{ failing, revoked, done, sends, stored, registry },
    take: () => takeServer(deps, SERVER),
    localFails: () => void (localFails = true),
    /** What of it is there. */
    there: () => ({
      server: registry.find(SERVER) !== undefined,
      signedIn: keys.filter((key) => book.held(key) !== undefined).map(({ account }) => account),
      secret: settlements.kept(SERVER).clientSecret?.reveal(),
    }),
  };
};

const whole = { server: true, signedIn: ['default', 'work'], secret: 'canary-secret' };
const nothing = { server: false, signedIn: [], secret: undefined };

it('is taken whole, and comes back whole', async () => {
  const { take, there, stored, revoked, sends } = await open();
  const before = stored.names().toSorted();
  const { name, putBack } = await take();
  expect([name, there(), stored.records.size]).toEqual(['Linear', nothing, 0]);
  await putBack(inTime);
  expect([there(), stored.names().toSorted(), revoked]).toEqual([whole, before, []]);
  expect(await sends()).toBe('default');
});

it.each([
  ['its first sign-in', 'grant:linear/default'],
  ['its second sign-in', 'grant:linear/work'],
  ['its secret', 'client-secret:linear'],
  ['the variables of its program', undefined],
])('is not taken at all where %s cannot be', async (_what, record) => {
  const { take, there, failing, localFails, revoked, done } = await open();
  if (record === undefined) localFails();
  else failing.set(record, 'removed');

  await expect(take()).rejects.toThrow('the disk is full');

  expect([there(), revoked, done]).toEqual([whole, [], []]);
});

it('that cannot be put back half way is put back by the next try, each part once', async () => {
  const { take, there, failing, revoked } = await open();
  const { putBack } = await take();
  failing.set('grant:linear/default', 'written');

  await expect(putBack(inTime)).rejects.toThrow('the disk is full');
  expect(there()).toEqual({ ...whole, signedIn: ['work'] });

  failing.clear();
  await putBack(inTime);
  expect([there(), revoked]).toEqual([whole, []]);
});

it('that came back half way gives nothing to another one of its id', async () => {
  const { take, there, failing, registry } = await open();
  const { putBack } = await take();
  failing.set('client-secret:linear', 'written');
  await expect(putBack(inTime)).rejects.toThrow('the disk is full');
  registry.remove(SERVER);
  registry.add({
    ...{ id: SERVER, title: 'Another', kind: 'mcp', url: serverOfGrants, zone: 'public' },
    ...{ tokenSource: 'oauth', addedAt: 2 },
  });
  failing.clear();
  await expect(putBack(inTime)).rejects.toMatchObject({ code: 'undo-too-late' });
  expect(there()).toEqual({ server: true, signedIn: [], secret: undefined });
});

it('of which a part can neither be taken nor put back: what is lost here ends at its server too', async () => {
  const { take, there, failing, revoked } = await open();
  failing.set('client-secret:linear', 'removed');
  failing.set('grant:linear/default', 'written');

  await expect(take()).rejects.toThrow('the disk is full');

  expect(there()).toEqual({ ...whole, signedIn: ['work'] });
  expect(revoked.toSorted()).toEqual(['canary-access-default', 'canary-refresh-default']);
});

it('is settled for good: its sign-ins end at their servers, and its activity goes', async () => {
  const { take, revoked, done } = await open();
  const { settle } = await take();
  expect(revoked).toEqual([]);
  expect(await settle?.()).toBeUndefined();
  expect(revoked.toSorted()).toEqual([
    'canary-access-default',
    'canary-access-work',
    'canary-refresh-default',
    'canary-refresh-work',
  ]);
  expect(done).toContain('activity');
});
