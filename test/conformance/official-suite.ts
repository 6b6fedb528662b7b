/** Runs the official client conformance suite with Drawbridge as the client, and reads what it found. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** How one scenario ended. Clean is one without a problem. */
export interface Outcome {
  readonly scenario: string;
  /** Why it does not count, for what the revision does not require. */
  readonly notScored: string | undefined;
  /** Checks that failed or warned, in the suite's words. */
  readonly problems: readonly string[];
}

interface Requirements {
  readonly required: readonly string[];
  /** Run all the same, by the reason why they do not count. */
  readonly notScored: ReadonlyMap<string, string>;
}

export const revisions = ['2025-11-25', '2026-07-28'] as const;

/** Required by no set, because no set reaches that far back: how servers of 2025-03-26 are signed in to. */
export const backCompatScenarios = [
  'auth/2025-03-26-oauth-metadata-backcompat',
  'auth/2025-03-26-oauth-endpoint-fallback',
] as const;

const suite = path.dirname(
  fileURLToPath(import.meta.resolve('@modelcontextprotocol/conformance/package.json')),
);
const results = path.join(import.meta.dirname, '..', '..', '.cache', 'conformance');
const client = path.join(import.meta.dirname, 'client.ts');
/** A scenario takes a second or two, but all of them run at the same time. */
const CLIENT_MS = 100_000;

/** What a revision requires of a client, as the suite's own list has it. */
export const requirementsOf = async (revision: string): Promise<Requirements> => {
  const text = await readFile(path.join(suite, 'requirements', `${revision}.yaml`), 'utf8');
  const list = /^client:\n((?: {2}- .*\n)+)/m.exec(text)?.[1] ?? '';
  const extras = text.matchAll(/- scenario: (\S+)\n +leg: client\n +reason: (\S+)/g);
  return {
    required: list.split('\n').flatMap((line) => /^ {2}- (\S+)/.exec(line)?.[1] ?? []),
    notScored: new Map([...extras].map(([, name = '', reason = '']) => [name, reason])),
  };
};

/** Runs what a revision requires. A required scenario that left no result is there with a problem that says so. */
export const runRevision = async (revision: string): Promise<Outcome[]> => {
  const { required, notScored } = await requirementsOf(revision);
  const { found, exitCode } = await run(['--requirements', revision], revision);
  const names = [...new Set([...required, ...found.keys()])];
  const outcomes = names.map((scenario) => ({
    scenario,
    notScored: required.includes(scenario) ? undefined : (notScored.get(scenario) ?? 'not listed'),
    problems: found.get(scenario) ?? ['left no result'],
  }));
  // The suite knows of a client that hung or crashed, which no check shows.
  const explained = outcomes.some(isFailure);
  return exitCode === 0 || explained ? outcomes : [...outcomes, suiteFailed(exitCode)];
};

/** Runs one scenario that is on no list. */
export const runScenario = async (scenario: string): Promise<Outcome> => {
  const { found, exitCode } = await run(['--scenario', scenario], scenario);
  const problems = found.get(scenario) ?? ['left no result'];
  const crashed = exitCode === 0 ? [] : suiteFailed(exitCode).problems;
  return { scenario, notScored: undefined, problems: problems.length > 0 ? problems : crashed };
};

/** Whether it is an offence: not clean although it counts. */
export const isFailure = ({ notScored, problems }: Outcome): boolean =>
  notScored === undefined && problems.length > 0;

const suiteFailed = (exitCode: number): Outcome => ({
  scenario: 'the suite itself',
  notScored: undefined,
  problems: [`ended with ${exitCode}`],
});

const run = async (
  what: readonly string[],
  name: string,
): Promise<{ found: Map<string, string[]>; exitCode: number }> => {
  const folder = path.join(results, name);
  await rm(folder, { recursive: true, force: true });
  const running = spawn(
    process.execPath,
    [
      path.join(suite, 'dist', 'index.js'),
      'client',
      // The suite hands it to a shell.
      ...['--command', `"${process.execPath}" "${client}"`],
      ...['--timeout', String(CLIENT_MS)],
      ...['--output-dir', folder],
      ...what,
    ],
    { stdio: 'ignore' },
  );
  const [exitCode] = (await once(running, 'exit')) as [number | null];
  return { found: await readResults(folder), exitCode: exitCode ?? 1 };
};

const Checks = z.array(
  z.object({ id: z.string(), status: z.string(), description: z.string().optional() }),
);

/** Problems by scenario. The suite writes to `auth/metadata-default-2026-07-28T12-00-00-000Z/checks.json`. */
const readResults = async (folder: string): Promise<Map<string, string[]>> => {
  const files = await readdir(folder, { recursive: true }).catch(() => []);
  const found = new Map<string, string[]>();
  for (const file of files.filter((name) => path.basename(name) === 'checks.json')) {
    const scenario = path.dirname(file).replaceAll(path.sep, '/').replace(TIMESTAMP, '');
    const checks = Checks.parse(JSON.parse(await readFile(path.join(folder, file), 'utf8')));
    const problems = checks
      .filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
      .map(({ id, status, description }) => `${status} ${id}: ${description ?? ''}`);
    const idle = checks.every(({ status }) => status !== 'SUCCESS');
    found.set(scenario, idle ? [...problems, 'no check passed'] : problems);
  }
  return found;
};

const TIMESTAMP = /-\d{4}-\d\d-\d\dT[\d-]+Z$/;
