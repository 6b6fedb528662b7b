/** With which keys does an issuer sign now? Kept for a while, and asked for again when a token names one that is not known. */
import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { ProblemError } from '../../../../shared/contract/problems.ts';

const Keys = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(100) });
export type Keys = z.infer<typeof Keys>;

export interface IssuerKeysDeps {
  /** Asks for them. Rejects with a `ProblemError`. */
  readonly fetchKeys: () => Promise<unknown>;
  readonly now: () => number;
}

/** A key that the issuer has withdrawn is good for no longer than this, ms. */
const FRESH_MS = 10 * 60_000;
/** While the issuer cannot be reached, for no longer than this, ms. */
const OLDEST_MS = 60 * 60_000;
/** Whoever makes up names of keys brings about one request in this time, ms. */
const COOL_DOWN_MS = 30_000;
/** An issuer that did not answer is asked again after this, ms. */
const RETRY_MS = 3_000;

/** Finds the key of a token, for jose. Rejects with its `JWKSNoMatchingKey`, or like `fetchKeys`. */
export const createIssuerKeys = ({ fetchKeys, now }: IssuerKeysDeps): JWTVerifyGetKey => {
  let known: { readonly find: JWTVerifyGetKey; readonly at: number } | undefined;
  let failed: { readonly error: unknown; readonly at: number } | undefined;
  let flight: Promise<JWTVerifyGetKey> | undefined;

  /** A clock that was put back makes nothing younger. */
  const isWithin = (at: number, ms: number): boolean => now() >= at && now() - at < ms;

  const load = async (): Promise<JWTVerifyGetKey> => {
    try {
      const find = createLocalJWKSet(readKeys(await fetchKeys()));
      known = { find, at: now() };
      failed = undefined;
      return find;
    } catch (error) {
      failed = { error, at: now() };
      throw error;
    } finally {
      flight = undefined;
    }
  };
  const loadOnce = (): Promise<JWTVerifyGetKey> => (flight ??= load());

  const current = async (): Promise<JWTVerifyGetKey> => {
    if (known !== undefined && isWithin(known.at, FRESH_MS)) return known.find;
    const old = known !== undefined && isWithin(known.at, OLDEST_MS) ? known.find : undefined;
    if (failed !== undefined && isWithin(failed.at, RETRY_MS)) {
      if (old === undefined) throw failed.error;
      return old;
    }
    return old === undefined ? loadOnce() : loadOnce().catch(() => old);
  };

  return async (header, token) => {
    const find = await current();
    try {
      return await find(header, token);
    } catch (error) {
      // The issuer may have begun to use another key since.
      const mayBeNew = error instanceof errors.JWKSNoMatchingKey;
      const isCool = known === undefined || !isWithin(known.at, COOL_DOWN_MS);
      const isQuiet = failed === undefined || !isWithin(failed.at, RETRY_MS);
      if (!mayBeNew || (flight === undefined && !(isCool && isQuiet))) throw error;
      return (await loadOnce())(header, token);
    }
  };
};

const readKeys = (document: unknown): Keys => {
  const parsed = Keys.safeParse(document);
  if (parsed.success) return parsed.data;
  throw new ProblemError('bad-answer', 'the keys of the issuer are not in the form of a JWK set');
};
