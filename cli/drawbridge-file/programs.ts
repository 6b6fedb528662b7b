/** The programs that a file would have run anew, as a person can judge them. */
import { commandLine } from '../../shared/command-line.ts';
import type {
  DrawbridgeFile,
  FileServer,
  FileStep,
} from '../../shared/contract/drawbridge-file.ts';
import { programIn } from '../../shared/contract/token-sources.ts';
import { described } from '../agree.ts';

/** A line each. */
export const programsOf = (
  { servers }: DrawbridgeFile,
  steps: readonly FileStep[],
): readonly string[] =>
  Object.entries(servers).flatMap(([id, { command, source }]) => {
    const step = steps.find(({ path }) => path[0] === 'servers' && path[1] === id);
    const isNew = (part: keyof FileServer): boolean =>
      step?.does === 'add' || step?.changes.some(({ path }) => path[2] === part) === true;
    const [program, ...args] = programIn(source) ?? [];
    return [
      ...(command !== undefined && isNew('command') ? [described(command).join(' ')] : []),
      ...(program !== undefined && isNew('source') ? [commandLine({ program, args })] : []),
    ].map((line) => `${id}: ${line}`);
  });
