/** `npm run conformance`: every scenario of the official client suite, a line a run; fails when one is not clean. */
import type { Outcome } from './official-suite.ts';
import { isFailure, notScored, plan, runChapter, wayTitles } from './plan.ts';

const line = (verdict: string, revision: string, way: string, rest: string): string =>
  [verdict.padEnd(10), revision.padEnd(10), way.padEnd(18), rest].join('  ');

const show = (outcome: Outcome): void => {
  const { scenario, revision, way, problems } = outcome;
  console.log(line(isFailure(outcome) ? 'NOT CLEAN' : 'clean', revision, wayTitles[way], scenario));
  for (const problem of problems) console.log(`            ${problem}`);
};

const totals = (outcomes: readonly Outcome[]): string =>
  `${outcomes.filter((outcome) => !isFailure(outcome)).length} of ${outcomes.length} clean`;

const all: Outcome[] = [];
const summary: string[] = [];
for (const chapter of await plan()) {
  const outcomes = await runChapter(chapter, show);
  all.push(...outcomes);
  summary.push(`${chapter.title}: ${totals(outcomes)}`);
}
for (const [scenario, why] of Object.entries(notScored)) {
  console.log(line('not scored', '', '', `${scenario} (${why})`));
}
console.log(
  line('not scored', '', 'directly', 'all but auth/* (no sign-in, so nothing of Drawbridge)'),
);

console.log(`\n${summary.join('\n')}\nin all: ${totals(all)}, none expected to fail`);
process.exitCode = all.some(isFailure) ? 1 : 0;
