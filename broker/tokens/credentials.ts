/** What goes with a request so that a server knows who asks, however it was got. */
import type { AccountKey } from '../../shared/contract/ids.ts';
import type { Access, TokenBook } from './book.ts';
import type { MintedAccess, MintedBook } from './minted.ts';
import { headersOf } from './sources/shown.ts';
import type { Outgoing } from './sources/source.ts';

export interface Credential {
  /** Which one it is, so that it can be told which was refused. */
  readonly generation: number;
  /** It is checked by those who say 403 for everything that is wrong with a signature: AWS knows no 401. */
  readonly isSigned: boolean;
  /** The headers for one request. Rejects with a `ProblemError`. */
  readonly headersFor: (request: Outgoing) => Promise<Readonly<Record<string, string>>>;
}

export interface Credentials {
  /** Rejects with why there is none. */
  readonly access: (key: AccountKey) => Promise<Credential>;
  /** What to use instead of the one that a server refused. Rejects like `access`, and with `token-refused`. */
  readonly afterRefusal: (key: AccountKey, generation: number) => Promise<Credential>;
  /** A server has taken the one of this generation. */
  readonly accepted: (key: AccountKey, generation: number) => void;
}

export interface CredentialsDeps {
  readonly book: Pick<TokenBook, 'access' | 'afterRefusal'>;
  readonly minted: Pick<MintedBook, 'access' | 'accepted' | 'afterRefusal'>;
  readonly isMinted: (key: AccountKey) => boolean;
  /** Throws for a server that an administrator does not allow, or that is known not to be there. */
  readonly assertAllowed?: (key: AccountKey) => void;
}

export const createCredentials = ({
  book,
  minted,
  isMinted,
  assertAllowed,
}: CredentialsDeps): Credentials => ({
  access: async (key) => {
    assertAllowed?.(key);
    return isMinted(key)
      ? fromSource(await minted.access(key))
      : fromSignIn(await book.access(key));
  },
  afterRefusal: async (key, generation) => {
    assertAllowed?.(key);
    return isMinted(key)
      ? fromSource(await minted.afterRefusal(key, generation))
      : fromSignIn(await book.afterRefusal(key, generation));
  },
  accepted: (key, generation) => {
    if (isMinted(key)) minted.accepted(key, generation);
  },
});

const fromSignIn = ({ token, generation }: Access): Credential => ({
  generation,
  isSigned: false,
  headersFor: async () => ({ authorization: `Bearer ${token.reveal()}` }),
});

const fromSource = ({ credential, generation }: MintedAccess): Credential => ({
  generation,
  isSigned: 'sign' in credential,
  headersFor: (request) => headersOf(credential, request),
});
