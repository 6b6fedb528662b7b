/** Who asked what of which server, and how it ended: the latest requests of AI clients, kept over restarts. */
import {
  ActivityEntry,
  type ActivityReply,
  type ActivityWish,
  MOST_ACTIVITY,
} from '../../shared/contract/activity.ts';
import type { AccountKey, ServerId } from '../../shared/contract/ids.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { ServerView, Snapshot } from '../../shared/contract/snapshot.ts';
import { plainText } from '../../shared/plain-text.ts';
import type { Logger } from '../log/logger.ts';
import type { Clock } from '../ports.ts';
import type { RotatingLines } from '../storage/rotating-lines.ts';
import { aiClientName, NAMELESS } from './ai-client-name.ts';
import { findActivity } from './find-activity.ts';

type Entry = ActivityEntry;

/** A request that began. Names may be anything: they are made fit for a line here. */
type Asked = Pick<Entry, 'aiClient' | 'door' | 'method'> & {
  readonly key: AccountKey;
  readonly name?: string | undefined;
  readonly bytes: number;
};

type Ended = Pick<Entry, 'outcome'> & {
  readonly code?: Entry['code'];
  readonly bytes: number;
};

export interface Activity {
  /**
   * A request began; what is returned is called when it ended, and returns what is noted of it. One that is never said to
   * have ended is not kept.
   */
  readonly began: (asked: Asked) => (ended: Ended) => Entry | undefined;
  readonly find: (wish: ActivityWish) => ActivityReply;
  /** What tells a surface that it may look again. */
  readonly view: () => Snapshot['activity'];
  readonly useOf: (server: ServerId) => Pick<ServerView, 'lastCallAt' | 'usedBy'>;
  /** Forgets what a server was asked until `at`, Unix ms; all of it where none is given. Never rejects. */
  readonly forget: (server: ServerId, at?: number) => Promise<void>;
  /** Forgets everything. Rejects with `activity-remains`. */
  readonly clear: () => Promise<void>;
  /** Resolves once everything is written. */
  readonly close: () => Promise<void>;
}

export interface ActivityDeps {
  readonly file: RotatingLines;
  readonly clock: Clock;
  readonly log: Logger;
  /** Of a server that has been removed nothing is kept, even if a call to it was still under way. */
  readonly isKnown: (server: ServerId) => boolean;
  readonly onChange: () => void;
  readonly most?: number;
}

/** What happens within this time is written, and told to the surfaces, together. ms. */
const GATHER_MS = 500;
/** Longer ago is not "lately", ms. */
const LATELY_MS = 7 * 24 * 60 * 60_000;
/** AI clients a server is said to be used by, and those remembered to choose them from. */
const MOST_USERS = 5;
const MOST_NAMES = 50;

/**
 * The record of requests, with what the file still holds of it. Never rejects: what cannot be read is not remembered.
 *
 * Writing is done later and elsewhere: no call waits for it, and a disk that refuses costs entries and nothing else.
 */
