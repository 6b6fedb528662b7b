/** The product's source files, and what their syntax trees say: imports and uses of names. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseSync } from 'vite';

export const root = path.resolve(import.meta.dirname, '..', '..');

const notOurs = new Set(['node_modules', 'dist', 'release', '.cache', '.git', 'results']);

/** Every file under `folder`, as paths from the root with forward slashes. */
export const filesUnder = (folder: string): string[] => {
  const start = path.join(root, folder);
  if (!existsSync(start)) return [];
  return readdirSync(start, { withFileTypes: true }).flatMap((entry) => {
    if (notOurs.has(entry.name)) return [];
    const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesUnder(name) : [name];
  });
};

export const textOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');

export const isSource = (file: string): boolean => /\.(ts|tsx|mts|cts)$/.test(file);

export interface Source {
  readonly file: string;
  readonly body: readonly Node[];
  /** In the order written: `import`, `export … from`, `import()`, `import('…')` types and `require()`. */
  readonly imports: readonly Import[];
}

export interface Import {
  readonly specifier: string;
  /** Nothing of it is left at run time. */
  readonly typeOnly: boolean;
}

/** A node of the syntax tree, as far as these tests look at one. */
export interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

export const parse = (file: string, text = textOf(file)): Source => {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file} does not parse: ${String(errors[0]?.message)}`);
  const imports: Import[] = [];
  const body = program.body as unknown as Node[];
  for (const node of body.flatMap(nodesIn)) {
    const specifier = importedBy(node);
    if (specifier !== undefined) imports.push({ specifier, typeOnly: isTypeOnly(node) });
  }
  return { file, body, imports };
};

/** This node and everything below it. */
export const nodesIn = (node: Node): Node[] => {
  const below = Object.values(node).flatMap((value) => {
    const children: unknown[] = Array.isArray(value) ? value : [value];
    return children.filter(isNode).flatMap(nodesIn);
  });
  return [node, ...below];
};

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';

const importedBy = (node: Node): string | undefined => {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return literal(node.source ?? node.argument);
    case 'CallExpression': {
      const [first] = node.arguments as unknown[];
      return nameOf(node.callee) === 'require' ? literal(first) : undefined;
    }
    default:
      return undefined;
  }
};

// As TypeScript has it under verbatimModuleSyntax: only a whole `import type` disappears.
const isTypeOnly = (node: Node): boolean =>
  node.type === 'TSImportType' || node.importKind === 'type' || node.exportKind === 'type';

const literal = (node: unknown): string | undefined => {
  if (!isNode(node)) return undefined;
  // A computed import() cannot be compared with a table, so it is reported as one that no row allows.
  return node.type === 'Literal' ? String(node.value) : '(computed)';
};

/** `setTimeout` for the name, `Date.now` for a member of one, undefined for anything else. */
export const nameOf = (node: unknown): string | undefined => {
  if (!isNode(node)) return undefined;
  if (node.type === 'Identifier') return String(node.name);
  if (node.type !== 'MemberExpression' || node.computed === true) return undefined;
  const [object, property] = [nameOf(node.object), nameOf(node.property)];
  return object === undefined || property === undefined ? undefined : `${object}.${property}`;
};

/** The file that a relative specifier in `from` means, as a path from the root. */
export const targetOf = (from: string, specifier: string): string => {
  const target = path.posix.join(path.posix.dirname(from), specifier.replace(/\?.*$/, ''));
  const there = path.join(root, target);
  return existsSync(there) && statSync(there).isFile() ? target : `${target} (missing)`;
};
