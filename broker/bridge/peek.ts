/** What a message from a server is about, read without building it: results may be large, and are none of our business. */

export interface Peeked {
  readonly id: string | number | undefined;
  readonly method: string | undefined;
}

/** From where to where a value stands in its text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The members of the outermost object that are looked at. */
const wanted = new Set(['jsonrpc', 'id', 'method']);
/** Ids, method names and the names of members are short; longer ones are not looked at. */
const LONGEST_VALUE = 1024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = 0x7b;
const CLOSING = 0x7d;
/** A brace and a bracket differ in this bit alone. */
const BRACKET = 0x20;
const COLON = 0x3a;
const COMMA = 0x2c;

/**
 * The id and the method of a JSON-RPC message, or undefined when the text is not the outside of one.
 *
 * One pass that builds no tree: a server could otherwise make us hold many times the size of its answer. What is inside
 * the message is passed on and not judged.
 */
export const peek = (text: string): Peeked | undefined => {
  const spans = membersOf(text, wanted);
  return spans && toPeeked(new Map([...spans].map(([name, span]) => [name, valueOf(text, span)])));
};

/** Reading a message whole is cheap up to here; of longer ones the outside has to do. Characters. */
const MOST_READ = 256 * 1024;

/**
 * As `peek`, and undefined for a text of up to `MOST_READ` characters that is no JSON inside: it must not reach an AI
 * client, whose request would then have no answer (T22).
 */
export const peekSound = (text: string): Peeked | undefined =>
  text.length <= MOST_READ && parsed(text) === undefined ? undefined : peek(text);

/**
 * Where the values of an object's members stand, all of them or those `wanted`; of two by one name the last, as
 * JSON.parse has it. Undefined when the text is not the outside of one object.
 */
export const membersOf = (
  text: string,
  wanted?: ReadonlySet<string>,
): ReadonlyMap<string, Span> | undefined => {
  const found = new Map<string, Span>();
  let depth = 0;
  let key: string | undefined;
  let lastString: Span | undefined;
  let valueStart = -1;

  const endValue = (end: number): void => {
    if (key !== undefined && valueStart !== -1) found.set(key, trimmed(text, valueStart, end));
    key = undefined;
    valueStart = -1;
  };

  const nameAt = (span: Span): string | undefined => {
    if (wanted !== undefined && span.end - span.start > LONGEST_VALUE) return undefined;
    const name = parsed(text.slice(span.start, span.end));
    return typeof name === 'string' && wanted?.has(name) !== false ? name : undefined;
  };

  if (!/^\s*\{/.test(text)) return undefined;
  for (let at = text.search(/\S/); at >= 0 && at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      if (end === -1) return undefined;
      if (depth === 1) lastString = { start: at, end: end + 1 };
      at = end;
    } else if ((code | BRACKET) === OPENING) {
      depth += 1;
    } else if ((code | BRACKET) === CLOSING) {
      if (depth === 1) endValue(at);
      depth -= 1;
    } else if (depth === 1 && code === COLON) {
      key = lastString && nameAt(lastString);
      valueStart = at + 1;
    } else if (depth === 1 && code === COMMA) {
      endValue(at);
    } else if (depth === 0) {
      return undefined;
    }
    if (depth === 0) return text.slice(at + 1).trim() === '' ? found : undefined;
  }
  return undefined;
};

const trimmed = (text: string, from: number, to: number): Span => {
  let [start, end] = [from, to];
  while (start < end && isSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1;
  return { start, end };
};

const isSpace = (code: number): boolean => code <= 0x20;

const toPeeked = (found: ReadonlyMap<string, unknown>): Peeked | undefined => {
  if (found.get('jsonrpc') !== '2.0') return undefined;
  const id = found.get('id');
  const method = found.get('method');
  return {
    id: typeof id === 'string' || typeof id === 'number' ? id : undefined,
    method: typeof method === 'string' ? method : undefined,
  };
};

/** Where the string that begins at `start` has its closing quote; -1 when it has none. */
export const endOfString = (text: string, start: number): number => {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return at;
  }
  return -1;
};

const valueOf = (text: string, { start, end }: Span): unknown =>
  end - start > LONGEST_VALUE ? undefined : parsed(text.slice(start, end));

const parsed = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    // Cut short, or no JSON: either way not a value we look for.
    return undefined;
  }
};
