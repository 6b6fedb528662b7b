/** `npm run conformance`: every scenario of the official client suite, one line each; fails when one that counts does. */
import {
  backCompatScenarios,
  isFailure,
  type Outcome,
  revisions,
  runRevision,
  runScenario,
} from './official-suite.ts';

const show = (outcome: Outcome): Outcome => {
  const { scenario, notScored, problems } = outcome;
  const verdict = problems.length === 0 ? 'clean' : 'NOT CLEAN';
  console.log(
    notScored === undefined
      ? `${verdict.padEnd(11)}${scenario}`
      : `${'not scored'.padEnd(11)}${scenario} (${notScored}; ${verdict.toLowerCase()})`,
  );
  if (isFailure(outcome)) for (const problem of problems) console.log(`           ${problem}`);
  return outcome;
};

const totals = (name: string, outcomes: readonly Outcome[]): boolean => {
  const scored = outcomes.filter(({ notScored }) => notScored === undefined);
  const failed = scored.filter(isFailure).length;
  console.log(
    `${name}: ${scored.length - failed} of ${scored.length} clean, ${outcomes.length - scored.length} not scored\n`,
  );
  return failed === 0;
};

let good = true;
for (const revision of revisions) {
  const outcomes = await runRevision(revision);
  good = totals(revision, outcomes.map(show)) && good;
}
const older: Outcome[] = [];
for (const scenario of backCompatScenarios) older.push(show(await runScenario(scenario)));
good = totals('2025-03-26', older) && good;
process.exitCode = good ? 0 : 1;
