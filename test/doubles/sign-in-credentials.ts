/** The credentials of sign-ins alone, from a token book that a test scripts. */
import type { TokenBook } from '../../broker/tokens/book.ts';
import { type Credentials, createCredentials } from '../../broker/tokens/credentials.ts';

export const ofSignIns = (book: Pick<TokenBook, 'access' | 'afterRefusal'>): Credentials =>
  createCredentials({
    book,
    minted: { access: nobody, afterRefusal: nobody, accepted: () => undefined },
    isMinted: () => false,
  });

const nobody = (): Promise<never> => Promise.reject(new Error('nothing is minted here'));
