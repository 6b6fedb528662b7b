import { afterAll, describe, expect, it } from 'vitest';
import { stateWords } from '../../shared/account-words.ts';
import type { AccountKey } from '../../shared/contract/ids.ts';
import type { AccountState } from '../../shared/contract/snapshot.ts';
import { type Fault, faults, noNetwork } from './faults.ts';
import type { Terms } from './issuer.ts';
import { createWorld, type World } from './world.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** The longest back-off step, and what a request may take. */
const STEP = 5 * MINUTE;
const REQUEST = 31 * SECOND;
/** An hour of back-off with full jitter, its first steps included. */
const MOST_REQUESTS = 50;

const key: AccountKey = { server: 'linear', account: 'default' };
const host = 'issuer.example';
/** Due 45 minutes after the sign-in, over 15 minutes later. */
const terms: Terms = {
  kind: 'person',
  lifeMs: HOUR,
  expiresIn: 'told',
  // What it does with a lost answer it must do gently: no client can help the rest.
  rotation: 'overlaps',
  refreshLifeMs: 90 * 24 * HOUR,
};

const signedIn = async (seed: number): Promise<World> => {
  const world = createWorld(seed);
  await world.signIn(key, host, terms);
  return world;
};

const sum = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((all, one) => all + one, 0);
const requests = ({ ledger }: World): number => sum(ledger.totals.requests);

/** Lives on for `ms`, with a call every ten seconds; what came of the calls, and what was shown. */
const watch = async (world: World, ms: number, meanwhile: () => void = () => undefined) => {
  const ends = new Set<string>();
  const shown = new Set<AccountState>();
  for (let left = ms; left > 0; left -= 10 * SECOND) {
    meanwhile();
    void world.call(key).then((end) => ends.add(end));
    await world.clock.advance(10 * SECOND);
    shown.add(world.machine().view(key).state);
    world.judge('watching');
  }
  return { ends: [...ends].sort(), shown: [...shown].sort() };
};

const isCalm = (states: readonly AccountState[]): boolean =>
  states.every((state) => stateWords[state].mood !== 'attention');

/** How long until calls are served again, ms. */
const recovery = async (world: World): Promise<number> => {
  const since = world.clock.steady();
  while (world.machine().book.facts(key)?.trouble !== undefined) {
    if (world.clock.steady() - since > 2 * HOUR) throw new Error('it never recovered');
    await world.clock.advance(SECOND);
  }
  expect(await world.call(key)).toBe('served');
  return world.clock.steady() - since;
};

describe('a token endpoint that fails for an hour', () => {
  const table: string[] = [];
  afterAll(() => {
    // Not the console, whose lines vanish when all is well.
    process.stdout.write(`token requests in an hour of each fault:\n${table.join('\n')}\n`);
  });

  it.each([...faults, noNetwork])('with $name', async (fault: Fault) => {
    const world = await signedIn(fault.name.length);
    await world.clock.advance(30 * MINUTE);
    world.spoil(host, fault);

    const alive = await watch(world, 30 * MINUTE - 10 * SECOND);
    const asked = requests(world);
    await world.clock.advance(9 * SECOND);
    let last: string | undefined;
    void world.call(key).then((end) => {
      last = end;
    });
    await world.clock.advance(SECOND);
    const dead = await watch(world, 30 * MINUTE);
    const spoilt = requests(world);
    world.spoil(host, undefined);
    const recovered = await recovery(world);

    table.push(
      `  ${fault.name}: ${asked} while the token lived, ${spoilt} in all, back after ${Math.round(recovered / SECOND)} s`,
    );
    expect(alive.ends).toEqual(['served']);
    expect(isCalm(alive.shown)).toBe(true);
    // In a token's last seconds a call waits for the renewal under way, but not past the token's end.
    expect(last).toBe('served');
    expect(dead.ends).toEqual([fault.shows]);
    expect(dead.shown.filter((state) => state !== 'renewing')).toEqual([fault.shows]);
    expect(spoilt).toBeGreaterThan(1);
    expect(spoilt).toBeLessThanOrEqual(MOST_REQUESTS);
    expect(recovered).toBeLessThanOrEqual((fault.asks ?? STEP) + REQUEST);
    expect(world.machine().book.facts(key)).toMatchObject({ renewable: true, ended: undefined });
  });

  it('with another fault every few minutes', async () => {
    const world = await signedIn(Number(process.env['SIMULATION_SEED'] ?? 7));
    await world.clock.advance(30 * MINUTE);
    let left = 0;
    const spoil = (): void => {
      if (left-- > 0) return;
      left = 6 * (1 + Math.floor(world.random() * 10));
      world.spoil(host, faults[Math.floor(world.random() * faults.length)]);
    };

    const alive = await watch(world, 30 * MINUTE - 10 * SECOND, spoil);
    await world.clock.advance(10 * SECOND);
    const dead = await watch(world, 30 * MINUTE, spoil);
    const spoilt = requests(world);
    world.spoil(host, undefined);
    const recovered = await recovery(world);

    table.push(`  mixed: ${spoilt} in all, back after ${Math.round(recovered / SECOND)} s`);
    expect(alive.ends).toEqual(['served']);
    expect(isCalm(alive.shown)).toBe(true);
    expect(dead.ends.filter((end) => end !== 'retrying' && end !== 'offline')).toEqual([]);
    expect(isCalm(dead.shown)).toBe(true);
    expect(spoilt).toBeLessThanOrEqual(MOST_REQUESTS);
    // The last one may have asked for twenty minutes.
    expect(recovered).toBeLessThanOrEqual(20 * MINUTE + REQUEST);
  });
});

describe('a server that says when to come back', () => {
  const asking = faults.filter(({ asks }) => asks !== undefined);

  it.each(asking)('is left alone until then, whatever happens ($name)', async (fault) => {
    const world = await signedIn(3);
    await world.clock.advance(61 * MINUTE - 20 * MINUTE);
    world.spoil(host, fault);
    await world.clock.advance(20 * MINUTE);
    while (requests(world) < 3) await world.clock.advance(SECOND);
    const asked = requests(world);
    const { failure } = world.ledger.line(key) ?? {};
    const quiet = (failure?.at ?? 0) + (fault.asks ?? 0) - world.clock.now();

    for (let moment = 0; moment < 10; moment++) {
      const calls = Array.from({ length: 100 }, () => world.call(key));
      const ends = await Promise.all(calls);
      expect(new Set(ends)).toEqual(new Set(['retrying']));
      const access = world.machine().book.afterRefusal(key, 1);
      await expect(access).rejects.toMatchObject({ code: 'retrying' });
      world.tell(moment % 2 === 0 ? 'wake' : 'network');
      await world.clock.advance(quiet / 10 - 10);
    }
    expect(requests(world)).toBe(asked);

    // And not for a moment longer.
    await world.clock.advance(10 * 10 + 3 * SECOND);
    expect(requests(world)).toBe(asked + 1);
  });
});
