/**
 * `npm run conformance:bridge`: what the official suite finds at a server directly, and what through the bridge; fails
 * when the two differ.
 */
import { type Difference, differencesIn } from './differences.ts';
import { type Comparison, compare, pairings, titleOf } from './pairings.ts';
import type { Verdict } from './server-suite.ts';

const columns = (scenario: string, directly: string, bridged: string): string =>
  [scenario.padEnd(46), directly.padEnd(22), bridged].join('  ');

const count = (verdicts: readonly Verdict[]): string => {
  const passed = verdicts.filter(({ status }) => status === 'SUCCESS');
  const failed = verdicts.filter(({ status }) => status === 'FAILURE');
  return `${passed.length} passed, ${failed.length} failed`;
};

const showTable = ({ pairing, directly, bridged }: Comparison): void => {
  console.log(`\n${titleOf(pairing)}\n`);
  console.log(columns('scenario', 'directly', 'through the bridge'));
  const scenarios = new Set([...directly, ...bridged].map(({ scenario }) => scenario));
  for (const name of scenarios) {
    const ofIt = ({ scenario }: Verdict): boolean => scenario === name;
    console.log(columns(name, count(directly.filter(ofIt)), count(bridged.filter(ofIt))));
  }
  console.log(columns(`in all, ${scenarios.size} scenarios`, count(directly), count(bridged)));
  console.log('');
};

const inWords = (statuses: readonly string[]): string =>
  statuses.length === 0 ? 'not made' : statuses.join(' ');

const show = ({ scenario, check, directly, bridged, message, accepted }: Difference): void => {
  console.log(`${accepted === undefined ? 'DIFFERS ' : 'accepted'}  ${scenario}: ${check}`);
  console.log(`          directly ${inWords(directly)}, through the bridge ${inWords(bridged)}`);
  if (message !== undefined) console.log(`          ${message.split('\n', 1)[0]}`);
  if (accepted !== undefined) console.log(`          ${accepted.why} (${accepted.reference})`);
};

const verdictOn = (comparison: Comparison): string => {
  showTable(comparison);
  const { all, unexplained, stale } = differencesIn(comparison);
  for (const difference of all) show(difference);
  for (const { scenario, check } of stale) {
    console.log(`STALE     ${scenario}: ${check ?? 'all of it'} is accepted and does not differ`);
  }
  if (unexplained.length + stale.length === 0) return `equal, but for ${all.length} accepted`;
  process.exitCode = 1;
  return `${unexplained.length} differ, ${stale.length} stale`;
};

const summary: string[] = [];
for (const pairing of pairings) {
  summary.push(`${titleOf(pairing)}: ${verdictOn(await compare(pairing))}`);
}
console.log(`\n${summary.join('\n')}`);
