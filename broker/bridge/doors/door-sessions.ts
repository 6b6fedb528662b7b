/** Sessions of AI clients of the legacy era that the HTTP door keeps itself, where the server keeps none (T15, T17). */
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { DoorKeyId } from '../../../shared/contract/door-keys.ts';
import type { ProblemError } from '../../../shared/contract/problems.ts';
import type { Batch } from '../batch.ts';
import { errorCodeIn, valueAt } from '../json-text.ts';
import type { Leg, Message, OpenLeg } from '../leg.ts';
import { createOutbox, type Outbox } from '../outbox.ts';
import type { Place } from '../places.ts';
import { answerBatchOverLeg, answerOverLeg, beginEvents, eventOf } from './leg-answer.ts';

/** Whose a session is: another key, or one at another place, finds nothing under its id. */
export interface Visitor {
  readonly keyId: DoorKeyId;
  readonly aiClient: string;
  readonly place: Place;
}

export interface DoorSessions {
  /** Begins one with the message `initialize`. Resolves with the answer; there is a session only if it has an id. Never rejects. */
  readonly begin: (visitor: Visitor, open: OpenLeg, message: Message) => Promise<Begun>;
  /** The session that the id means for this visitor. */
  readonly find: (visitor: Visitor, id: string) => DoorSession | undefined;
  /** Ends those of a key, also those that are only beginning. */
  readonly end: (keyId: DoorKeyId) => void;
  readonly close: () => void;
}

export interface Begun {
  readonly id?: string;
  readonly json?: string;
  readonly problem?: ProblemError | undefined;
}

export interface DoorSession {
  /** The version that was agreed on; undefined where the server named none. */
  readonly version: () => unknown;
  readonly say: (message: Message, response: ServerResponse) => void;
  readonly sayBatch: (batch: Batch, response: ServerResponse) => void;
  /** Streams what the server says unasked. */
  readonly listen: (response: ServerResponse) => void;
  readonly end: () => void;
}

/** Ids of the door's own, which no server makes by chance. */
const PREFIX = 'drawbridge-door-';
export const isDoorSession = (id: string): boolean => id.startsWith(PREFIX);

/** More than any number of AI clients needs; the one that was quiet for longest goes first. */
const MOST_SESSIONS = 500;
/** What the server says while nobody listens: so many messages are kept. */
const MOST_KEPT = 200;
/** A session in which nothing happens and nobody listens is over, ms. */
const IDLE_MS = 12 * 60 * 60 * 1000;

interface Entry extends DoorSession {
  readonly keyId: DoorKeyId;
  readonly owner: string;
  readonly touch: () => void;
  /** This is the answer that the session began with. */
  readonly began: (answer: string) => void;
}

/** Who hears what the server says unasked. It may read slowly, and must not hold up the answers to requests. */
interface Listener {
  readonly response: ServerResponse;
  readonly outbox: Outbox;
}

export const createDoorSessions = (
  after: (ms: number, deed: () => void) => () => void,
): DoorSessions => {
  /** In the order of their last use. */
  const entries = new Map<string, Entry>();
  /** Those that have no answer yet to their first message. */
  const beginning = new Set<Entry>();

  const all = (): Entry[] => [...entries.values(), ...beginning];

  const open = (visitor: Visitor, openLeg: OpenLeg): { id: string; entry: Entry; leg: Leg } => {
    const id = PREFIX + randomUUID();
    const kept: string[] = [];
    let listener: Listener | undefined;
    let version: unknown;
    let cancelIdle = (): void => undefined;

    const leg = openLeg((json) => {
      if (listener !== undefined) return tell(listener, json);
      kept.push(json);
      if (kept.length > MOST_KEPT) kept.shift();
    });
    const tell = ({ response, outbox }: Listener, json: string): void =>
      outbox.put(json.length, () => {
        if (!response.write(eventOf(json))) outbox.pause();
      });
    const end = (): void => {
      cancelIdle();
      entries.delete(id);
      beginning.delete(entry);
      listener?.response.end();
      leg.close();
    };
    const touch = (): void => {
      entries.delete(id);
      entries.set(id, entry);
      cancelIdle();
      cancelIdle = after(IDLE_MS, () => {
        if (listener === undefined) end();
        else touch();
      });
    };
    const entry: Entry = {
      keyId: visitor.keyId,
      owner: ownerOf(visitor),
      touch,
      say: (message, response) => {
        answerOverLeg(response, leg, message, {
          ...{ title: visitor.place.title, era: 'legacy', after },
        });
      },
      version: () => version,
      began: (answer) => (version = valueAt(answer, ['result', 'protocolVersion'])),
      sayBatch: (batch, response) => answerBatchOverLeg(response, leg, batch, visitor.place.title),
      listen: (response) => {
        // A second stream takes the place of the first: what is said unasked is said once.
        listener?.response.end();
        // One that falls too far behind is broken off, and may be opened again.
        const outbox = createOutbox(() => response.destroy());
        const here: Listener = { response, outbox };
        listener = here;
        beginEvents(response);
        for (const json of kept.splice(0)) tell(here, json);
        response.on('drain', outbox.resume);
        response.on('close', () => {
          if (listener === here) listener = undefined;
        });
      },
      end,
    };
    return { id, entry, leg };
  };

  return {
    begin: (visitor, openLeg, message) => {
      const { promise, resolve } = Promise.withResolvers<Begun>();
      const { id, entry, leg } = open(visitor, openLeg);
      beginning.add(entry);
      leg.say(message, {
        message: (json, peeked) => {
          if (peeked.method !== undefined || peeked.id !== message.envelope.id) return;
          if (errorCodeIn(json) !== undefined) {
            entry.end();
            return resolve({ json });
          }
          beginning.delete(entry);
          entry.began(json);
          entry.touch();
          const [oldest] = entries.values();
          if (entries.size > MOST_SESSIONS) oldest?.end();
          resolve({ id, json });
        },
        done: ({ problem }) => {
          beginning.delete(entry);
          if (problem !== undefined) entry.end();
          resolve({ problem });
        },
      });
      return promise;
    },
    find: (visitor, id) => {
      const entry = entries.get(id);
      if (entry === undefined || entry.owner !== ownerOf(visitor)) return undefined;
      entry.touch();
      return entry;
    },
    end: (keyId) => {
      for (const entry of all()) if (entry.keyId === keyId) entry.end();
    },
    close: () => {
      for (const { end } of all()) end();
    },
  };
};

/** What is a visitor's is not another key's, nor at home at another place. */
export const ownerOf = ({ keyId, place }: Visitor): string => `${keyId}\n${place.name}`;
