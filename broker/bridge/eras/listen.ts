/** One `subscriptions/listen` kept open to a server of the modern era, begun anew when it breaks (F8). */
import { z } from 'zod';
import { valueAt } from '../json-text.ts';
import { type End, type Leg, messageOf } from '../leg.ts';
import type { Peeked } from '../peek.ts';

export type Filter = Readonly<Record<string, unknown>>;

/** What came of a wish: what the server agreed to, its answer where it refused, or how it ended before it said anything. */
export type Came =
  | { readonly agreed: Filter }
  | { readonly refusal: string }
  | { readonly end: End };

export interface Listening {
  /**
   * Listens to this from now on, and to the filter before until then. Resolves once the server has said what came of it, or
   * of what was wished for after it.
   */
  readonly to: (filter: Filter) => Promise<Came>;
  readonly close: () => void;
}

export interface ListenDeps {
  readonly leg: Pick<Leg, 'say'>;
  readonly after: (ms: number, deed: () => void) => () => void;
  readonly nextId: () => string;
  readonly unasked: (json: string, peeked: Peeked) => void;
  /** The server says what it has agreed to, each time it is begun. */
  readonly agreed?: (json: string) => void;
  readonly meta: () => Readonly<Record<string, unknown>>;
}

interface Stream {
  giveUp: () => void;
  readonly settle: (came: Came) => void;
}

const FIRST_MS = 1_000;
const MOST_MS = 60_000;

/** The changes of lists that a server with these capabilities tells of. */
export const listChangesOf = (capabilities: Readonly<Record<string, unknown>>): Filter => {
  const tells = (name: string): boolean =>
    (capabilities[name] as { listChanged?: unknown } | undefined)?.listChanged === true;
  return {
    ...(tells('tools') ? { toolsListChanged: true } : {}),
    ...(tells('prompts') ? { promptsListChanged: true } : {}),
    ...(tells('resources') ? { resourcesListChanged: true } : {}),
  };
};

export const listen = ({ leg, after, nextId, unasked, agreed, meta }: ListenDeps): Listening => {
  /** Oldest first. The ones before go when a newer one stands: nothing is missed between them. */
  const streams = new Set<Stream>();
  /** The one that is begun anew when it breaks. */
  let latest: Stream | undefined;
  let cancelRetry = nothing;
  let closed = false;

  const endThoseBefore = (stream: Stream | undefined, came: Came): void => {
    for (const older of streams) {
      if (older === stream) return;
      streams.delete(older);
      older.giveUp();
      older.settle(came);
    }
  };

  const open = (filter: Filter, waitMs: number, settle: (came: Came) => void): void => {
    const stream: Stream = { giveUp: nothing, settle };
    let refusal: string | undefined;
    let lives = false;
    streams.add(stream);
    latest = stream;
    stream.giveUp = leg.say(
      messageOf({
        jsonrpc: '2.0',
        id: nextId(),
        method: 'subscriptions/listen',
        params: { _meta: { ...meta() }, notifications: filter },
      }),
      {
        message: (json, peeked) => {
          if (peeked.method === 'notifications/subscriptions/acknowledged') {
            lives = true;
            agreed?.(json);
            const came = { agreed: filterIn(json) };
            endThoseBefore(stream, came);
            settle(came);
          } else if (peeked.method !== undefined) {
            unasked(json, peeked);
          } else if (valueAt(json, ['error']) !== undefined) {
            refusal = json;
          }
        },
        done: (end) => {
          streams.delete(stream);
          settle(refusal === undefined ? { end } : { refusal });
          // A server that knows no subscriptions says so once, and is not asked again.
          if (refusal !== undefined || latest !== stream) return;
          const wait = lives ? FIRST_MS : Math.min(MOST_MS, waitMs * 2);
          cancelRetry = after(wait, () => open(filter, wait, nothing));
        },
      },
    );
  };

  return {
    to: (filter) => {
      const { promise, resolve } = Promise.withResolvers<Came>();
      cancelRetry();
      latest = undefined;
      if (closed || Object.keys(filter).length === 0) {
        const came = { agreed: {} };
        endThoseBefore(undefined, came);
        resolve(came);
      } else {
        open(filter, FIRST_MS, resolve);
      }
      return promise;
    },
    close: () => {
      closed = true;
      latest = undefined;
      cancelRetry();
      for (const { giveUp } of streams) giveUp();
      streams.clear();
    },
  };
};

const FilterMember = z.record(z.string(), z.unknown()).catch({});

const filterIn = (json: string): Filter =>
  FilterMember.parse(valueAt(json, ['params', 'notifications']));

const nothing = (): void => undefined;
