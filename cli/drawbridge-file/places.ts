/** Where in the text of a file something stands, so that whoever mends it finds it. */
import { findNodeAtLocation, type Node } from 'jsonc-parser';
import type { FilePath } from '../../shared/contract/drawbridge-file.ts';

export interface Place {
  /** Both from one on, as editors count. */
  readonly line: number;
  readonly column: number;
}

/** Of what is not there, where it would be: at the nearest thing around it. */
export const placeOf = (text: string, tree: Node | undefined, path: FilePath): Place => {
  const node = tree && nearestNode(tree, path);
  // Of a property, its name is what a person looks for.
  const named = node?.parent?.type === 'property' ? node.parent : node;
  return placeAt(text, named?.offset ?? 0);
};

const nearestNode = (tree: Node, path: FilePath): Node =>
  path.length === 0
    ? tree
    : (findNodeAtLocation(tree, path) ?? nearestNode(tree, path.slice(0, -1)));

export const placeAt = (text: string, offset: number): Place => {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
};

/** As people write a path: `servers.acme.scopes[0]`. */
export const pathText = (path: FilePath): string =>
  path
    .map((part, at) =>
      typeof part === 'number'
        ? `[${part}]`
        : /^[\w$-]+$/.test(part)
          ? `${at === 0 ? '' : '.'}${part}`
          : `[${JSON.stringify(part)}]`,
    )
    .join('');
