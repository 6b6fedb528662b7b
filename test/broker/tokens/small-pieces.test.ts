import { setImmediate as settled } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { GuardedFetch } from '../../../broker/net/guarded-fetch.ts';
import { ClientRegistration } from '../../../broker/oauth/client-registration.ts';
import { grantFrom } from '../../../broker/tokens/grant.ts';
import { createRegistrations } from '../../../broker/tokens/registrations.ts';
import { retryDelay } from '../../../broker/tokens/retry-delay.ts';
import { leave, type SignOutDeps } from '../../../broker/tokens/sign-out.ts';
import { createSingleFlight, createTurns } from '../../../broker/tokens/single-flight.ts';
import { Secret } from '../../../broker/vault/secret.ts';
import type { AccountKey } from '../../../shared/contract/ids.ts';
import { aSignIn } from '../../doubles/grants.ts';
import { createVaultDouble } from '../../doubles/vault.ts';
import { key, openBook } from './open-book.ts';

describe('the wait before the next try', () => {
  it.each([
    [1, 0.999_999, 2_000],
    [2, 0.999_999, 4_000],
    [8, 0.999_999, 256_000],
    [9, 0.999_999, 300_000],
    [1000, 0.999_999, 300_000],
    [3, 0.5, 4_000],
    [1, 0, 500],
    [1000, 0, 500],
  ])('after %i failures and a random of %f is %i ms', (failures, random, expected) => {
    expect(retryDelay(failures, random)).toBe(expected);
  });
});

describe('a single flight', () => {
  it('is joined while it runs, and begun anew afterwards, failed or not', async () => {
    const fly = createSingleFlight().join;
    const runs: PromiseWithResolvers<void>[] = [];
    const run = () => {
      const one = Promise.withResolvers<void>();
      runs.push(one);
      return one.promise;
    };

    const first = fly('a', run);
    const joined = fly('a', run);
    const other = fly('b', run);
    expect(runs).toHaveLength(2);
    runs[0]?.reject(new Error('failed'));
    await expect(first).rejects.toThrow('failed');
    await expect(joined).rejects.toThrow('failed');
    runs[1]?.resolve();
    await other;
    void fly('a', run);

    expect(runs).toHaveLength(3);
  });
});

describe('turns', () => {
  it('are taken one after the other for one key, and side by side for two', async () => {
    const inTurn = createTurns();
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const done: string[] = [];
    const failing = inTurn('a', async () => {
      await gate;
      done.push('a1');
      throw new Error('failed');
    });
    const second = inTurn('a', async () => done.push('a2'));
    await inTurn('b', async () => done.push('b'));
    expect(done).toEqual(['b']);

    open();

    await expect(failing).rejects.toThrow('failed');
    await second;
    expect(done).toEqual(['b', 'a1', 'a2']);
    await settled();
    expect(await inTurn('a', async () => 'again')).toBe('again');
  });
});

const noGrants = { keys: () => [], facts: () => undefined };

describe('a client registration', () => {
  const { client } = aSignIn();

  it('is kept for its issuer, found again, and forgotten', async () => {
    const vault = createVaultDouble();
    const registrations = createRegistrations({ vault, book: noGrants });
    await registrations.keep(client);
    const found = createRegistrations({ vault, book: noGrants }).find(client.issuer);
    expect(found).toEqual(client);
    expect(found?.clientSecret?.reveal()).toBe('canary-client-secret');

    await registrations.forget(client);

    expect(registrations.find(client.issuer)).toBeUndefined();
    expect(vault.records.size).toBe(0);
    expect(registrations.doubts(client.issuer)).toBe(true);
  });

  it('is never used at another issuer, whatever the vault says', async () => {
    const vault = createVaultDouble();
    await vault.write('client:https://evil.example', ClientRegistration.encode(client));

    expect(
      createRegistrations({ vault, book: noGrants }).find('https://evil.example'),
    ).toBeUndefined();
  });
});

const signOut = async (deps: SignOutDeps, key: AccountKey) => (await leave(deps, key)).end();

