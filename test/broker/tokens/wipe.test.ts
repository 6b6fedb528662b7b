/** Is everything gone from here at once, whatever the servers do, and is each of them told? */
import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLogger } from '../../../broker/log/logger.ts';
import type { GuardedFetch } from '../../../broker/net/guarded-fetch.ts';
import type { ClientRegistration } from '../../../broker/oauth/client-registration.ts';
import { createTokenBook, type TokenBook } from '../../../broker/tokens/book.ts';
import { grantFrom } from '../../../broker/tokens/grant.ts';
import { createRegistrations } from '../../../broker/tokens/registrations.ts';
import { createWipe, type WipeDeps } from '../../../broker/tokens/wipe.ts';
import { Secret } from '../../../broker/vault/secret.ts';
import { createVault, type Vault } from '../../../broker/vault/vault.ts';
import { ProblemError } from '../../../shared/contract/problems.ts';
import { createVirtualClock, type VirtualClock } from '../../doubles/clock.ts';
import { type Folder, makeFolder } from '../../doubles/folder.ts';
import { aSignIn, someTokens } from '../../doubles/grants.ts';
import { createKeychainDouble, type KeychainDouble } from '../../doubles/keychain.ts';

const key = { server: 'linear', account: 'default' };
const linear = {
  id: 'linear',
  accounts: ['default'],
  signedOut: [],
  tokenSource: 'oauth',
  zone: 'public',
} as const;

let folder: Folder;
let keychain: KeychainDouble;
let clock: VirtualClock;
let vault: Vault;
let book: TokenBook;
beforeEach(async () => {
  folder = makeFolder();
  keychain = createKeychainDouble();
  clock = createVirtualClock();
  vault = createVault({ folder: folder.path, keychain: keychain.keychain, clock });
  await vault.open();
  book = createTokenBook({
    ...{ vault, clock, log: createLogger(() => undefined, clock), random: () => 0.5 },
    renewTokens: () => expect.fail(),
    untilLoaded: async () => undefined,
    isFor: () => true,
    discard: () => undefined,
    hasMoved: async () => false,
    onChange: () => undefined,
  });
});
afterEach(() => folder[Symbol.dispose]());

const signIn = () =>
  book.keep(key, (generation) =>
    grantFrom(aSignIn(someTokens('0')), 'person', generation, clock.now()),
  );

/** What was asked of servers, what else was done, and the wipe itself. */
const prepare = (fetch: GuardedFetch, change: Partial<WipeDeps> = {}) => {
  const done: string[] = [];
  const asked: string[] = [];
  const wipe = createWipe({
    registry: {
      all: () => [linear],
      find: () => linear,
      markSignedOut: ({ server }, out) => done.push(`${server} ${out ? 'out' : 'in'}`),
    },
    ...{ book, vault, clock, log: createLogger(() => undefined, clock) },
    signIns: { stop: async () => void done.push('sign-ins end') },
    registrations: createRegistrations({ vault, book }),
    fetchFor: () => (address, request) => {
      asked.push(`${request?.method ?? 'GET'} ${String(address)}`);
      return fetch(address, request);
    },
    forget: () => undefined,
    removeDoorKeys: () => void done.push('door keys gone'),
    endPrograms: async () => undefined,
    removeActivity: async () => undefined,
    holdNetwork: () => () => void done.push('network let go'),
    openVault: async () => void done.push('vault opens'),
    onChange: () => undefined,
    ...change,
  });
  return { wipe, done, asked };
};

const agreeing: GuardedFetch = async () => new Response('{}', { status: 200 });
/** Ends only when it is told to. */
const hanging: GuardedFetch = (_address, request) =>
  new Promise((_resolve, reject) => {
    const refuse = (): void => reject(new Error('aborted'));
    if (request?.signal?.aborted === true) refuse();
    request?.signal?.addEventListener('abort', refuse);
  });

