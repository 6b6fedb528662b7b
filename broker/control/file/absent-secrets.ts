/** Which secrets does a part of a file name that are not in the vault? */
import type { FileFault, FilePath } from '../../../shared/contract/drawbridge-file.ts';
import { vaultNamesIn } from '../../../shared/contract/references.ts';

export interface AbsentSecretsDeps {
  /** What is settled already: a secret that it names has been said to be missing before. */
  readonly known: unknown;
  readonly hasSecret: (name: string) => boolean;
}

/** Each with its path. */
export const absentSecrets = (
  said: unknown,
  path: FilePath,
  { known, hasSecret }: AbsentSecretsDeps,
): readonly FileFault[] => {
  const old = new Set(vaultNamesIn(known));
  return leavesOf(said, path).flatMap(([at, text]) =>
    vaultNamesIn(text)
      .filter((name) => !old.has(name) && !hasSecret(name))
      .map((name) => ({
        path: at,
        message: `there is no secret ${name} in the vault`,
        hint: `drawbridge secret ${name}`,
      })),
  );
};

const leavesOf = (value: unknown, path: FilePath): readonly [FilePath, unknown][] =>
  typeof value !== 'object' || value === null
    ? [[path, value]]
    : Object.entries(value).flatMap(([name, inside]) =>
        leavesOf(inside, [...path, Array.isArray(value) ? Number(name) : name]),
      );
