/** Does the official client conformance suite find anything in Drawbridge? `npm run conformance` shows all it says. */
import { describe, expect, it } from 'vitest';
import {
  backCompatScenarios,
  isFailure,
  requirementsOf,
  revisions,
  runRevision,
  runScenario,
} from './official-suite.ts';

const SUITE_MS = 180_000;

describe('the official conformance suite', () => {
  it.each(revisions)(
    'has nothing against what %s requires',
    async (revision) => {
      const { required } = await requirementsOf(revision);

      const outcomes = await runRevision(revision);

      expect(outcomes.filter(isFailure)).toEqual([]);
      const scored = outcomes.filter(({ notScored }) => notScored === undefined);
      expect(scored.map(({ scenario }) => scenario).toSorted()).toEqual(required.toSorted());
    },
    SUITE_MS,
  );

  it.each([
    ['2025-11-25', 18],
    ['2026-07-28', 32],
  ])(
    'requires in %s as many scenarios as it did when this was written',
    async (revision, count) => {
      expect((await requirementsOf(revision)).required).toHaveLength(count);
    },
  );

  it.each(backCompatScenarios)(
    'has nothing against %s',
    async (scenario) => {
      expect(await runScenario(scenario)).toMatchObject({ problems: [] });
    },
    SUITE_MS,
  );
});
