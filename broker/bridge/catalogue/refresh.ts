/** The bridge's own reading of a server: who it is, and its lists. It fills the catalogue before any AI client asks. */
import { type AccountKey, keyText } from '../../../shared/contract/ids.ts';
import { ProblemError, toProblem } from '../../../shared/contract/problems.ts';
import type { Logger } from '../../log/logger.ts';
import { pause } from '../../pause.ts';
import type { Clock } from '../../ports.ts';
import { LEGACY, MODERN, meta as names } from '../eras/versions.ts';
import type { Envelope } from '../json-rpc.ts';
import { type Leg, messageOf, type OpenLeg } from '../leg.ts';
import type { Era } from '../session.ts';
import type { Target } from '../target.ts';
import { initializedMessage, refused, unheard } from './handshake.ts';
import { type Identity, readIdentity } from './identity.ts';
import { type ListName, listsOf } from './lists.ts';
import { readList } from './read-list.ts';
import type { Catalogue } from './store.ts';

export interface Refresh {
  /** Has the account's server read soon, but not again within a minute of the last time. */
  readonly soon: (key: AccountKey) => void;
  readonly stop: () => void;
}

export interface RefreshDeps {
  /** Undefined once the account is gone. */
  readonly find: (key: AccountKey) => Target | undefined;
  readonly isUsable: (key: AccountKey) => boolean;
  readonly legs: (target: Target, era: Era) => OpenLeg;
  readonly catalogue: Pick<Catalogue, 'of' | 'noteIdentity' | 'noteList'>;
  /** It was read; these lists are not as they were. */
  readonly onRead: (key: AccountKey, changed: ReadonlySet<ListName>) => void;
  readonly clock: Clock;
  readonly log: Logger;
  readonly version: string;
}

/** Between two readings of one account. */
const LEAST_BETWEEN_MS = 60_000;
/** A whole reading may take so long. */
const LONGEST_MS = 60_000;
/** Readings at a time, of servers that need no sign-in and of others: neither wait for the other. */
const AT_A_TIME = 8;

/** What requests of the bridge's own carry in the modern era (T13). */
const metaOf = (version: string): NonNullable<NonNullable<Envelope['params']>['_meta']> => ({
  [names.version]: MODERN,
  [names.capabilities]: {},
  [names.clientInfo]: { name: 'drawbridge', version },
});

