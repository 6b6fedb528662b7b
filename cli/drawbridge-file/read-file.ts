/** What a file to be imported says, ours or one of ToolHive, or everything that is wrong with it. */
import type { z } from 'zod';
import { DoorVerifier } from '../../shared/contract/door.ts';
import {
  DrawbridgeFile,
  type FileFault,
  type FilePath,
} from '../../shared/contract/drawbridge-file.ts';
import { REFERENCE_FORMS } from '../../shared/contract/references.ts';
import { TokenSource } from '../../shared/contract/token-sources.ts';
import { isObject } from '../../shared/is-object.ts';
import { type Place, readJsonc } from '../../shared/jsonc.ts';
import { fromToolHive, isToolHive } from './from-toolhive.ts';
import type { LeftOut } from './toolhive-fields.ts';

export interface Located extends FileFault, Place {}

export interface ReadFile {
  /** Absent while anything is wrong. */
  readonly file: DrawbridgeFile | undefined;
  /** What stood in the file itself, by the names that it is referred to now. */
  readonly secrets: Readonly<Record<string, string>>;
  /** What has no counterpart here. */
  readonly leftOut: readonly LeftOut[];
  readonly faults: readonly Located[];
  /** The same faults, with where each is. */
  readonly locate: (faults: readonly FileFault[]) => readonly Located[];
}

export const readDrawbridgeFile = (text: string): ReadFile => {
  const { value, mistakes, placeOf } = readJsonc(text);
  const broken = mistakes.map(({ is: _is, ...mistake }) => mistake);
  const said = isToolHive(value) ? fromToolHive(value) : asItIs(value);
  const locate = (faults: readonly FileFault[]): readonly Located[] =>
    faults.map(({ path, message, hint }) => {
      const at = said.origin(path);
      return { path: at, ...placeOf(at), message, ...(hint === undefined ? {} : { hint }) };
    });
  const { secrets, leftOut } = said;
  if (broken.length > 0) return { file: undefined, secrets, leftOut, faults: broken, locate };
  const parsed = DrawbridgeFile.safeParse(said.value);
  const faults = locate([
    ...said.faults,
    ...(parsed.success ? [] : parsed.error.issues.flatMap((issue) => faultsOf(issue, said.value))),
    ...(parsed.success ? strays(said.value, parsed.data, []) : []),
  ]);
  return {
    file: parsed.success && faults.length === 0 ? parsed.data : undefined,
    ...{ secrets, leftOut, faults, locate },
  };
};

const asItIs = (value: unknown) => ({
  value,
  ...{ secrets: {}, leftOut: [], faults: [] },
  origin: (path: FilePath) => path,
});

type Issue = z.core.$ZodIssue;

const faultsOf = (issue: Issue, value: unknown): readonly FileFault[] => {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  return issue.code === 'unrecognized_keys'
    ? issue.keys.map((name) => stray([...path, name]))
    : [faultOf(issue, path, value)];
};

const faultOf = (issue: Issue, path: FilePath, value: unknown): FileFault => {
  if (issue.code === 'invalid_key')
    return { path, message: `this cannot be a name: ${issue.issues[0]?.message ?? ''}` };
  if (issue.code === 'invalid_union' && path.at(-1) === 'kind')
    return {
      path,
      message: 'there is no such kind',
      hint: `one of: ${kindsAt(path.at(-2)).join(', ')}`,
    };
  if (issue.code !== 'custom' && valueAt(value, path) === undefined)
    return { path, message: 'it is missing', hint: docs };
  // Never the value itself: it may be a secret that should not stand there.
  const isSecret = issue.message.includes(REFERENCE_FORMS);
  return { path, message: issue.message, hint: isSecret ? keepIt : docs };
};

const keepIt = 'drawbridge secret NAME keeps it in the vault';
const docs = 'docs/drawbridge-file.md shows how it is written';

const kindsAt = (part: FilePath[number] | undefined): readonly string[] =>
  (part === 'verify' ? DoorVerifier : TokenSource).options.map(({ shape }) => shape.kind.value);

/** What was said and not understood: a slip in a name must not look as if it had been done. */
const strays = (said: unknown, understood: unknown, path: FilePath): readonly FileFault[] => {
  if (Array.isArray(said) && Array.isArray(understood))
    return said.flatMap((each, index) => strays(each, understood[index], [...path, index]));
  if (!isObject(said) || !isObject(understood)) return [];
  return Object.entries(said).flatMap(([name, value]): readonly FileFault[] =>
    Object.hasOwn(understood, name)
      ? strays(value, understood[name], [...path, name])
      : [stray([...path, name])],
  );
};

const stray = (path: FilePath): FileFault => ({
  ...{ path, message: 'there is nothing of this name', hint: docs },
});

const valueAt = (value: unknown, path: FilePath): unknown =>
  path.reduce<unknown>(
    (inside, part) =>
      typeof inside === 'object' && inside !== null && Object.hasOwn(inside, part)
        ? (inside as Readonly<Record<string | number, unknown>>)[part]
        : undefined,
    value,
  );
