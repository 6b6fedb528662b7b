/** Which messages are in a text of a server? One, but servers of 2025-03-26 may say several at once, in an array (T20). */
import { itemsIn } from '../json-text.ts';
import { type Peeked, peekSound } from '../peek.ts';

/** The messages with what they are about, in their order; none in a text that is neither a message nor an array of them. */
export const messagesIn = (
  text: string,
): readonly { readonly json: string; readonly peeked: Peeked }[] =>
  (itemsIn(text) ?? [text]).flatMap((json) => {
    const peeked = peekSound(json);
    return peeked === undefined ? [] : [{ json, peeked }];
  });
