/** `drawbridge import <file>` */
import { readFile } from 'node:fs/promises';
import type { AppliedFile, FileChange, FileStep } from '../../shared/contract/drawbridge-file.ts';
import { ProblemError, problemError } from '../../shared/contract/problems.ts';
import { agree } from '../agree.ts';
import { type Command, Told } from '../command.ts';
import { pathText } from '../drawbridge-file/places.ts';
import { type Located, type ReadFile, readDrawbridgeFile } from '../drawbridge-file/read-file.ts';
import { oneLine, type Terminal } from '../terminal.ts';

export const importFile: Command = {
  usage: 'import <file>',
  summary: 'make servers, accounts and rules so as a file says',
  help: [
    '',
    '  --dry-run  only show what would be added and changed, and what there is to agree to',
    '  --yes      do not ask: for scripts, with a file that you know',
    '',
    'What a file from somebody else could do to your harm is shown and asked about first: programs that it runs, secrets that',
    'it sends somewhere, rules that it breaks, servers that it moves, and whom it lets in at the HTTP door.',
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
    if (!flag('yes')) await agreeTo(looked, terminal);
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

/** A program runs with all rights of the person, and a secret that was sent is not to be had back, whoever wrote the file (F13). */
const agreeTo = async ({ agreements }: AppliedFile, terminal: Terminal): Promise<void> => {
  if (agreements.length === 0) return;
  terminal.say('With this file, whoever has written it, and with all your rights:');
  for (const { says } of agreements) terminal.say(`  ${oneLine(says)}`);
  await agree('Do you want that?', 'nothing was imported');
};

const shown = ({ steps, agreements, done, problem }: AppliedFile) => ({
  steps: steps.map(({ path, changes, ...step }) => ({
    path: pathText(path),
    ...step,
    changes: changes.map((change) => ({ ...change, path: pathText(change.path) })),
  })),
  agreements: agreements.map(({ path, says }) => ({ path: pathText(path), says })),
  done,
  ...(problem === undefined ? {} : { error: problemError(problem).problem }),
});

const words = {
  add: { would: 'to add', did: 'added' },
  change: { would: 'to change', did: 'changed' },
  nothing: { would: 'as it is', did: 'as it was' },
} as const;

const asText = ({ steps, agreements, done, problem }: AppliedFile, dryRun: boolean): string => {
  const lines = [
    ...steps.flatMap((step, index) => linesOf(step, dryRun || index >= done)),
    ...(dryRun ? agreements.map(({ says }) => `to agree   ${oneLine(says)}`) : []),
  ];
  const isSame = steps.every(({ does }) => does === 'nothing');
  const last = isSame ? ['nothing to change'] : [];
  return [...lines, ...(problem === undefined ? last : [])].join('\n');
};

const linesOf = ({ path, does, changes, notes }: FileStep, isAhead: boolean): readonly string[] => [
  `${words[does][isAhead ? 'would' : 'did'].padEnd(10)} ${oneLine(pathText(path))}`,
  ...changes.map((change) => `  ${oneLine(changeText(change, path.length, does))}`),
  ...notes.map((note) => `  note: ${oneLine(note)}`),
];

const changeText = (
  { path, from, to }: FileChange,
  depth: number,
  does: FileStep['does'],
): string => {
  const field = pathText(path.slice(Math.min(depth, path.length - 1)));
  const value = (one: unknown): string => (one === undefined ? 'nothing' : JSON.stringify(one));
  return `${field}: ${does === 'add' ? '' : `${value(from)} becomes `}${value(to)}`;
};
