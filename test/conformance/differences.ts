/** Where the suite finds something else through the bridge than without it, and which of that is right so. */
import { type Accepted, accepted } from './accepted-differences.ts';
import { type Comparison, type Pairing, titleOf } from './pairings.ts';
import type { Verdict } from './server-suite.ts';

export interface Difference {
  readonly scenario: string;
  readonly check: string;
  /** Every verdict on the check, in the order of the suite; empty where it was not made. */
  readonly directly: readonly string[];
  readonly bridged: readonly string[];
  /** What the suite has to say about it. */
  readonly message: string | undefined;
  /** Why it is right so; undefined when nobody says that it is. */
  readonly accepted: Accepted | undefined;
}

export interface Differences {
  readonly all: readonly Difference[];
  readonly unexplained: readonly Difference[];
  /** What is accepted for the pairing and does not differ there any more. */
  readonly stale: readonly Accepted[];
}

export const differencesIn = ({ pairing, directly, bridged }: Comparison): Differences => {
  const [here, there] = [byCheck(directly), byCheck(bridged)];
  const expected = accepted.filter((entry) => isAbout(entry, pairing));
  const all = [...new Set([...here.keys(), ...there.keys()])].flatMap((name) =>
    differenceOf(here.get(name) ?? [], there.get(name) ?? [], expected),
  );
  return {
    all,
    unexplained: all.filter((difference) => difference.accepted === undefined),
    stale: expected.filter((entry) => !all.some((difference) => difference.accepted === entry)),
  };
};

/** Of the verdicts on one check; none when they are the same. */
const differenceOf = (
  directly: readonly Verdict[],
  bridged: readonly Verdict[],
  expected: readonly Accepted[],
): Difference[] => {
  const [first] = [...directly, ...bridged];
  if (first === undefined || String(directly.map(statusOf)) === String(bridged.map(statusOf)))
    return [];
  const { scenario, check } = first;
  return [
    {
      ...{ scenario, check },
      directly: directly.map(statusOf),
      bridged: bridged.map(statusOf),
      message: [...bridged, ...directly].find(({ message }) => message !== undefined)?.message,
      accepted: expected.find(
        (entry) => entry.scenario === scenario && (entry.check ?? check) === check,
      ),
    },
  ];
};

const statusOf = ({ status }: Verdict): string => status;

const isAbout = ({ pairings }: Accepted, pairing: Pairing): boolean =>
  pairings === undefined || pairings.includes(titleOf(pairing));

const byCheck = (verdicts: readonly Verdict[]): Map<string, Verdict[]> =>
  Map.groupBy(verdicts, ({ scenario, check }) => `${scenario} ${check}`);