export const openActivity = async (deps: ActivityDeps): Promise<Activity> => {
  const { file, clock, log, most = MOST_ACTIVITY } = deps;
  let isOurs = true;
  const lines = await file.read().catch((error: unknown) => {
    log.warn('activity-not-read', { error });
    // Nor written: it may be somebody else's.
    isOurs = false;
    return [];
  });
  const read = lines.flatMap(parseLine);
  let entries = read.filter(({ server }) => deps.isKnown(server)).slice(-most);
  let users = usersIn(entries);
  let nextId = read.reduce((last, { id }) => Math.max(last, id), 0) + 1;
  /** Of no two runs the same, so that a window which sees another run looks again. */
  let revision = clock.now();
  let closed = false;

  let unwritten: string[] = [];
  let cancelGathering: (() => void) | undefined;
  let turn: Promise<void> = Promise.resolve();

  /** What is done to the file is done one after the other. */
  const inTurn = (deed: () => Promise<void>): Promise<void> => {
    const done = turn.then(deed);
    turn = done.catch((error: unknown) => log.warn('activity-not-kept', { error }));
    return done;
  };

  const write = (): void => {
    cancelGathering?.();
    cancelGathering = undefined;
    const batch = unwritten;
    unwritten = [];
    if (batch.length > 0 && isOurs) inTurn(() => file.append(batch)).catch(told);
  };

  const changed = (): void => {
    revision += 1;
    deps.onChange();
  };

  const note = (entry: Entry): void => {
    if (closed) return;
    entries.push(entry);
    if (entries.length > most) entries.shift();
    noteUser(users, entry);
    unwritten.push(JSON.stringify(entry));
    cancelGathering ??= clock.after(GATHER_MS, () => {
      write();
      changed();
    });
  };

  return {
    began: ({ key, aiClient, door, method, name, bytes }) => {
      const since = clock.steady();
      return (ended) => {
        if (!deps.isKnown(key.server)) return undefined;
        const shownName = plainText(name ?? '', 200);
        const entry: Entry = {
          id: nextId,
          at: clock.now(),
          durationMs: Math.max(0, Math.round(clock.steady() - since)),
          ...key,
          aiClient: aiClientName(aiClient),
          door,
          method: plainText(method),
          ...(shownName === '' ? {} : { name: shownName }),
          outcome: ended.outcome,
          ...(ended.code === undefined ? {} : { code: ended.code }),
          bytesIn: bytes,
          bytesOut: ended.bytes,
        };
        note(entry);
        nextId += 1;
        return entry;
      };
    },
    find: (wish) => ({ ...findActivity(entries, wish, clock.now()), last: nextId - 1 }),
    view: () => {
      const last = entries.at(-1);
      return last && { revision, lastAt: last.at };
    },
    useOf: (server) => {
      const use = users.get(server);
      if (use === undefined) return {};
      const lately = clock.now() - LATELY_MS;
      const usedBy = [...use.names]
        .filter(([name, at]) => name !== NAMELESS && at >= lately)
        .map(([name]) => name)
        .toReversed()
        .slice(0, MOST_USERS);
      return { lastCallAt: use.lastAt, ...(usedBy.length === 0 ? {} : { usedBy }) };
    },
    forget: async (server, until = Infinity) => {
      entries = entries.filter(({ server: asked, at }) => asked !== server || at > until);
      users = usersIn(entries);
      unwritten = [];
      changed();
      const kept = entries.map((entry) => JSON.stringify(entry));
      if (!isOurs) return;
      // Also what is older than what is remembered: the file goes back further.
      const rewrite = (): Promise<void> => (kept.length === 0 ? file.remove() : file.replace(kept));
      await inTurn(() =>
        rewrite().catch(async (error: unknown) => {
          // A full disk: rather no file than one that tells of what was to be forgotten.
          await file.remove();
          throw error;
        }),
      ).catch(told);
    },
    clear: async () => {
      entries = [];
      users = new Map();
      unwritten = [];
      changed();
      await inTurn(file.remove).catch((cause: unknown) => {
        throw new ProblemError('activity-remains', 'the record of calls could not be removed', {
          hint: 'remove activity.jsonl and activity.1.jsonl from the data folder by hand',
          cause,
        });
      });
    },
    close: async () => {
      closed = true;
      write();
      await turn;
    },
  };
};

/** The log has it. */
const told = (): void => undefined;

const parseLine = (line: string): Entry[] => {
  try {
    const parsed = ActivityEntry.safeParse(JSON.parse(line));
    return parsed.success ? [parsed.data] : [];
  } catch {
    // Cut short by a crash, or not ours.
    return [];
  }
};

interface Use {
  lastAt: number;
  /** When each AI client asked last, in that order. */
  readonly names: Map<string, number>;
}

const usersIn = (entries: readonly Entry[]): Map<ServerId, Use> => {
  const users = new Map<ServerId, Use>();
  for (const entry of entries) noteUser(users, entry);
  return users;
};

const noteUser = (users: Map<ServerId, Use>, { server, aiClient, at, door }: Entry): void => {
  if (door === 'hand') return;
  const use = users.get(server) ?? { lastAt: at, names: new Map<string, number>() };
  users.set(server, use);
  use.lastAt = at;
  use.names.delete(aiClient);
  use.names.set(aiClient, at);
  const [oldest] = use.names.keys();
  if (use.names.size > MOST_NAMES && oldest !== undefined) use.names.delete(oldest);
};
