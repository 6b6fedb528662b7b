/** The programs that a file would have run anew, as a person can judge them. */
import { commandLine } from '../../shared/command-line.ts';
import type {
  DrawbridgeFile,
  FileServer,
  FileStep,
} from '../../shared/contract/drawbridge-file.ts';

export const programsOf = (
  { servers }: DrawbridgeFile,
  steps: readonly FileStep[],
): readonly string[] =>
  Object.entries(servers).flatMap(([id, server]) => {
    const step = steps.find(({ path }) => path[0] === 'servers' && path[1] === id);
    const isNew = (part: keyof FileServer): boolean =>
      step?.does === 'add' || step?.changes.some(({ path }) => path[2] === part) === true;
    const { command, source } = server;
    const [program = '', ...args] = source?.kind === 'command' ? source.command : [];
    return [
      ...(command !== undefined && isNew('command') ? [[command, environment(command)]] : []),
      ...(program !== '' && isNew('source') ? [[{ program, args }, '']] : []),
    ].map(
      ([line, rest]) =>
        `${id}: ${commandLine(line as { program: string; args: string[] })}${String(rest)}`,
    );
  });

const environment = ({ env, folder }: NonNullable<FileServer['command']>): string =>
  [
    ...(folder === undefined ? [] : [` in ${folder}`]),
    ...Object.entries(env).map(([name, value]) => ` with ${name}=${value}`),
  ].join('');
