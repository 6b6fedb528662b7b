/** Is a token good, and whose is it? The one question that every kind of verifier answers. */
import type { Secret } from '../../../vault/secret.ts';

/** Whose a token is, in the words of whoever vouches for it. */
export interface Caller {
  readonly subject: string;
  readonly groups: readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
  readonly scopes: readonly string[];
  /** Unix time in ms, where it is known. */
  readonly expiresAt?: number | undefined;
}

/** `refused` says why, in our own words: it goes out in the challenge. */
export type Verdict = { readonly caller: Caller } | { readonly refused: string };

/**
 * Looks at a token that has to be for one of `audiences`.
 *
 * Rejects with a `ProblemError` when nobody can tell: that is no fault of the token.
 */
export type Verify = (token: Secret, audiences: readonly string[]) => Promise<Verdict>;

/** By how much clocks may differ. */
export const SKEW_S = 30;

/** Names of scopes in one text, as OAuth writes them. */
export const scopesIn = (text: unknown): readonly string[] =>
  typeof text === 'string' ? text.split(' ').filter((name) => name !== '') : [];

/** Only the texts of a list that a stranger wrote. */
export const textsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];

/** What `aud` says: one text, or a list of them. */
export const isForOneOf = (aud: unknown, audiences: readonly string[]): boolean =>
  (typeof aud === 'string' ? [aud] : textsIn(aud)).some((one) => audiences.includes(one));
