import { describe, expect, it } from 'vitest';
import { liveMonth } from './month.ts';

const FIXED = 20_260_101;
const { SIMULATION_SEED } = process.env;
const seeds =
  SIMULATION_SEED === undefined
    ? [FIXED, ...Array.from({ length: 2 }, () => Math.floor(Math.random() * 2 ** 31))]
    : [Number(SIMULATION_SEED)];

describe('a month with 40 grants', () => {
  it.each(seeds)('seed %d', async (seed) => {
    const { world, happened } = await liveMonth(seed);
    const { totals } = world.ledger;
    console.log({ seed, happened, calls: world.calls, ...totals });
    expect(totals.ended.get('lost by us') ?? 0).toBe(0);
  });
});
