/** JSON as people write it, with comments and trailing commas: what it says, where, and each mistake in it. */
import {
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';
import type { FilePath } from '../../shared/contract/drawbridge-file.ts';
import { type Place, placeAt, placeOf } from './places.ts';

export interface Located extends Place {
  readonly path: FilePath;
  readonly message: string;
  readonly hint?: string;
}

export interface ReadJson {
  readonly value: unknown;
  readonly faults: readonly Located[];
  readonly placeOf: (path: FilePath) => Place;
}

export const readJson = (source: string): ReadJson => {
  // Some editors begin a file with a mark that is no part of it.
  const text = source.replace(/^\uFEFF/, '');
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true, disallowComments: false });
  const faults = [
    // Whatever comes after the first follows from it more often than not.
    ...errors.slice(0, 1).map(({ error, offset }) => ({
      ...{ path: [], ...placeAt(text, offset) },
      message: words[printParseErrorCode(error)] ?? 'this is no JSON',
    })),
    ...(tree === undefined ? [] : twiceIn(tree, [], text)),
  ];
  return {
    value: tree === undefined ? undefined : (getNodeValue(tree) as unknown),
    faults: text.trim() === '' ? [empty] : faults,
    placeOf: (path) => placeOf(text, tree, path),
  };
};

const empty: Located = { path: [], line: 1, column: 1, message: 'there is nothing in it' };

/** By the names that the parser has for mistakes. */
const words: Readonly<Record<string, string>> = {
  InvalidSymbol: 'this word is no JSON: text stands in double quotes',
  PropertyNameExpected: 'a name in double quotes belongs here',
  ValueExpected: 'a value belongs here',
  ColonExpected: 'a colon belongs here',
  CommaExpected: 'a comma belongs here',
  CloseBraceExpected: 'a } belongs here',
  CloseBracketExpected: 'a ] belongs here',
  EndOfFileExpected: 'the file should end here',
  UnexpectedEndOfString: 'this text does not end: a double quote belongs there',
};

/** JSON lets the last one win, which nobody means who writes one name twice. */
const twiceIn = (node: Node, path: FilePath, text: string): readonly Located[] => {
  const children = node.children ?? [];
  if (node.type === 'array')
    return children.flatMap((child, index) => twiceIn(child, [...path, index], text));
  if (node.type !== 'object') return [];
  const seen = new Set<string>();
  return children.flatMap((property) => {
    const [name, value] = property.children ?? [];
    const key = String(name?.value);
    const at = [...path, key];
    const isTwice = seen.has(key);
    seen.add(key);
    const inside = value === undefined ? [] : twiceIn(value, at, text);
    return isTwice
      ? [{ path: at, ...placeAt(text, property.offset), message: 'this name is there twice' }]
      : inside;
  });
};
