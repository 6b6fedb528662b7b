/** `drawbridge import <file>` */
import { readFile } from 'node:fs/promises';
import type {
  AppliedFile,
  DrawbridgeFile,
  FileChange,
  FileStep,
} from '../../shared/contract/drawbridge-file.ts';
import { ProblemError, problemError } from '../../shared/contract/problems.ts';
import { agree } from '../agree.ts';
import { type Command, Told } from '../command.ts';
import { pathText } from '../drawbridge-file/places.ts';
import { programsOf } from '../drawbridge-file/programs.ts';
import { type Located, type ReadFile, readDrawbridgeFile } from '../drawbridge-file/read-file.ts';
import { oneLine, type Terminal } from '../terminal.ts';

export const importFile: Command = {
  usage: 'import <file>',
  summary: 'make servers, accounts and rules so as a file says',
  help: [
    '',
    '  --dry-run  only show what would be added and changed',
    '  --yes      do not ask whether the programs in it may run: for scripts',
    '',
    'The file is a drawbridge.json (docs/drawbridge-file.md) or what `thv export` writes (docs/from-toolhive.md). All of it',
    'is looked at before anything changes. What is not in it stays as it is; a second import changes nothing. No server is',
    'needed for that, no browser opens, and nobody is signed in.',
  ],
  words: [1, 1],
  options: { 'dry-run': { type: 'boolean' }, yes: { type: 'boolean' } },
  run: async ({ words: [name = ''], flag, terminal, control }) => {
    const read = readDrawbridgeFile(await textOf(name));
    tellLeftOut(read, terminal);
    if (read.file === undefined) throw refused(name, read.faults, terminal);
    const { file, secrets } = read;
    const client = await control();
    const looked = await client.applyFile({ file, secrets, dryRun: true });
    if (looked.faults.length > 0) throw refused(name, read.locate(looked.faults), terminal);
    const { leftOut } = read;
    if (flag('dry-run'))
      return terminal.facts(asText(looked, true), { dryRun: true, ...shown(looked), leftOut });
    if (!flag('yes')) await agreeTo(file, looked, terminal);
    const applied = await client.applyFile({ file, secrets });
    // What was there has changed meanwhile.
    if (applied.faults.length > 0) throw refused(name, read.locate(applied.faults), terminal);
    terminal.facts(asText(applied, false), { dryRun: false, ...shown(applied), leftOut });
    if (applied.problem === undefined) return;
    const { message, hint } = applied.problem;
    const so = `${message}: ${applied.done} of ${applied.steps.length} steps are done`;
    const then = 'import it again when that is mended: what is done is left alone';
    throw new Told(applied.problem.code, so, {
      hint: hint === undefined ? then : `${hint}; ${then}`,
    });
  },
};

const textOf = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ProblemError('bad-usage', `the file ${JSON.stringify(file)} cannot be read`, {
      cause,
    });
  });

const refused = (name: string, faults: readonly Located[], terminal: Terminal): Told => {
  const told = faults.map(({ path, ...fault }) => ({ path: pathText(path), ...fault }));
  const problem = new Told('file-unusable', `nothing was imported: ${countOf(faults.length)}`);
  terminal.facts('', { error: problem.problem, faults: told });
  for (const { path, line, column, message, hint } of told) {
    const where = `${name}:${line}:${column}`;
    terminal.say(oneLine(`${where} ${path === '' ? '' : `${path}: `}${message}`));
    if (hint !== undefined) terminal.say(`  hint: ${oneLine(hint)}`);
  }
  return problem;
};

const countOf = (faults: number): string =>
  faults === 1 ? 'one thing is wrong' : `${faults} things are wrong`;

const tellLeftOut = ({ leftOut }: ReadFile, terminal: Terminal): void => {
  for (const { what, why } of leftOut) terminal.say(oneLine(`left out: ${what}: ${why}`));
};

/** A program runs with all rights of the person, whoever wrote the file (F13). */
const agreeTo = async (
  file: DrawbridgeFile,
  { steps }: AppliedFile,
  terminal: Terminal,
): Promise<void> => {
  const programs = programsOf(file, steps);
  if (programs.length === 0) return;
  terminal.say('Drawbridge will run these programs with all your rights:');
  for (const line of programs) terminal.say(`  ${oneLine(line)}`);
  await agree('May they run?', 'nothing was imported');
};

const shown = ({ steps, done, problem }: AppliedFile) => ({
  steps: steps.map(({ path, changes, ...step }) => ({
    path: pathText(path),
    ...step,
    changes: changes.map((change) => ({ ...change, path: pathText(change.path) })),
  })),
  done,
  ...(problem === undefined ? {} : { error: problemError(problem).problem }),
});

const words = {
  add: { would: 'to add', did: 'added' },
  change: { would: 'to change', did: 'changed' },
  nothing: { would: 'as it is', did: 'as it was' },
} as const;

const asText = ({ steps, done, problem }: AppliedFile, dryRun: boolean): string => {
  const lines = steps.flatMap((step, index) => linesOf(step, dryRun || index >= done));
  const isSame = steps.every(({ does }) => does === 'nothing');
  const last = isSame ? ['nothing to change'] : [];
  return [...lines, ...(problem === undefined ? last : [])].join('\n');
};

const linesOf = ({ path, does, changes, notes }: FileStep, isAhead: boolean): readonly string[] => [
  `${words[does][isAhead ? 'would' : 'did'].padEnd(10)} ${oneLine(pathText(path))}`,
  ...changes.map((change) => `  ${oneLine(changeText(change, path.length))}`),
  ...notes.map((note) => `  note: ${oneLine(note)}`),
];

const changeText = ({ path, from, to }: FileChange, depth: number): string => {
  const field = pathText(path.slice(Math.min(depth, path.length - 1)));
  const value = (one: unknown): string => (one === undefined ? 'nothing' : JSON.stringify(one));
  return `${field}: ${value(from)} becomes ${value(to)}`;
};
