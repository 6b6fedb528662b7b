/** What a person is called by, in what OpenID Connect says of them (Core section 5.1). */
import { plainText } from '../../shared/plain-text.ts';

/** Fit for a line; undefined when nothing is said. */
export const nameIn = (claims: Readonly<Record<string, unknown>>): string | undefined =>
  ['email', 'preferred_username', 'name']
    .map((name) => claims[name])
    .filter((claim) => typeof claim === 'string')
    .map((claim) => plainText(claim))
    .find((label) => label !== '');
