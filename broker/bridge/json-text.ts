/** Small changes to the text of a message: the rest of it stays as its sender wrote it, however large, and whatever its numbers. */

interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * The text with these members added to the object at `path`, which is made where it is missing. The members must not be
 * there yet. Texts that hold something else than objects along the path are left as they are.
 */
export const withMembers = (
  text: string,
  path: readonly string[],
  members: Readonly<Record<string, unknown>>,
): string => {
  let start = skipSpace(text, 0);
  for (const [at, name] of path.entries()) {
    if (text[start] !== '{') return text;
    const found = membersOf(text, start).get(name);
    if (found === undefined) {
      const inner = path
        .slice(at + 1)
        .reduceRight<unknown>((value, key) => ({ [key]: value }), members);
      return insert(text, start, { [name]: inner });
    }
    start = found.start;
  }
  return text[start] === '{' ? insert(text, start, members) : text;
};

/** The text with another value for a member of its outermost object; as it is where there is no such member. */
export const withValue = (text: string, name: string, value: unknown): string => {
  const start = skipSpace(text, 0);
  const found = text[start] === '{' ? membersOf(text, start).get(name) : undefined;
  if (found === undefined) return text;
  return text.slice(0, found.start) + JSON.stringify(value) + text.slice(found.end);
};

/** The value of a member of the outermost object, and of members below it; undefined where there is none. */
export const valueAt = (text: string, path: readonly string[]): unknown => {
  let span: Span = { start: skipSpace(text, 0), end: text.length };
  for (const name of path) {
    const found = text[span.start] === '{' ? membersOf(text, span.start).get(name) : undefined;
    if (found === undefined) return undefined;
    span = found;
  }
  return JSON.parse(text.slice(span.start, span.end));
};

const insert = (text: string, open: number, members: Readonly<Record<string, unknown>>): string => {
  const inside = JSON.stringify(members).slice(1, -1);
  const isEmpty = text[skipSpace(text, open + 1)] === '}';
  const comma = isEmpty || inside === '' ? '' : ',';
  return text.slice(0, open + 1) + inside + comma + text.slice(open + 1);
};

/** Where the values of an object's members are. The text is JSON: it has been parsed or peeked at before. */
const membersOf = (text: string, open: number): Map<string, Span> => {
  const members = new Map<string, Span>();
  let at = skipSpace(text, open + 1);
  while (at < text.length && text[at] === '"') {
    const nameEnd = endOfString(text, at);
    const name = JSON.parse(text.slice(at, nameEnd)) as string;
    const start = skipSpace(text, skipSpace(text, nameEnd) + 1);
    const end = endOfValue(text, start);
    members.set(name, { start, end });
    at = skipSpace(text, end);
    if (text[at] !== ',') break;
    at = skipSpace(text, at + 1);
  }
  return members;
};

const skipSpace = (text: string, from: number): number => {
  let at = from;
  while (text[at] === ' ' || text[at] === '\t' || text[at] === '\n' || text[at] === '\r') at += 1;
  return at;
};

/** Just after the closing quote. */
const endOfString = (text: string, open: number): number => {
  for (let at = text.indexOf('"', open + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text[at - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return at + 1;
  }
  return text.length;
};

const endOfValue = (text: string, start: number): number => {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') {
      at = endOfString(text, at) - 1;
      if (depth === 0) return at + 1;
    } else if (character === '{' || character === '[') {
      depth += 1;
    } else if (character === '}' || character === ']') {
      if (depth === 0) return at;
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (
      depth === 0 &&
      (character === ',' ||
        character === ' ' ||
        character === '\n' ||
        character === '\r' ||
        character === '\t')
    ) {
      return at;
    }
  }
  return text.length;
};