export const createRefresh = (deps: RefreshDeps): Refresh => {
  const { find, isUsable, legs, catalogue, clock, log, version } = deps;
  const meta = metaOf(version);
  /** When each account was read last, on the steady clock. */
  const lastAt = new Map<string, number>();
  const planned = new Map<string, () => void>();
  const lanes = { open: createLane(), signedIn: createLane() };
  const stopped = new AbortController();

  const openers: Readonly<Record<Era, Envelope>> = {
    legacy: {
      ...{ jsonrpc: '2.0', id: 'drawbridge-initialize', method: 'initialize' },
      params: {
        protocolVersion: LEGACY[0],
        capabilities: {},
        clientInfo: { name: 'drawbridge', version },
      },
    },
    modern: {
      ...{ jsonrpc: '2.0', id: 'drawbridge-discover', method: 'server/discover' },
      params: { _meta: meta },
    },
  };

  /** Undefined when the server answers that it does not speak the era; no answer is none (T3). */
  const readIdentityOver = (era: Era, leg: Leg): Promise<Identity | undefined> =>
    new Promise((resolve, reject) => {
      const message = messageOf(openers[era]);
      let identity: Identity | undefined;
      leg.say(message, {
        message: (json, peeked) => {
          if (peeked.method === undefined && peeked.id === message.envelope.id)
            identity = readIdentity(json);
        },
        done: ({ problem, status = 0, otherEra }) => {
          const isAnswered = problem === undefined || otherEra || (status >= 400 && status < 500);
          if (identity === undefined && !isAnswered) return reject(problem);
          if (identity !== undefined && era === 'legacy') leg.say(initializedMessage, unheard);
          resolve(identity);
        },
      });
    });

  /** Returns the lists that are not as they were. */
  const readLists = async (
    { upstream }: Target,
    { capabilities }: Identity,
    era: Era,
    leg: Leg,
  ): Promise<readonly ListName[]> => {
    const before = catalogue.of(upstream)?.lists ?? {};
    const read = listsOf(capabilities).map(
      (name) =>
        new Promise<readonly ListName[]>((resolve) =>
          readList(leg, name, era === 'modern' ? meta : undefined, (items) => {
            if (items === undefined) return resolve([]);
            const isSame = catalogue.noteList(upstream, name, items) === before[name]?.items;
            // Of a stale one the server has told by itself.
            resolve(isSame || before[name]?.stale === true ? [] : [name]);
          }),
        ),
    );
    return (await Promise.all(read)).flat();
  };

  /** No longer than a while, and not after the end. */
  const inTime = async <T>(target: Target, deed: Promise<T>): Promise<T> => {
    const done = new AbortController();
    const over = AbortSignal.any([stopped.signal, done.signal]);
    const tooLong = pause(clock, LONGEST_MS, over).then(() => {
      throw tooSlow(target);
    });
    return Promise.race([deed, tooLong]).finally(() => done.abort());
  };

  const readIn = async (target: Target, era: Era): Promise<readonly ListName[] | undefined> => {
    const leg = legs(target, era)(() => undefined);
    try {
      const identity = await inTime(target, readIdentityOver(era, leg));
      if (identity === undefined) return undefined;
      catalogue.noteIdentity(target.upstream, era, identity);
      return await inTime(target, readLists(target, identity, era, leg));
    } finally {
      leg.close();
    }
  };

  /** A server that speaks the modern era hears nothing of the other (T2). */
  const read = async (target: Target): Promise<readonly ListName[]> => {
    const changed = (await readIn(target, 'modern')) ?? (await readIn(target, 'legacy'));
    if (changed === undefined) throw refused(target.title);
    return changed;
  };

  const run = async (key: AccountKey): Promise<void> => {
    const target = find(key);
    if (target === undefined || stopped.signal.aborted || !isUsable(key)) return;
    lastAt.set(keyText(key), clock.steady());
    try {
      const changed = await read(target);
      log.info('catalogue-read', { key: keyText(key), changed });
      if (!stopped.signal.aborted) deps.onRead(key, new Set(changed));
    } catch (error) {
      // Nobody waits for it; who asks is told by the server itself.
      log.info('catalogue-not-read', { key: keyText(key), code: toProblem(error).code });
    }
  };

  return {
    soon: (key) => {
      const text = keyText(key);
      const target = find(key);
      if (stopped.signal.aborted || target === undefined || planned.has(text)) return;
      const last = lastAt.get(text);
      const wait = last === undefined ? 0 : last + LEAST_BETWEEN_MS - clock.steady();
      const lane = target.upstream.credential === 'sign-in' ? lanes.signedIn : lanes.open;
      const begin = (): void => {
        lane(async () => {
          planned.delete(text);
          await run(key);
        });
      };
      planned.set(text, wait <= 0 ? () => undefined : clock.after(wait, begin));
      if (wait <= 0) begin();
    },
    stop: () => {
      stopped.abort();
      for (const cancel of planned.values()) cancel();
    },
  };
};

/** Runs deeds in the order they come, so many at a time. */
const createLane = () => {
  const waiting: (() => Promise<void>)[] = [];
  let running = 0;
  const next = (): void => {
    if (running >= AT_A_TIME) return;
    const deed = waiting.shift();
    if (deed === undefined) return;
    running += 1;
    void deed().finally(() => {
      running -= 1;
      next();
    });
  };
  return (deed: () => Promise<void>): void => {
    waiting.push(deed);
    next();
  };
};

const tooSlow = ({ title }: Target): ProblemError =>
  new ProblemError('server-too-slow', `${title} takes too long to tell what it has`);
