/** Runs a scenario of the official client conformance suite with Drawbridge as the client, and reads what it found. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Clients } from './clients.ts';
import type { WayName } from './ways.ts';

export interface Run {
  readonly scenario: string;
  /** Whose words are spoken on the wire. */
  readonly revision: string;
  readonly way: WayName;
}

/** How one run ended. Clean is one without a problem. */
export interface Outcome extends Run {
  /** Checks that failed or warned, in the suite's words, and what else was wrong. */
  readonly problems: readonly string[];
}

const suite = path.dirname(
  fileURLToPath(import.meta.resolve('@modelcontextprotocol/conformance/package.json')),
);
const program = path.join(suite, 'dist', 'index.js');
/** Where the suite leaves what it found. */
export const results = path.join(import.meta.dirname, '..', '..', '.cache', 'conformance');
/** What the suite is told to forgive: nothing. */
export const expectedFailures = path.join(import.meta.dirname, 'expected-failures.yml');
/** A scenario takes a second or two; the rest is for a machine that is busy with other things. */
const CLIENT_MS = 60_000;

/** What a revision requires of a client, or of a server, as the suite's own list has it. */
export const requiredBy = async (
  revision: string,
  side: 'client' | 'server' = 'client',
): Promise<string[]> => {
  const lists = await readFile(path.join(suite, 'requirements', `${revision}.yaml`), 'utf8');
  const list = new RegExp(`^${side}:\\n((?: {2}- .*\\n)+)`, 'm').exec(lists)?.[1] ?? '';
  return list.split('\n').flatMap((line) => /^ {2}- (\S+)/.exec(line)?.[1] ?? []);
};

/** Every scenario there is for clients. */
export const clientScenarios = async (): Promise<string[]> => {
  const { said } = await runSuite(['list', '--client']);
  return said.split('\n').flatMap((line) => /^ {2}- (\S+)/.exec(line)?.[1] ?? []);
};

/** A run that left no result, or whose client crashed or hung, has a problem that says so. */
export const runScenario = async (
  { scenario, revision, way }: Run,
  clients: Clients,
): Promise<Outcome> => {
  const folder = path.join(results, way, revision, scenario);
  await rm(folder, { recursive: true, force: true });
  const { exitCode, said } = await runSuite([
    'client',
    ...['--scenario', scenario],
    // Also for scenarios of extensions, which no revision knows.
    ...['--spec-version', revision, '--force'],
    ...['--command', clients.command(way)],
    ...['--timeout', String(CLIENT_MS)],
    ...['--expected-failures', expectedFailures],
    ...['--output-dir', folder],
  ]);
  const problems = await readProblems(folder);
  // With a list of expected failures, the exit code says nothing of a client that crashed or hung.
  const passed = exitCode === 0 && said.includes('OVERALL: PASSED');
  const unexplained = passed || problems.length > 0 ? [] : [`the suite ended with ${exitCode}`];
  return { scenario, revision, way, problems: [...problems, ...unexplained] };
};

/** Runs the suite's program to its end. */
export const runSuite = async (
  parameters: readonly string[],
): Promise<{ exitCode: number | null; said: string }> => {
  const running = spawn(process.execPath, [program, ...parameters], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [[exitCode], ...said] = await Promise.all([
    once(running, 'close') as Promise<[number | null]>,
    text(running.stdout),
    text(running.stderr),
  ]);
  return { exitCode, said: said.join('') };
};

const Checks = z.array(
  z.object({ id: z.string(), status: z.string(), description: z.string().optional() }),
);

const readProblems = async (folder: string): Promise<string[]> => {
  const files = await readdir(folder, { recursive: true }).catch(() => []);
  const file = files.find((name) => path.basename(name) === 'checks.json');
  if (file === undefined) return ['left no result'];
  const checks = Checks.parse(JSON.parse(await readFile(path.join(folder, file), 'utf8')));
  const problems = checks
    .filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
    .map(({ id, status, description }) => `${status} ${id}: ${description ?? ''}`);
  const idle = checks.every(({ status }) => status !== 'SUCCESS');
  return idle ? [...problems, 'no check passed'] : problems;
};
