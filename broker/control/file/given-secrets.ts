/** The secrets of a sign-in that a file names and that are kept with its server: what they are now, and whether that is new. */
import { keptSecrets } from '../../../shared/contract/client-secrets.ts';
import type {
  FileChange,
  FileFault,
  FilePath,
  FileServer,
} from '../../../shared/contract/drawbridge-file.ts';
import { toProblem } from '../../../shared/contract/problems.ts';
import { vaultNamesIn } from '../../../shared/contract/references.ts';
import type { Resolve } from '../../tokens/sources/references.ts';
import type { Secret } from '../../vault/secret.ts';

export interface GivenSecrets {
  readonly signIn: Readonly<Record<string, string>>;
  readonly changes: readonly FileChange[];
  readonly faults: readonly FileFault[];
}

export interface SecretsToRead {
  readonly path: FilePath;
  readonly wanted: FileServer;
  /** The server as a file has it now: a reference that stands there is what is kept, whatever it is called. */
  readonly present: FileServer | undefined;
  /** Those that are kept already, by the same names. */
  readonly kept: Readonly<Partial<Record<string, Secret>>>;
  /** Whether those that are the same are given all the same: what is kept does not stay. */
  readonly isAnew: boolean;
  readonly resolve: Resolve;
  /** Throws `client-key-unusable`. */
  readonly assertClientKey: (key: string) => void;
}

/** Never rejects: what cannot be read is a fault. */
export const readGivenSecrets = async ({
  path,
  wanted,
  present,
  kept,
  isAnew,
  resolve,
  assertClientKey,
}: SecretsToRead): Promise<GivenSecrets> => {
  const changes: FileChange[] = [];
  const faults: FileFault[] = [];

  const read = async (
    at: FilePath,
    text: string,
    before: string | undefined,
    held: Secret | undefined,
  ): Promise<string | undefined> => {
    const same = isAnew ? held?.reveal() : undefined;
    if (text === before && held !== undefined) return same;
    try {
      const value = (await resolve(text)).reveal();
      if (value === held?.reveal()) return same;
      if (at.at(-1) === 'clientKey') assertClientKey(value);
      changes.push({ path: at, ...(before === undefined ? {} : { from: before }), to: text });
      return value;
    } catch (error) {
      const { message, hint } = toProblem(error);
      faults.push({
        path: at,
        message,
        ...(hint === undefined ? {} : { hint: named(text, hint) }),
      });
      return undefined;
    }
  };

  const signIn: Record<string, string> = {};
  for (const name of keptSecrets) {
    const text = wanted.signIn?.[name];
    if (text === undefined) continue;
    const before = present?.signIn?.[name];
    const value = await read([...path, 'signIn', name], text, before, kept[name]);
    if (value !== undefined) signIn[name] = value;
  }
  return { signIn, changes, faults };
};

/** What to type, where it is a secret that is missing in the vault. */
const named = (text: string, hint: string): string => {
  const [name] = vaultNamesIn(text);
  return name === undefined ? hint : `drawbridge secret ${name}`;
};
