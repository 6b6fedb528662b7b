/** From the text of a policy to its rules, or to what is wrong with it and where. */
import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';
import { PolicyRules } from '../../shared/contract/policy.ts';

export interface Fault {
  readonly why: string;
  /** Both from 1, as editors count them. */
  readonly line: number;
  readonly column: number;
}

export type Parsed = { readonly rules: PolicyRules } | { readonly fault: Fault };

/** Never throws. */
export const parsePolicy = (text: string): Parsed => {
  try {
    return parse(text);
  } catch {
    // Lists in lists in lists: deeper than any reader goes.
    return { fault: { why: 'it cannot be understood', line: 1, column: 1 } };
  }
};

const parse = (text: string): Parsed => {
  const errors: ParseError[] = [];
  const tree = parseTree(text.replace(/^\uFEFF/, ' '), errors, { allowTrailingComma: true });
  const faultAt = (offset: number, why: string): Parsed => ({
    fault: { why, ...at(text, offset) },
  });
  const [error] = errors;
  if (tree === undefined || error !== undefined)
    return faultAt(error?.offset ?? 0, `it is no JSON (${nameOf(error)})`);
  const twice = saidTwice(tree);
  if (twice !== undefined) return faultAt(twice.offset, `${quoted(twice.value)} is said twice`);
  const parsed = PolicyRules.safeParse(getNodeValue(tree));
  if (parsed.success) return { rules: parsed.data };
  const [issue] = parsed.error.issues;
  const keys = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const path = [...(issue?.path ?? []), ...keys].filter((part) => typeof part !== 'symbol');
  // Of what is unknown the name is what is wrong, of anything else the value.
  const value = findNodeAtLocation(tree, path);
  const node = keys.length === 0 ? value : value?.parent;
  const why = keys.length === 0 ? (issue?.message ?? 'wrong') : 'there is no such rule';
  return faultAt(node?.offset ?? 0, path.length === 0 ? why : `${path.join('.')}: ${why}`);
};

const nameOf = (error: ParseError | undefined): string =>
  error === undefined ? 'it is empty' : printParseErrorCode(error.error);

/** The last one would count, and the first one be read by a person. */
const saidTwice = (node: Node): Node | undefined => {
  const names = new Set<unknown>();
  for (const child of node.children ?? []) {
    const [name] = node.type === 'object' ? (child.children ?? []) : [];
    if (name !== undefined && names.has(name.value)) return name;
    names.add(name?.value);
    const inside = saidTwice(child);
    if (inside !== undefined) return inside;
  }
  return undefined;
};

const quoted = (name: unknown): string => JSON.stringify(name);

const at = (text: string, offset: number): Pick<Fault, 'line' | 'column'> => {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
};
