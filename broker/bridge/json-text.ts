/** Changes in a JSON text that leave the rest of it as it came: answers may be large, and numbers finer than ours. */
import { isObject } from '../../shared/is-object.ts';
import { endOfString, membersOf, type Span } from './peek.ts';

/** The text of an object's member, or undefined when it has none of that name. */
export const memberOf = (text: string, name: string): string | undefined =>
  membersIn(text, new Set([name])).get(name);

/** The value of an object's member, for values that are small. */
export const valueOf = (text: string, name: string): unknown => {
  const member = memberOf(text, name);
  return member === undefined ? undefined : parsed(member);
};

/** The object with these members, in their old places where it had them, else in front. What is no object stays as it is. */
export const withMembers = (text: string, members: Readonly<Record<string, string>>): string =>
  withChanged(text, new Set(Object.keys(members)), () => members);

/** The object with those of these members that it does not have yet. */
export const withMissing = (text: string, members: Readonly<Record<string, string>>): string =>
  withChanged(text, new Set(Object.keys(members)), (present) =>
    Object.fromEntries(Object.entries(members).filter(([name]) => !present.has(name))),
  );

/** The object with the members that `change` makes of those `wanted`, in one pass. */
export const withChanged = (
  text: string,
  wanted: ReadonlySet<string>,
  change: (present: ReadonlyMap<string, string>) => Readonly<Record<string, string>>,
): string => {
  const spans = membersOf(text, wanted);
  if (spans === undefined) return text;
  const members = change(textsAt(text, spans));
  let result = '';
  let from = 0;
  const inOrder = [...spans].toSorted(([, one], [, other]) => one.start - other.start);
  for (const [name, { start, end }] of inOrder) {
    result += text.slice(from, start) + (members[name] ?? text.slice(start, end));
    from = end;
  }
  const added = Object.entries(members).filter(([name]) => !spans.has(name));
  return inFront(result + text.slice(from), added);
};

/** The object without these members. */
export const withoutMembers = (text: string, names: ReadonlySet<string>): string =>
  `{${joined([...membersIn(text)].filter(([name]) => !names.has(name)))}}`;

/** The members of an object with their texts, all of them or those `wanted`. */
export const membersIn = (
  text: string,
  wanted?: ReadonlySet<string>,
): ReadonlyMap<string, string> => textsAt(text, membersOf(text, wanted) ?? new Map<string, Span>());

/** The texts of an array's items; undefined when the text is not the outside of one array. */
export const itemsIn = (text: string): readonly string[] | undefined => {
  const begin = /^\s*\[/.exec(text)?.[0].length;
  if (begin === undefined) return undefined;
  const items: string[] = [];
  let depth = 1;
  let from = begin;
  const endItem = (at: number): void => {
    const item = text.slice(from, at).trim();
    if (item !== '') items.push(item);
    from = at + 1;
  };
  for (let at = begin; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') {
      at = endOfString(text, at);
      if (at === -1) return undefined;
    } else if (char === '{' || char === '[') depth += 1;
    else if (char === ',' && depth === 1) endItem(at);
    else if (char === '}' || char === ']') {
      depth -= 1;
      if (depth > 0) continue;
      endItem(at);
      return text.slice(at + 1).trim() === '' ? items : undefined;
    }
  }
  return undefined;
};

/** One text for all values that differ only in the order of their members. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_name, inner: unknown) =>
    isObject(inner)
      ? Object.fromEntries(
          Object.entries(inner).toSorted(([one], [other]) => (one < other ? -1 : 1)),
        )
      : inner,
  );

const textsAt = (text: string, spans: ReadonlyMap<string, Span>): ReadonlyMap<string, string> =>
  new Map([...spans].map(([name, { start, end }]) => [name, text.slice(start, end)]));

const joined = (members: readonly (readonly [string, string])[]): string =>
  members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',');

const inFront = (text: string, members: readonly (readonly [string, string])[]): string => {
  if (members.length === 0) return text;
  const at = text.indexOf('{') + 1;
  return (
    text.slice(0, at) + joined(members) + (nothingFollows(text, at) ? '' : ',') + text.slice(at)
  );
};

const nothingFollows = (text: string, at: number): boolean => {
  const end = /\s*\}/y;
  end.lastIndex = at;
  return end.test(text);
};

/** The value of a JSON text; undefined when it is none after all, which its outside does not show. */
export const parsed = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    // As the caller was told.
    return undefined;
  }
};

/** The value at a path of members; undefined where there is none. */
export const valueAt = (text: string, path: readonly string[]): unknown => {
  const found = path.reduce<string | undefined>(
    (at, name) => (at === undefined ? undefined : memberOf(at, name)),
    text,
  );
  return found === undefined ? undefined : parsed(found);
};

/** The code in a JSON-RPC error; undefined for anything else. Most answers are none, and are not read for it. */
export const errorCodeIn = (json: string): unknown =>
  json.includes('"error"') ? valueAt(json, ['error', 'code']) : undefined;

/** The text with these values as members of the object at `path`, which is made where it is missing. */
export const withValuesAt = (
  text: string,
  path: readonly string[],
  values: Readonly<Record<string, unknown>>,
): string => {
  const [name, ...rest] = path;
  if (name === undefined) {
    const texts = Object.entries(values).map(([key, value]) => [key, JSON.stringify(value)]);
    return withMembers(text, Object.fromEntries(texts) as Record<string, string>);
  }
  return withMembers(text, { [name]: withValuesAt(memberOf(text, name) ?? '{}', rest, values) });
};
