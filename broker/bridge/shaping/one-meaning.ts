/** A message that means the same to the server as it meant to us, whatever the server reads it with. */
import { memberOf, membersIn, withMembers } from '../json-text.ts';
import type { Message } from '../leg.ts';

/** What decides whether a message is a call, and of what. */
const ofMessage = new Set(['jsonrpc', 'id', 'method', 'params', 'result', 'error']);
const ofParams = new Set(['name', 'arguments', '_meta']);

/**
 * The message without what could be read in two ways (JSON smuggling).
 *
 * Of two members by one name some readers take the first and some the last, and some take `Method` for `method`: a call
 * that is switched off would look like another here, and be made there.
 */
export const withOneMeaning = ({ text, envelope, ...rest }: Message): Message => {
  const params = memberOf(text, 'params');
  const outside = unambiguous(text, ofMessage);
  return {
    ...rest,
    envelope,
    text:
      params?.startsWith('{') === true
        ? withMembers(outside, { params: unambiguous(params, ofParams) })
        : outside,
  };
};

/** Each member once, the one that JSON.parse takes, and none whose name only looks like one of these. */
const unambiguous = (text: string, names: ReadonlySet<string>): string => {
  const members = [...membersIn(text)].filter(
    ([name]) => names.has(name) || !names.has(name.normalize('NFKC').toLowerCase()),
  );
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
};
