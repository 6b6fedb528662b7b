/** Which scenarios are run, in whose words and which way; and which are not, and why. */
import { startClients } from './clients.ts';
import { type Outcome, type Run, requiredBy, runScenario } from './official-suite.ts';
import type { WayName } from './ways.ts';

/** Runs that belong together, by a title for people. */
export interface Chapter {
  readonly title: string;
  readonly runs: readonly Run[];
}

export const revisions = ['2025-11-25', '2026-07-28'] as const;

/** Required by no set. Held to all the same, on the wire of both revisions. */
const extensions = [
  'auth/client-credentials-jwt',
  'auth/client-credentials-basic',
  'auth/enterprise-managed-authorization',
] as const;

/** Required by no set, because no set reaches that far back: how servers of 2025-03-26 are signed in to. */
const backCompat = [
  'auth/2025-03-26-oauth-metadata-backcompat',
  'auth/2025-03-26-oauth-endpoint-fallback',
] as const;

const dpop = 'DPoP is a draft: Drawbridge sends bearer tokens';
const skills = 'about what a host does with skills: Drawbridge passes them on';

/** Why a scenario is not run, where it is not for lack of being required. */
export const notScored: Readonly<Record<string, string>> = {
  'auth/dpop': dpop,
  'auth/dpop-nonce': dpop,
  'auth/wif-jwt-bearer': 'for workloads of a platform, a draft: Drawbridge signs people in',
  'sep-2640-client-no-prefetch': skills,
  'sep-2640-client-verify-digest': skills,
  'sep-2640-client-verify-size': skills,
  'sep-2640-client-verify-frontmatter': skills,
};

/** Newer than the sets, and held to all the same. */
const addedSince = ['json-schema-2020-12-preservation'] as const;

/** For a line about a run. */
export const wayTitles: Readonly<Record<WayName, string>> = {
  bridge: 'through the bridge',
  direct: 'directly',
};

/** Without a sign-in there is nothing of Drawbridge in a client that goes directly. */
const signsIn = (scenario: string): boolean => scenario.startsWith('auth/');

/** Everything that is run. */
export const plan = async (): Promise<Chapter[]> => {
  const required = await Promise.all(
    revisions.map(async (revision) => ({
      title: `required by ${revision}`,
      ...{ revision, scenarios: await requiredBy(revision) },
    })),
  );
  const beyond = revisions.map((revision) => ({
    title: `extensions and later additions, ${revision}`,
    ...{ revision, scenarios: [...extensions, ...addedSince] },
  }));
  const older = {
    title: 'servers of 2025-03-26',
    ...{ revision: '2025-03-26', scenarios: backCompat },
  };
  const sets = [...required, ...beyond, older];
  return (['bridge', 'direct'] as const).flatMap((way) =>
    sets.map(({ title, revision, scenarios }) => ({
      title: `${title}, ${wayTitles[way]}`,
      runs: scenarios
        .filter((scenario) => way === 'bridge' || signsIn(scenario))
        .map((scenario) => ({ scenario, revision, way })),
    })),
  );
};

/** As many as there are cores on a small machine: more of them only get into each other's way. */
const AT_A_TIME = 2;

/** Runs a chapter, and tells each outcome as soon as it is known. */
export const runChapter = async (
  { runs }: Chapter,
  onOutcome: (outcome: Outcome) => void = () => undefined,
): Promise<Outcome[]> => {
  await using clients = await startClients();
  const outcomes: Outcome[] = [];
  const left = runs.values();
  const work = async (): Promise<void> => {
    for (const run of left) {
      const outcome = await runScenario(run, clients);
      outcomes.push(outcome);
      onOutcome(outcome);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return outcomes;
};

/** Whether it failed or warned, or left anything to be desired. */
export const isFailure = ({ problems }: Outcome): boolean => problems.length > 0;
