/** JSON as people write it, with comments and trailing commas: what it says, where, and each mistake in it. */
import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';
import type { FilePath } from './contract/drawbridge-file.ts';

export interface Place {
  /** Both from one on, as editors count. */
  readonly line: number;
  readonly column: number;
}

export interface Mistake extends Place {
  readonly path: FilePath;
  readonly message: string;
  /** A name that stands there twice is JSON all the same. */
  readonly is: 'no-json' | 'twice';
}

export interface ReadJsonc {
  readonly value: unknown;
  /** In the order of what has to be mended first. */
  readonly mistakes: readonly Mistake[];
  /** Of what is not there, where it would be: at the nearest thing around it. Of a property its name, unless told. */
  readonly placeOf: (path: FilePath, part?: 'name' | 'value') => Place;
}

/** Throws for lists in lists in lists, deeper than any reader goes. */
export const readJsonc = (source: string): ReadJsonc => {
  // Some editors begin a file with a mark that is no part of it.
  const text = source.replace(/^\uFEFF/, '');
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true, disallowComments: false });
  const broken = [
    // Whatever comes after the first follows from it more often than not.
    ...errors.slice(0, 1).map(({ error, offset }) => ({
      ...{ path: [], ...placeAt(text, offset), is: 'no-json' as const },
      message: words[printParseErrorCode(error)] ?? 'this is no JSON',
    })),
    ...(tree === undefined ? [] : twiceIn(tree, [], text)),
  ];
  return {
    value: tree === undefined ? undefined : (getNodeValue(tree) as unknown),
    mistakes: text.trim() === '' ? [empty] : broken,
    placeOf: (path, part = 'name') => {
      const node = tree && nearestNode(tree, path);
      const isNamed = part === 'name' && node?.parent?.type === 'property';
      return placeAt(text, (isNamed ? node.parent : node)?.offset ?? 0);
    },
  };
};

const empty: Mistake = {
  ...{ path: [], line: 1, column: 1, is: 'no-json' },
  message: 'there is nothing in it',
};

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
const twiceIn = (node: Node, path: FilePath, text: string): readonly Mistake[] => {
  const children = node.children ?? [];
  if (node.type === 'array')
    return children.flatMap((child, index) => twiceIn(child, [...path, index], text));
  if (node.type !== 'object') return [];
  const seen = new Set<string>();
  return children.flatMap((property): readonly Mistake[] => {
    const [name, value] = property.children ?? [];
    const key = String(name?.value);
    const at = [...path, key];
    const isTwice = seen.has(key);
    seen.add(key);
    const inside = value === undefined ? [] : twiceIn(value, at, text);
    const message = 'this name is there twice';
    return isTwice
      ? [{ path: at, ...placeAt(text, property.offset), message, is: 'twice' }]
      : inside;
  });
};

const nearestNode = (tree: Node, path: FilePath): Node =>
  path.length === 0
    ? tree
    : (findNodeAtLocation(tree, path) ?? nearestNode(tree, path.slice(0, -1)));

const placeAt = (text: string, offset: number): Place => {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
};
