/** What a message from a server is about, read without building it: results may be large, and are none of our business. */

export interface Peeked {
  readonly id: string | number | undefined;
  readonly method: string | undefined;
}

/** The members of the outermost object that are looked at. */
const wanted = new Set(['jsonrpc', 'id', 'method']);
/** Ids and method names are short; a longer value is not looked at. */
const LONGEST_VALUE = 1024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x7b, 0x5b]);
const CLOSING = new Set([0x7d, 0x5d]);
const COLON = 0x3a;
const COMMA = 0x2c;

/**
 * The id and the method of a JSON-RPC message, or undefined when the text is not the outside of one.
 *
 * One pass that builds no tree: a server could otherwise make us hold many times the size of its answer. What is inside
 * the message is passed on and not judged.
 */
export const peek = (text: string): Peeked | undefined => {
  const found = new Map<string, unknown>();
  let depth = 0;
  let key: string | undefined;
  let lastString: string | undefined;
  let valueStart = -1;

  const endValue = (end: number): void => {
    if (key !== undefined && valueStart !== -1) found.set(key, valueOf(text, valueStart, end));
    key = undefined;
    valueStart = -1;
  };

  if (!/^\s*\{/.test(text)) return undefined;
  for (let at = text.search(/\S/); at >= 0 && at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      if (end === -1) return undefined;
      if (depth === 1) lastString = text.slice(at, Math.min(end + 1, at + LONGEST_VALUE));
      at = end;
    } else if (OPENING.has(code)) {
      depth += 1;
    } else if (CLOSING.has(code)) {
      if (depth === 1) endValue(at);
      depth -= 1;
    } else if (depth === 1 && code === COLON) {
      const name = lastString === undefined ? undefined : parsed(lastString);
      key = typeof name === 'string' && wanted.has(name) ? name : undefined;
      valueStart = at + 1;
    } else if (depth === 1 && code === COMMA) {
      endValue(at);
    } else if (depth === 0) {
      return undefined;
    }
    if (depth === 0) return text.slice(at + 1).trim() === '' ? toPeeked(found) : undefined;
  }
  return undefined;
};

const toPeeked = (found: ReadonlyMap<string, unknown>): Peeked | undefined => {
  if (found.get('jsonrpc') !== '2.0') return undefined;
  const id = found.get('id');
  const method = found.get('method');
  return {
    id: typeof id === 'string' || typeof id === 'number' ? id : undefined,
    method: typeof method === 'string' ? method : undefined,
  };
};

const endOfString = (text: string, start: number): number => {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return at;
  }
  return -1;
};

const valueOf = (text: string, start: number, end: number): unknown =>
  end - start > LONGEST_VALUE ? undefined : parsed(text.slice(start, end));

const parsed = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    // Cut short, or no JSON: either way not a value we look for.
    return undefined;
  }
};
