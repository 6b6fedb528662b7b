/** A month of one machine with many sign-ins: what happens next is drawn from a seed. */
import type { AccountKey } from '../../shared/contract/ids.ts';
import { clientUnknown, faults } from './faults.ts';
import type { Rotation, Terms } from './issuer.ts';
import { count } from './ledger.ts';
import { createWorld, type World } from './world.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const GRANTS = 40;
const MONTH = 30 * DAY;

const lives: readonly (readonly [ms: number, howMany: number])[] = [
  [30 * SECOND, 1],
  [2 * MINUTE, 1],
  [10 * MINUTE, 1],
  [30 * MINUTE, 3],
  [HOUR, 19],
  [2 * HOUR, 4],
  [8 * HOUR, 4],
  [DAY, 3],
  [7 * DAY, 2],
  [14 * DAY, 2],
];

const rotations: readonly (Rotation | undefined)[] = [
  'detects reuse',
  'overlaps',
  'rotates',
  'stays',
  'is told again',
  'detects reuse',
  undefined,
];

export interface Month {
  readonly world: World;
  readonly happened: ReadonlyMap<string, number>;
}

/** Lives through the month of `seed`. Rejects with the first thing that went wrong, and when. */
export const liveMonth = async (seed: number): Promise<Month> => {
  const world = createWorld(seed);
  const { random, clock } = world;
  const start = clock.worldNow();
  const happened = new Map<string, number>();
  /** What ends by itself, by the world's clock. */
  const endings = new Map<string, { readonly at: number; readonly end: () => void }>();

  const below = (limit: number): number => Math.floor(random() * limit);
  const pick = <T>(of: readonly T[]): T => of[below(of.length)] as T;
  const between = (least: number, most: number): number =>
    Math.round(least * (most / least) ** random());
  const until = (name: string, ms: number, end: () => void): void =>
    void endings.set(name, { at: clock.worldNow() + ms, end });

  const accounts = Array.from({ length: GRANTS }, (_, at): AccountKey => {
    return { server: `server-${at}`, account: 'default' };
  });
  const hosts = Array.from({ length: 15 }, (_, at) => `issuer-${at}.example`);
  const hostOf = ({ server }: AccountKey): string =>
    hosts[Number(server.slice('server-'.length)) % hosts.length] ?? '';
  const lifeOf = lives.flatMap(([ms, howMany]) => Array<number>(howMany).fill(ms));
  const termsOf = ({ server }: AccountKey): Terms => {
    const at = Number(server.slice('server-'.length));
    const lifeMs = lifeOf[at] ?? HOUR;
    const kind = at % 6 === 5 ? 'client-credentials' : 'person';
    return {
      ...{ kind, lifeMs },
      expiresIn: at % 9 === 4 ? 'absent' : at % 13 === 6 ? 'zero' : 'told',
      rotation: kind === 'person' ? rotations[at % rotations.length] : undefined,
      // The shortest lives are renewed thousands of times a day: now and then a few hours of it are enough.
      refreshLifeMs: lifeMs < 5 * MINUTE ? 6 * HOUR : between(4 * DAY, 120 * DAY),
    };
  };

  /** The token that ends next, and in how long. */
  const nextEnd = (): { readonly key: AccountKey; readonly ms: number } | undefined =>
    world.ledger
      .lines()
      .map(({ key, expiresAt = 0 }) => ({ key, ms: expiresAt - clock.now() }))
      .filter(({ ms }) => ms > SECOND)
      .sort((one, other) => one.ms - other.ms)[0];

  const callBurst = async (called?: AccountKey): Promise<void> => {
    const key = called ?? pick(accounts);
    const burst = random() < 0.03 ? 100 : 1 + below(5);
    for (let left = burst; left > 0; left--) void world.call(key);
    await clock.advance(0);
  };

  const endWhatIsOver = (): void => {
    for (const [name, { at, end }] of endings) {
      if (at > clock.worldNow()) continue;
      endings.delete(name);
      end();
    }
  };

  /** Awake for so long, with AI clients at work. */
  const live = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; ) {
      const next = Math.min(...[...endings.values()].map(({ at }) => at - clock.worldNow()));
      // Now and then to the last second of a token: it still counts.
      const ends = random() < 0.2 ? nextEnd() : undefined;
      const wish = ends === undefined ? between(SECOND, 20 * MINUTE) : ends.ms - SECOND;
      const step = Math.max(1, Math.min(left, next, wish));
      await clock.advance(step);
      left -= step;
      endWhatIsOver();
      await callBurst(ends?.key);
      world.judge(`${day()}, ${last}`);
    }
  };
  const day = (): string => `day ${((clock.worldNow() - start) / DAY).toFixed(3)}`;

  const mendNetwork = (): void => {
    world.connect(true);
    world.tell('network');
  };

  const signInAgain = async (): Promise<void> => {
    for (const key of accounts) {
      const facts = world.machine().book.facts(key);
      const lapsed = facts?.renewable === false && (facts.expiresAt ?? 0) <= clock.now();
      const needed = facts === undefined || facts.ended !== undefined || lapsed;
      if (needed && random() < 0.6) await world.signIn(key, hostOf(key), termsOf(key));
    }
  };
  const canSave = (): boolean => !endings.has('full disk') && !endings.has('slow disk');

  /** What may happen, how likely it is, and whether it can now. */
  const events: readonly (readonly [
    name: string,
    weight: number,
    run: () => void | Promise<void>,
    when?: () => boolean,
  ])[] = [
    [
      'nap',
      30,
      async () => {
        world.nap(between(5 * MINUTE, 14 * HOUR));
        if (random() < 0.5) await clock.advance(below(3 * SECOND));
        endWhatIsOver();
        world.tell('wake');
      },
    ],
    [
      'network loss',
      8,
      () => {
        world.connect(false);
        until('no network', between(5 * SECOND, HOUR), mendNetwork);
      },
    ],
    [
      'network change',
      4,
      async () => {
        for (let left = 1 + below(4); left > 0; left--) {
          world.tell('network');
          await clock.advance(below(20 * SECOND));
        }
      },
    ],
    [
      'outage',
      14,
      () => {
        const host = pick(hosts);
        const lossless = faults.filter(({ losesAnswer }) => losesAnswer === undefined);
        world.spoil(host, random() < 0.9 ? pick(lossless) : pick(faults));
        until(host, between(10 * SECOND, 6 * HOUR), () => world.spoil(host, undefined));
      },
    ],
    ['one lost answer', 2, () => world.spoilNext(pick(hosts), pick(faults))],
    ['client unknown once', 3, () => world.spoilNext(pick(hosts), clientUnknown)],
    ['restart', 6, () => world.restart()],
    [
      'clock set',
      3,
      () => {
        const wrong = (random() < 0.5 ? -1 : 1) * between(MINUTE, 8 * HOUR);
        world.setClock(wrong);
        until('wrong clock', between(MINUTE, 12 * HOUR), () => world.setClock(-wrong));
      },
      () => !endings.has('wrong clock'),
    ],
    [
      'revocation',
      2,
      () => {
        const line = world.ledger.line(pick(accounts));
        if (line !== undefined) world.issuers.revoke(line.family);
      },
    ],
    [
      'access withdrawn',
      3,
      () => {
        const line = world.ledger.line(pick(accounts));
        if (line !== undefined) world.issuers.withdrawAccess(line.family);
      },
    ],
    [
      'server takes no token',
      2,
      () => {
        const { server } = pick(accounts);
        world.mutiny(server, true);
        until(server, between(10 * SECOND, HOUR), () => world.mutiny(server, false));
      },
    ],
    [
      'full disk',
      4,
      () => {
        world.failSaves(true);
        until('full disk', between(10 * SECOND, 2 * HOUR), () => world.failSaves(false));
      },
      canSave,
    ],
    [
      'slow disk',
      3,
      async () => {
        world.holdSaves(true);
        until('slow disk', between(6 * SECOND, 15 * SECOND), () => world.holdSaves(false));
        // Somebody asks while a new token is being saved.
        const line = world.ledger.line(pick(accounts));
        if (line === undefined) return;
        world.issuers.withdrawAccess(line.family);
        for (let left = 2; left > 0; left--) {
          void world.call(line.key);
          await clock.advance(2 * SECOND);
        }
      },
      canSave,
    ],
    ['sign-out', 2, () => world.signOut(pick(accounts)), canSave],
    ['sign-in again', 10, signInAgain, canSave],
  ];

  const next = () => {
    const possible = events.filter(([, , , when]) => when?.() ?? true);
    let ticket = random() * possible.reduce((sum, [, weight]) => sum + weight, 0);
    return possible.find(([, weight]) => (ticket -= weight) < 0) ?? pick(possible);
  };

  let last = 'first sign-ins';
  for (const key of accounts) await world.signIn(key, hostOf(key), termsOf(key));
  while (clock.worldNow() < start + MONTH) {
    const [name, , run] = next();
    last = name;
    count(happened, name);
    await run();
    await clock.advance(0);
    world.judge(`${day()}, ${last}`);
    await live(between(10 * SECOND, 30 * MINUTE));
  }

  last = 'everything mended';
  for (const { end } of endings.values()) end();
  endings.clear();
  world.tell('network');
  await live(2 * HOUR);
  while (world.ledger.onTheirWay() > 0) await clock.advance(SECOND);
  return { world, happened };
};