it('revokes, deletes what was registered, and leaves nothing here', async () => {
  const registration: ClientRegistration = {
    issuer: 'https://issuer.example',
    clientId: 'the-client',
    authMethod: 'none',
    management: { uri: 'https://issuer.example/clients/1', token: new Secret('canary-management') },
  };
  await createRegistrations({ vault, book }).keep(registration);
  await signIn();
  const { wipe, done, asked } = prepare(agreeing);

  const outcome = await wipe();

  expect(outcome).toEqual({ accounts: [{ ...key, revoked: 'yes' }], left: [] });
  expect(asked).toEqual([
    'POST https://issuer.example/revoke',
    'POST https://issuer.example/revoke',
    'DELETE https://issuer.example/clients/1',
  ]);
  expect([readdirSync(folder.path), [...keychain.items], book.keys()]).toEqual([[], [], []]);
  expect(done).toEqual([
    'sign-ins end',
    'door keys gone',
    'linear out',
    'network let go',
    'vault opens',
  ]);
});

it('a server that hangs keeps nothing on the disk, and is waited for 20 s at most', async () => {
  await signIn();
  const { wipe, done } = prepare(hanging);

  let outcome: unknown;
  const wiping = wipe().then((told) => {
    outcome = told;
  });
  await expect.poll(() => [readdirSync(folder.path), [...keychain.items]]).toEqual([[], []]);
  expect([book.keys(), done.includes('door keys gone')]).toEqual([[], true]);
  await clock.advance(19_999);
  expect(outcome).toBeUndefined();
  await clock.advance(1);
  await wiping;

  expect(outcome).toEqual({ accounts: [{ ...key, revoked: 'no' }], left: [] });
});

it('asks each question with a limit of its own', async () => {
  await signIn();
  const limits: (number | undefined)[] = [];
  const { wipe } = prepare(async (address, request) => {
    limits.push(request?.timeoutMs);
    return agreeing(address, request);
  });
  await wipe();
  expect(limits.every((limit) => limit !== undefined && limit < 20_000)).toBe(true);
});

it('takes what a sign-in saves while it is being ended', async () => {
  const saved = Promise.withResolvers<void>();
  const { wipe, asked } = prepare(agreeing, {
    signIns: {
      stop: async () => {
        await signIn().catch(() => undefined);
        saved.resolve();
      },
    },
  });
  const outcome = await wipe();
  await saved.promise;
  expect([book.keys(), readdirSync(folder.path)]).toEqual([[], []]);
  // Either it could not be saved, which the sign-in itself sees to, or it was and is revoked.
  expect(outcome.accounts.length).toBe(asked.length === 0 ? 0 : 1);
});

it('goes on when the settings cannot be written, and says so', async () => {
  await signIn();
  const { wipe } = prepare(agreeing, {
    removeDoorKeys: () => {
      throw new ProblemError('cannot-save', 'the settings could not be saved');
    },
    removeActivity: () => Promise.reject(new ProblemError('activity-remains', 'still there')),
  });
  const outcome = await wipe();
  expect(outcome).toMatchObject({
    accounts: [{ revoked: 'yes' }],
    left: [{ code: 'cannot-save' }, { code: 'activity-remains' }],
  });
  expect(readdirSync(folder.path)).toEqual([]);
});

it('of a closed vault says that nobody can tell what was in it, and removes it all the same', async () => {
  await signIn();
  keychain.failWith('the collection is locked');
  vault = createVault({ folder: folder.path, keychain: keychain.keychain, clock });
  await vault.open();
  book.dropAll();
  const { wipe, asked } = prepare(agreeing);

  const outcome = await wipe();

  expect(outcome).toMatchObject({
    accounts: [{ ...key, revoked: 'unknown' }],
    left: [{ code: 'vault-remains' }],
  });
  expect([readdirSync(folder.path), asked]).toEqual([[], []]);
});

it('runs once, however often it is asked for', async () => {
  await signIn();
  const { wipe, asked } = prepare(agreeing);
  const [one, other] = await Promise.all([wipe(), wipe()]);
  expect([one === other, asked.length]).toEqual([true, 2]);
  await vault.open();
  expect((await wipe()).accounts).toEqual([]);
});
