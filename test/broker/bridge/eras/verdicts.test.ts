/** How long is believed what was found out of a server's era? (T5) */
import { describe, expect, it } from 'vitest';
import { createVerdicts, type Verdict } from '../../../../broker/bridge/eras/verdicts.ts';

const URL = 'https://mcp.example/mcp';
const DAY = 24 * 60 * 60 * 1000;
const START = Date.UTC(2026, 0, 1);

const remember = (way: Verdict['way']) => {
  let now = START;
  let kept: readonly Verdict[] = [];
  const store = { read: () => kept, write: (all: readonly Verdict[]) => void (kept = all) };
  createVerdicts(store, () => now).note(URL, 'legacy', way);
  // As after a restart, so that it is the date in the file that counts.
  return {
    kept: () => kept,
    after: (ms: number) => {
      now = START + ms;
      return createVerdicts(store, () => now).of(URL, 'legacy');
    },
  };
};

describe('a server found to be of another era than the AI client (T5)', () => {
  it.each(['translated', 'old'] as const)(
    '%s: is asked anew after a week, and not before',
    (way) => {
      const { kept, after } = remember(way);
      expect(kept()).toEqual([{ url: URL, era: 'legacy', way, at: START }]);
      expect([after(0), after(7 * DAY - 1)]).toEqual([way, way]);
      expect(after(7 * DAY + 1)).toBeUndefined();
    },
  );

  it('is asked anew when the clock was set back to before that was found', () => {
    expect(remember('translated').after(-1)).toBeUndefined();
  });
});

it('a server that speaks the era of the AI client is believed to do so until it refuses (T5)', () => {
  expect(remember('direct').after(1000 * DAY)).toBe('direct');
});
