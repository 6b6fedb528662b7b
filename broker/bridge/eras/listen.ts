/** One `subscriptions/listen` kept open to a server of the modern era, begun anew when it breaks (F8). */
import { valueAt } from '../json-text.ts';
import { type Leg, messageOf } from '../leg.ts';
import type { Peeked } from '../peek.ts';

export type Filter = Readonly<Record<string, unknown>>;

export interface Listening {
  /** Listens to this from now on, and to the filter before until then. Resolves once the server has said what came of it. */
  readonly to: (filter: Filter) => Promise<void>;
  readonly close: () => void;
}

interface ListenDeps {
  readonly leg: Pick<Leg, 'say'>;
  readonly after: (ms: number, deed: () => void) => () => void;
  readonly nextId: () => string;
  readonly unasked: (json: string, peeked: Peeked) => void;
  /** The server says what it has agreed to, each time it is begun. */
  readonly agreed?: (json: string) => void;
  readonly meta: () => Readonly<Record<string, unknown>>;
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
  let stop = (): void => undefined;
  let cancelRetry = (): void => undefined;
  let closed = false;

  const open = (filter: Filter, waitMs: number, begun: () => void): (() => void) => {
    const id = nextId();
    let refused = false;
    let lives = false;
    return leg.say(
      messageOf({
        jsonrpc: '2.0',
        id,
        method: 'subscriptions/listen',
        params: { _meta: { ...meta() }, notifications: filter },
      }),
      {
        message: (json, peeked) => {
          if (peeked.method === 'notifications/subscriptions/acknowledged') {
            lives = true;
            agreed?.(json);
            begun();
          } else if (peeked.method !== undefined) {
            unasked(json, peeked);
          } else {
            // A server that knows no subscriptions says so once, and is not asked again.
            refused = valueAt(json, ['error']) !== undefined;
          }
        },
        done: () => {
          begun();
          if (refused || closed) return;
          const wait = lives ? FIRST_MS : Math.min(MOST_MS, waitMs * 2);
          cancelRetry = after(wait, () => {
            stop = open(filter, wait, () => undefined);
          });
        },
      },
    );
  };

  return {
    to: (filter) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const before = stop;
      cancelRetry();
      stop = nothing;
      if (closed || Object.keys(filter).length === 0) {
        before();
        resolve();
      } else {
        // The one before goes when this one stands: nothing is missed between them.
        stop = open(filter, FIRST_MS, () => {
          before();
          resolve();
        });
      }
      return promise;
    },
    close: () => {
      closed = true;
      cancelRetry();
      stop();
    },
  };
};

const nothing = (): void => undefined;
