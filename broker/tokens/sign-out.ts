/** Signing out: the tokens are wiped here whatever happens, and made worthless there if the server lets us. */
import type { AccountKey } from '../../shared/contract/ids.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { RouteReply } from '../../shared/contract/routes.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import type { Registrations } from '../oauth/identity.ts';
import { type RetireDeps, retire } from '../oauth/retire.ts';
import { revoke } from '../oauth/token-endpoint.ts';
import type { TokenBook } from './book.ts';
import { type Grant, isLeftOver } from './grant.ts';

export interface SignOutDeps extends RetireDeps {
  readonly book: Pick<TokenBook, 'drop' | 'held' | 'idle' | 'keep'>;
  readonly registrations: RetireDeps['registrations'] & Pick<Registrations, 'hold'>;
}

type Outcome = RouteReply<'signOut'>;

/** A sign-in that is wiped here, and lives on there. */
export interface Left {
  /** Its server offers no way to end it there. */
  readonly livesOn: boolean;
  /**
   * Revokes, then deletes the registration of Drawbridge where that is offered. Best effort, outcome told; of one that was
   * put back nothing ends.
   */
  readonly end: () => Promise<Outcome>;
  /** Signed in as before. Rejects with `undo-too-late` when somebody has signed in meanwhile, and like `TokenBook.keep`. */
  readonly putBack: () => Promise<void>;
}

/** Wipes the tokens, which from now on are in memory alone. Rejects like `TokenBook.drop`. */
export const leave = async (deps: SignOutDeps, key: AccountKey): Promise<Left> => {
  const { book, registrations } = deps;
  // Another account that signs out meanwhile must not take the client along.
  const hold = registrations.hold();
  const client = book.held(key)?.client;
  if (client !== undefined) hold.on(client);
  let standing: 'away' | 'back' | 'over' = 'away';
  let renewed: Grant | undefined;
  const dropped = await book
    .drop(key, (late) => {
      if (standing === 'over') void revokeGrant(deps.fetch, late);
      else renewed = late;
    })
    .catch((error: unknown) => {
      hold.release();
      throw error;
    });
  if (dropped === undefined) {
    hold.release();
    return {
      livesOn: false,
      end: async () => ({ revoked: 'nothing-to-revoke' }),
      putBack: async () => undefined,
    };
  }
  return {
    livesOn: dropped.metadata.revocation_endpoint === undefined,
    end: async () => {
      if (standing !== 'away') return { revoked: 'nothing-to-revoke' };
      standing = 'over';
      const grant = renewed ?? dropped;
      const follower = book.held(key);
      // Some servers end all that a client holds for the person: that would be the sign-in that came after it.
      const isFollowed = follower !== undefined && !isLeftOver(grant, follower);
      const revoked = isFollowed ? 'nothing-to-revoke' : await revokeGrant(deps.fetch, grant);
      hold.release();
      // Only the last one out: other accounts at the same issuer go on being the same client.
      await retire(deps, grant.client);
      return { revoked };
    },
    putBack: async () => {
      // The tokens that it had before a renewal are worth nothing after it.
      await book.idle();
      if (book.held(key) !== undefined) throw signedInAgain();
      await book.keep(key, (generation) => ({ ...(renewed ?? dropped), generation }));
      standing = 'back';
      hold.release();
    },
  };
};

const signedInAgain = (): ProblemError =>
  new ProblemError('undo-too-late', 'somebody has signed in there meanwhile', {
    hint: 'sign out first',
  });

/**
 * Asks the authorization server to make a grant worthless, the refresh token first: its end is the end of the grant
 * (RFC 7009 section 2.1). Many servers cannot revoke an access token alone, so its outcome counts only where there is no
 * other. Never rejects.
 */
export const revokeGrant = async (
  fetch: GuardedFetch,
  grant: Grant,
): Promise<'yes' | 'no' | 'not-offered'> => {
  if (grant.metadata.revocation_endpoint === undefined) return 'not-offered';
  const [ends, ...rest] = [grant.refreshToken, grant.accessToken].filter(
    (token) => token !== undefined,
  );
  const ended = ends !== undefined && (await revoke(fetch, grant, ends));
  for (const token of rest) await revoke(fetch, grant, token);
  return ended ? 'yes' : 'no';
};
