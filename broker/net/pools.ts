/** Connections to the servers themselves: the hot path, kept open between calls. */
import { Pool } from 'undici';
import { type ConnectorOptions, createConnector } from './connector.ts';
import type { AssertHost } from './guarded-fetch.ts';

export interface Pools {
  /** The pool of an origin, made when first asked for. Throws for a host that is not allowed. */
  readonly to: (origin: string) => Pool;
  /** Ends what is open to hosts that are not allowed any more. */
  readonly look: () => void;
  readonly close: () => Promise<void>;
}

/** Longer than undici's 4 s: an AI client thinks between two calls. */
const KEEP_ALIVE_MS = 60_000;

/**
 * Pools without time limits on answers: a tool may think for an hour and a stream may be silent for days; who is
 * waiting decides when to give up. HTTP/1.1 only, so that one stalled stream cannot stall another.
 */
export const createPools = (
  options: ConnectorOptions = {},
  assertHost: AssertHost = () => undefined,
): Pools => {
  const pools = new Map<string, Pool>();
  // The person chose these addresses; wherever their names lead, TLS makes sure of who is there.
  const connector = createConnector('anywhere', options);
  return {
    to: (origin) => {
      assertHost(new URL(origin), 'servers');
      const known = pools.get(origin);
      if (known !== undefined) return known;
      const pool = new Pool(origin, {
        allowH2: false,
        pipelining: 1,
        headersTimeout: 0,
        bodyTimeout: 0,
        connect: connector.connect,
        keepAliveTimeout: KEEP_ALIVE_MS,
      });
      pools.set(origin, pool);
      return pool;
    },
    look: () => {
      for (const [origin, pool] of pools) {
        try {
          assertHost(new URL(origin), 'servers');
        } catch (error) {
          pools.delete(origin);
          void pool.destroy(error instanceof Error ? error : null);
        }
      }
    },
    close: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
      connector.close();
      pools.clear();
    },
  };
};
