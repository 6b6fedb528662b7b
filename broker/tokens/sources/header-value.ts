/** What may stand in a header: anything else could end it early, and begin another one. */
import { ProblemError } from '../../../shared/contract/problems.ts';
import { Secret } from '../../vault/secret.ts';

/** No server takes longer ones. Characters. */
const LONGEST = 16 * 1024;

/** A token as RFC 6750 has it, which has no space in it. Throws `source-failed`; `from` says where it came from. */
export const tokenIn = (text: string, from: string): Secret => {
  if (/^[\x21-\x7e]+$/.test(text) && text.length <= LONGEST) return new Secret(text);
  throw new ProblemError('source-failed', `${from} gave no token`, {
    hint: text === '' ? 'it is empty' : 'a token is one word: one line, without spaces',
  });
};

/** Header injection: throws `source-failed` for a value with control characters in it. */
export const headerValue = (value: Secret, name: string): Secret => {
  const text = value.reveal();
  if (/^[\x20-\x7e]+$/.test(text) && text.length <= LONGEST) return value;
  throw new ProblemError('source-failed', `the value for the header ${name} cannot be sent`, {
    hint: 'it has line breaks or other characters in it that no header can carry',
  });
};
