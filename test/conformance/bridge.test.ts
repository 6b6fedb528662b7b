/** Does a server look the same through the bridge? `npm run conformance:bridge` shows scenario by scenario. */
import { describe, expect, it } from 'vitest';
import { differencesIn } from './differences.ts';
import { requiredBy } from './official-suite.ts';
import { compare, pairings, revisions } from './pairings.ts';
import type { Verdict } from './server-suite.ts';

/** A pairing takes some five seconds; the rest is for a machine that is busy with other things. */
const PAIRING_MS = 120_000;

describe('the official suite for servers', () => {
  it.each(pairings)(
    'finds through the bridge what it finds directly: $client client, $server server',
    async (pairing) => {
      const comparison = await compare(pairing);

      const { unexplained, stale } = differencesIn(comparison);
      expect(unexplained).toEqual([]);
      expect(stale).toEqual([]);
      expect(comparison.directly.filter(({ status }) => status === 'FAILURE')).toEqual([]);
      expect(comparison.directly.map(({ scenario }) => scenario)).toEqual(
        expect.arrayContaining(await requiredBy(revisions[pairing.client], 'server')),
      );
    },
    PAIRING_MS,
  );

  it('is compared check by check', () => {
    const { unexplained } = differencesIn({
      pairing: { client: 'legacy', server: 'legacy' },
      directly: [verdict('SUCCESS'), verdict('WARNING')],
      bridged: [verdict('SUCCESS'), verdict('FAILURE', 'no answer')],
    });

    expect(unexplained).toMatchObject([
      {
        ...{ scenario: 'ping', check: 'answers', message: 'no answer' },
        directly: ['SUCCESS', 'WARNING'],
        bridged: ['SUCCESS', 'FAILURE'],
      },
    ]);
  });

  it('is not to be forgiven what does not differ any more', () => {
    const { stale } = differencesIn({
      pairing: { client: 'legacy', server: 'legacy' },
      directly: [verdict('SUCCESS')],
      bridged: [verdict('SUCCESS')],
    });

    expect(stale.map(({ check }) => check)).toContain('localhost-host-valid-accepted');
  });

  it.each([
    ['2025-11-25', 30],
    ['2026-07-28', 37],
  ])(
    'has as many scenarios that %s requires as there were when this was written',
    async (revision, count) => {
      expect(await requiredBy(revision, 'server')).toHaveLength(count);
    },
  );
});

const verdict = (status: Verdict['status'], message?: string): Verdict => ({
  ...{ scenario: 'ping', check: 'answers' },
  ...{ status, message },
});
