/** Connections to the servers themselves: the hot path, kept open between calls. */
import { Pool } from 'undici';
import type { ClientIdentity } from './client-identity.ts';
import { type Connector, type ConnectorOptions, createConnector } from './connector.ts';
import type { AssertHost } from './guarded-fetch.ts';

export interface Pools {
  /**
   * The pool of an origin, made when first asked for; one of its own for those who show a certificate there. Throws for a
   * host that is not allowed.
   */
  readonly to: (origin: string, identity?: ClientIdentity) => Pool;
  /** Ends what is open to hosts that are not allowed any more. */
  readonly look: () => void;
  readonly close: () => Promise<void>;
}

interface Opened {
  readonly connector: Connector;
  readonly pools: Map<string, Pool>;
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
  const ofAll = new Map<ClientIdentity | undefined, Opened>();
  const openedBy = (identity: ClientIdentity | undefined): Opened => {
    const known = ofAll.get(identity);
    if (known !== undefined) return known;
    // The person chose these addresses; wherever their names lead, TLS makes sure of who is there.
    const opened = {
      connector: createConnector('anywhere', { ...options, identity }),
      pools: new Map<string, Pool>(),
    };
    ofAll.set(identity, opened);
    return opened;
  };
  const endForbidden = (pools: Map<string, Pool>): void => {
    for (const [origin, pool] of pools) {
      try {
        assertHost(new URL(origin), 'servers');
      } catch (error) {
        pools.delete(origin);
        void pool.destroy(error instanceof Error ? error : null);
      }
    }
  };
  return {
    to: (origin, identity) => {
      assertHost(new URL(origin), 'servers');
      const { pools, connector } = openedBy(identity);
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
      for (const { pools } of ofAll.values()) endForbidden(pools);
    },
    close: async () => {
      const all = [...ofAll.values()];
      await Promise.all(
        all.flatMap(({ pools }) => [...pools.values()].map((pool) => pool.destroy())),
      );
      for (const { connector } of all) connector.close();
      ofAll.clear();
    },
  };
};
