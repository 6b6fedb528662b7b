/** How an open page knows its Drawbridge again before it sends its cookie there: what both ends have to agree on. */

/** Answers anybody who names a session, with a proof in a header and no body. */
export const PROOF_PATH = '/api/proof';

/** On the event stream of a browser: the name of its session, which is no secret, and after a space the key of its proofs. */
export const WINDOW_KEY_HEADER = 'x-drawbridge-window-key';

/** The HMAC-SHA-256 of `provenText` with that key, in hex. In a header, so that nobody can make the page read without end. */
export const PROOF_HEADER = 'x-drawbridge-proof';

/**
 * What a proof is of.
 *
 * The origin is in it, or a program at the last port could have the Drawbridge at the present one make proofs for it
 * (relay).
 */
export const provenText = (origin: string, nonce: string): string =>
  `drawbridge window\n${origin}\n${nonce}`;
