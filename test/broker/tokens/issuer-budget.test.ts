/** Is no authorization server ever stormed, whatever happens here? */
import { describe, expect, it } from 'vitest';
import { createIssuerBudget } from '../../../broker/tokens/issuer-budget.ts';
import { createVirtualClock } from '../../doubles/clock.ts';

const issuer = 'https://issuer.example';

const ask = (count: number, budget: ReturnType<typeof createIssuerBudget>, name = issuer) => {
  const made: number[] = [];
  for (let n = 0; n < count; n += 1)
    void budget.turn(name).then(
      () => made.push(n),
      () => undefined,
    );
  return made;
};

describe('the budget of an issuer', () => {
  it('lets 20 through at once and then one in 2 s, in the order asked', async () => {
    const clock = createVirtualClock();
    const made = ask(30, createIssuerBudget(clock));

    await clock.advance(0);
    expect(made).toHaveLength(20);
    await clock.advance(1_999);
    expect(made).toHaveLength(20);
    await clock.advance(1);
    expect(made).toHaveLength(21);
    await clock.advance(60_000);
    expect(made).toEqual(Array.from({ length: 30 }, (_, n) => n));
  });

  it('is full again after a while, and never fuller', async () => {
    const clock = createVirtualClock();
    const budget = createIssuerBudget(clock);
    ask(20, budget);
    await clock.advance(24 * 60 * 60_000);

    const made = ask(30, budget);
    await clock.advance(0);

    expect(made).toHaveLength(20);
  });

  it("is nobody else's", async () => {
    const clock = createVirtualClock();
    const budget = createIssuerBudget(clock);
    ask(40, budget);
    const other = ask(20, budget, 'https://other.example');
    await clock.advance(0);
    expect(other).toHaveLength(20);
  });

  it('makes nobody wait for a clock that was set back', async () => {
    const clock = createVirtualClock();
    let off = 0;
    const budget = createIssuerBudget({ ...clock, now: () => clock.now() + off });
    ask(20, budget);
    off = -24 * 60 * 60_000;

    const made = ask(1, budget);
    await clock.advance(60_000);

    expect(made).toEqual([0]);
  });

  it('leaves no timer behind when it is stopped, and lets nobody through any more', async () => {
    const clock = createVirtualClock();
    const budget = createIssuerBudget(clock);
    const made = ask(25, budget);
    await clock.advance(0);
    budget.stop();
    await clock.advance(0);
    expect(clock.waits()).toEqual([]);
    await clock.advance(60_000);
    expect(made).toHaveLength(20);
  });
});
