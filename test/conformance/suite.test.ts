/** Does the official client conformance suite find anything in Drawbridge? `npm run conformance` shows all it says. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { clientScenarios, expectedFailures, requiredBy } from './official-suite.ts';
import { isFailure, notScored, plan, revisions, runChapter } from './plan.ts';

const CHAPTER_MS = 180_000;
const chapters = await plan();

describe('the official conformance suite', () => {
  it.each(chapters)(
    'has nothing against $title',
    async (chapter) => {
      const outcomes = await runChapter(chapter);

      expect(outcomes.filter(isFailure)).toEqual([]);
      expect(outcomes).toHaveLength(chapter.runs.length);
    },
    CHAPTER_MS,
  );

  it('is told to forgive nothing', async () => {
    expect(await readFile(expectedFailures, 'utf8')).toBe('client: []\n');
  });
});

describe('the plan', () => {
  it('runs all that a revision requires through the bridge, and its sign-ins directly too', async () => {
    for (const revision of revisions) {
      const required = await requiredBy(revision);
      expect(run('bridge', revision)).toEqual(expect.arrayContaining(required));
      expect(run('direct', revision)).toEqual(
        expect.arrayContaining(required.filter((name) => name.startsWith('auth/'))),
      );
    }
  });

  it('leaves out no scenario without saying why', async () => {
    const known = [...chapters.flatMap(({ runs }) => runs), ...unscored()].map(
      ({ scenario }) => scenario,
    );
    expect([...new Set(known)].toSorted()).toEqual((await clientScenarios()).toSorted());
  });

  it.each([
    ['2025-11-25', 18],
    ['2026-07-28', 32],
  ])(
    'counts as many scenarios that %s requires as there were when this was written',
    async (revision, count) => {
      expect(await requiredBy(revision)).toHaveLength(count);
    },
  );
});

const run = (way: string, revision: string): string[] =>
  chapters
    .flatMap(({ runs }) => runs)
    .filter((candidate) => candidate.way === way && candidate.revision === revision)
    .map(({ scenario }) => scenario);

const unscored = (): { scenario: string }[] =>
  Object.keys(notScored).map((scenario) => ({ scenario }));
