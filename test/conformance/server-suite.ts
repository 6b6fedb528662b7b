/** Runs the official suite's scenarios for servers against an address, and reads each verdict it gave. */
import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { results, runSuite } from './official-suite.ts';

/** One check of a scenario. A check that is made several times has several verdicts. */
export interface Verdict {
  readonly scenario: string;
  /** The check's id. */
  readonly check: string;
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED';
  readonly message: string | undefined;
}

/** What the suite only writes down along the way is no verdict. */
const isVerdict = (status: string): status is Verdict['status'] => status !== 'INFO';

/** Of no revision, and so in no set: what a server of 2026-07-28 may have besides. */
const extensions: Readonly<Record<string, readonly string[]>> = {
  '2026-07-28': [
    'sep-2640-skills-directory',
    'sep-2640-skills-enumeration',
    'sep-2640-skills-manifest',
  ],
};

/** Everything that `revision` requires of a server, and what else the suite has for it. */
export const judgeServer = async (
  url: string,
  revision: string,
  name: string,
): Promise<Verdict[]> => {
  const folder = path.join(results, 'servers', name);
  await rm(folder, { recursive: true, force: true });
  const run = (...what: string[]) =>
    runSuite(['server', '--url', url, ...what, '--output-dir', folder]);
  const [{ said }] = await Promise.all([
    run('--requirements', revision),
    ...(extensions[revision] ?? []).map((scenario) =>
      run('--scenario', scenario, '--spec-version', revision, '--force'),
    ),
  ]);
  const scenarios = await readdir(folder).catch((): string[] => []);
  if (scenarios.length === 0) throw new Error(`the suite left no result: ${said}`);
  const read = scenarios.toSorted().map((scenario) => readVerdicts(folder, scenario));
  return (await Promise.all(read)).flat();
};

const Checks = z.array(
  z.object({ id: z.string(), status: z.string(), errorMessage: z.string().optional() }),
);

const readVerdicts = async (folder: string, run: string): Promise<Verdict[]> => {
  // The folder is called `server-<scenario>-<time>`.
  const scenario = run.replace(/^server-/, '').replace(/-\d{4}-\d\d-\d\dT.*$/, '');
  // A scenario that broke down leaves none, and so lacks every verdict that it gave elsewhere.
  const checks = await readFile(path.join(folder, run, 'checks.json'), 'utf8').catch(() => '[]');
  return Checks.parse(JSON.parse(checks)).flatMap(({ id: check, status, errorMessage: message }) =>
    isVerdict(status) ? [{ scenario, check, status, message }] : [],
  );
};