describe('signing out', () => {
  const noRegistrations = createRegistrations({ vault: createVaultDouble(), book: noGrants });
  const revoking = (answer: () => Response) => {
    const asked: string[] = [];
    return {
      asked,
      fetch: async (_url: string | URL, request?: { readonly body?: string }) => {
        asked.push(new URLSearchParams(request?.body).get('token') ?? '');
        return answer();
      },
    };
  };
  it.each([
    ['yes', () => new Response(null, { status: 200 })],
    ['no', () => Response.json({ error: 'server_error' }, { status: 503 })],
    ['no', () => Response.error()],
  ])(
    'asks for the end of both tokens, the refresh token first, and tells the outcome (%s)',
    async (revoked, answer) => {
      const { book, signIn, sends, vault } = openBook();
      await signIn();
      const { fetch, asked } = revoking(answer);

      expect(await signOut({ book, registrations: noRegistrations, fetch }, key)).toEqual({
        revoked,
      });

      expect(asked).toEqual(['canary-refresh-0', 'canary-access-0']);
      expect(await sends()).toBe('needs-sign-in');
      expect(vault.records.size).toBe(0);
    },
  );

  it('of nothing asks nobody', async () => {
    const { fetch, asked } = revoking(() => new Response());
    const { book } = openBook();

    expect(await signOut({ book, registrations: noRegistrations, fetch }, key)).toEqual({
      revoked: 'nothing-to-revoke',
    });
    expect(asked).toEqual([]);
  });

  describe('where the registration can be managed (RFC 7592)', () => {
    const managed: ClientRegistration = {
      ...aSignIn().client,
      management: {
        uri: 'https://issuer.example/manage',
        token: new Secret('canary-management'),
      },
    };
    const another: AccountKey = { server: 'another', account: 'default' };

    /** A server that answers a deletion with `status`, and what it was asked. */
    const openSignOut = async (held: ClientRegistration, status = 204) => {
      const { book, vault, signIn, log } = openBook();
      const registrations = createRegistrations({ vault, book });
      await registrations.keep(held);
      const asked: string[] = [];
      const fetch: GuardedFetch = async (url, { method = 'GET', headers } = {}) => {
        asked.push(`${method} ${String(url)} ${new Headers(headers).get('authorization')}`);
        return new Response(null, { status: method === 'DELETE' ? status : 200 });
      };
      return {
        ...{ book, signIn, registrations, log },
        isHeld: () => registrations.find(held.issuer) !== undefined,
        out: (who: AccountKey) => signOut({ book, registrations, fetch }, who),
        deletions: () => asked.filter((one) => one.startsWith('DELETE')),
        asked,
      };
    };

    it('deletes it after the tokens are dead', async () => {
      const { signIn, out, asked, isHeld, registrations } = await openSignOut(managed);
      await signIn();

      expect(await out(key)).toEqual({ revoked: 'yes' });

      expect(asked.at(-1)).toBe('DELETE https://issuer.example/manage Bearer canary-management');
      expect(asked).toHaveLength(3);
      expect(isHeld()).toBe(false);
      // Nobody is to blame: the next sign-in asks for the redirect that it likes best.
      expect(registrations.doubts(managed.issuer)).toBe(false);
    });

    it('leaves it to the last account at the issuer', async () => {
      const { signIn, out, deletions, isHeld } = await openSignOut(managed);
      await signIn();
      await signIn(undefined, another);

      await out(key);
      expect([deletions(), isHeld()]).toEqual([[], true]);
      await out(another);

      expect([deletions().length, isHeld()]).toEqual([1, false]);
    });

    it('leaves it to a sign-in that is running, which may go by it', async () => {
      const { signIn, out, deletions, isHeld, registrations } = await openSignOut(managed);
      await signIn();
      const hold = registrations.hold();
      hold.on(managed);
      await out(key);
      expect([deletions(), isHeld()]).toEqual([[], true]);

      hold.release();
      await signIn();
      await out(key);

      expect([deletions().length, isHeld()]).toEqual([1, false]);
    });

    it('deletes the one that the grant is of, where another has taken its place since', async () => {
      const { book, out, deletions, isHeld } = await openSignOut({
        ...managed,
        clientId: 'its-successor',
      });
      const signedIn = { ...aSignIn(), client: managed };
      await book.keep(key, (generation) => grantFrom(signedIn, 'person', generation, 0));

      await out(key);

      expect([deletions().length, isHeld()]).toEqual([1, true]);
    });

    it.each<[string, ClientRegistration]>([
      ['is not managed', { ...managed, management: undefined }],
      ['is another client than the grant is of', { ...managed, clientId: 'another' }],
    ])('leaves one alone that %s', async (_name, held) => {
      const { signIn, out, deletions, isHeld } = await openSignOut(held);
      await signIn();
      await out(key);
      expect([deletions(), isHeld()]).toEqual([[], true]);
    });

    it('keeps one that the server does not delete, and signs out all the same', async () => {
      const { signIn, out, isHeld } = await openSignOut(managed, 503);
      await signIn();
      expect(await out(key)).toEqual({ revoked: 'yes' });
      expect(isHeld()).toBe(true);
    });
  });
});
