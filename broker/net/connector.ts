/** How a connection is opened: directly or through a proxy, within bounds, to somebody who is vouched for. */
import { lookup } from 'node:dns';
import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { callbackify } from 'node:util';
import { buildConnector } from 'undici';
import type { ProblemError } from '../../shared/contract/problems.ts';
import type { ClientIdentity } from './client-identity.ts';
import { diagnoseProxy, type NetTrouble } from './diagnose.ts';
import { guardedLookup, refused } from './guarded-lookup.ts';
import { type Outbound, straightOut } from './outbound.ts';
import type { Proxy } from './proxy-address.ts';
import type { Trust } from './trust.ts';
import { askProxy } from './tunnel.ts';
import { addressInHost, isLoopbackHost, mayLeaveToProxy, mayReach, type Zone } from './zone.ts';

/** Where connections may lead: `anywhere` when the person chose the address. */
export type Bounds = Zone | 'anywhere';

export interface ConnectorOptions {
  /** By which proxies, trusting whom. Left out: by none, trusting Node's own list. */
  readonly outbound?: Outbound;
  /** Whom to trust at the end of the way instead, behind whatever proxy. */
  readonly trust?: Pick<Trust, 'context'> | undefined;
  /** How names become addresses. */
  readonly resolve?: typeof lookup;
  /** What is shown of this machine, and to whom; nothing to anybody unless told. */
  readonly identity?: ClientIdentity | undefined;
  /** For each step of opening a connection, ms. */
  readonly stepMs?: number;
}

export interface Connector {
  /** For undici. It calls back with a `ProblemError` when the guard or the proxy is what failed. */
  readonly connect: buildConnector.connector;
  /** Ends every connection, those not open yet as well. */
  readonly close: () => void;
}

const STEP_MS = 10_000;

type Options = buildConnector.Options;

/**
 * Connections within `bounds`. Asks `outbound` for each: a connection that is open stays where it leads.
 *
 * The guard against DNS rebinding is that what is checked is what is connected to. A proxy looks names up itself, so
 * there the check is a look ahead: see docs/adr/0010-proxies-and-trust.md.
 */
export const createConnector = (
  bounds: Bounds,
  {
    outbound = straightOut,
    trust = outbound.trust,
    resolve = lookup,
    identity,
    stepMs = STEP_MS,
  }: ConnectorOptions = {},
): Connector => {
  const ended = new AbortController();
  const allowed = (address: string): boolean => bounds === 'anywhere' || mayReach(bounds, address);

  const handshakesWith = (trusted: SecureContext | undefined) => {
    const common = {
      allowH2: false,
      timeout: stepMs,
      signal: ended.signal,
      ...(trusted === undefined ? {} : { secureContext: trusted }),
    };
    return {
      trusted,
      direct: buildConnector({ ...common, lookup: guardedLookup(allowed, resolve) }),
      inside: buildConnector(common),
    };
  };
  const plain = handshakesWith(undefined);
  let secure = plain;
  const handshakesFor = async ({ protocol, origin }: URL) => {
    if (protocol === 'http:') return plain;
    const shown = identity?.isFor(origin) === true ? await identity.keyPair() : undefined;
    const trusted = await trust.context(shown);
    // New ones remember no sessions: one begun under other trust would be taken up again without a look at it.
    if (secure.trusted !== trusted) secure = handshakesWith(trusted);
    return secure;
  };

  /** Whether the name leads to this machine, where no proxy can go. Rejects with `address-refused`. */
  const lookAhead = async (hostname: string): Promise<'here' | 'elsewhere'> => {
    if (bounds === 'anywhere') return 'elsewhere';
    const addresses = await addressesOf(hostname, resolve);
    if (addresses === undefined) {
      if (mayLeaveToProxy(bounds, hostname)) return 'elsewhere';
      throw refused(hostname);
    }
    if (!addresses.every(({ address }) => allowed(address))) throw refused(hostname);
    return addresses.every(({ address }) => isLoopbackHost(address)) ? 'here' : 'elsewhere';
  };

  const through = async (proxy: Proxy, url: URL, options: Options): Promise<Socket> => {
    const { inside } = await handshakesFor(url);
    // The proxy is not whom a certificate is for.
    const trusted = url.protocol === 'http:' ? undefined : await outbound.trust.context();
    const { status, socket } = await askProxy(proxy, `${url.hostname}:${url.port || 443}`, {
      trusted,
      silenceMs: stepMs,
      signal: ended.signal,
    }).catch((error: NetTrouble) => {
      throw new NotReached(diagnoseProxy(error, proxy, url.host));
    });
    // Errors reach us through the layer above; without a listener they would end the process.
    socket.on('error', () => undefined);
    if (status < 200 || status > 299) {
      socket.destroy();
      throw diagnoseProxy(status, proxy, url.host);
    }
    return handshake(inside, { ...options, httpSocket: socket });
  };

  const open = async (options: Options): Promise<Socket> => {
    const url = new URL(`${options.protocol}//${options.host ?? options.hostname}`);
    const routes = await outbound.routesTo(url);
    const nearby = routes[0] !== 'direct' && (await lookAhead(options.hostname)) === 'here';
    let failure: unknown;
    for (const route of nearby ? (['direct'] as const) : routes) {
      if (route === 'direct') return handshake((await handshakesFor(url)).direct, options);
      try {
        return await through(route, url, options);
      } catch (error) {
        // A proxy that says no is obeyed; one that is not there is passed over, where there is another way.
        if (!(error instanceof NotReached)) throw error;
        failure = error.problem;
      }
    }
    throw failure;
  };

  const opened = callbackify(open);
  return {
    connect: (options, callback) =>
      opened(options, (error: Error | null, socket) =>
        error === null ? callback(null, socket) : callback(error, null),
      ),
    close: () => ended.abort(),
  };
};

/** A proxy that did not even answer. */
class NotReached extends Error {
  readonly problem: ProblemError;

  constructor(problem: ProblemError) {
    super(problem.message);
    this.problem = problem;
  }
}

const handshake = (connect: buildConnector.connector, options: Options): Promise<Socket> =>
  new Promise((resolve, reject) => {
    connect(options, (...[error, socket]) => {
      if (error !== null) return reject(error);
      // TLS 1.3 says what it misses after the handshake; undici would put the end that follows in the place of that.
      socket.once('error', () => socket.destroy());
      resolve(socket);
    });
  });

/** Undefined when the name cannot be looked up here. */
const addressesOf = (
  hostname: string,
  resolve: typeof lookup,
): Promise<readonly { readonly address: string }[] | undefined> => {
  const literal = addressInHost(hostname);
  if (literal !== undefined) return Promise.resolve([{ address: literal }]);
  return new Promise((settle) => {
    resolve(hostname, { all: true }, (error, found) =>
      settle(error === null && found.length > 0 ? found : undefined),
    );
  });
};
