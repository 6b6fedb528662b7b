/** Whom a sign-in to an account is for, as far as it is known before it begins. */
import type { AccountKey, ServerId } from '../../shared/contract/ids.ts';
import type { Whom } from '../oauth/whom.ts';
import type { TokenBook } from './book.ts';

export interface WhomDeps {
  readonly facts: TokenBook['facts'];
  /** How many accounts the server has. */
  readonly accountsOf: (server: ServerId) => number;
}

/** `choose`: the person wants another account than the one that is known. */
export const createWhom =
  ({ facts, accountsOf }: WhomDeps) =>
  (key: AccountKey, choose: boolean): Whom => {
    const { label, issuer } = facts(key) ?? {};
    return {
      choose,
      oneOfSeveral: accountsOf(key.server) > 1,
      known: label === undefined || issuer === undefined ? undefined : { label, issuer },
    };
  };
