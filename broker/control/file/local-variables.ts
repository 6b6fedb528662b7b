/** The variables of a program in a file: what they name stays only named, and what is kept with the program stays kept. */
import type { FileServer } from '../../../shared/contract/drawbridge-file.ts';
import type { ServerRecord } from '../../servers/registry.ts';
import { placeholder } from './present.ts';

interface Variables {
  /** Those that stand as an export names them: the secret that is held for each is still the one. */
  readonly secretEnv: string[];
  /** The others, references among them. */
  readonly env: Record<string, string>;
}

/** `record` is what there is of the program, if there is anything. */
export const variablesOf = (
  { env }: NonNullable<FileServer['command']>,
  record: Pick<ServerRecord, 'id' | 'command'> | undefined,
): Variables => {
  const secretEnv = (record?.command?.secretEnv ?? []).filter(
    (name) => Object.hasOwn(env, name) && env[name] === placeholder(record?.id ?? '', name),
  );
  const plain = Object.entries(env).filter(([name]) => !secretEnv.includes(name));
  return { secretEnv, env: Object.fromEntries(plain) };
};
