/** Who may speak to a listener at all, before any key is looked at: by itself, only this machine. */
import type { IncomingMessage } from 'node:http';
import { zoneOfAddress } from '../../net/zone.ts';

/** Whom else than this machine a person lets in, and under which names of the door. */
export interface Beyond {
  /** What a Host header may say besides. */
  readonly hosts: readonly string[];
  /** The address of a peer that is not this machine. */
  readonly mayCome: (address: string) => boolean;
}

/**
 * Why a request must be refused, or undefined.
 *
 * - Address: a listener that was exposed by a forwarded port must not serve other machines, nor one that others share be
 *   reached around the proxy that protects what is said to it.
 * - Host: a page of another site can be made to resolve to 127.0.0.1 and then counts as its own origin
 *   (DNS rebinding); it cannot forge the Host header.
 * - Origin: a page in a browser can send requests across sites (CSRF); `allowedOrigins` are the ones that may.
 */
export const refusal = (
  request: IncomingMessage,
  port: number,
  allowedOrigins: readonly string[],
  beyond?: Beyond,
): string | undefined => {
  const { remoteAddress } = request.socket;
  if (remoteAddress === undefined) return 'only this machine may ask';
  if (zoneOfAddress(remoteAddress) !== 'loopback' && beyond?.mayCome(remoteAddress) !== true)
    return 'only this machine may ask';
  const { host, origin } = request.headers;
  // Of several, Node keeps the first: a request with more than one is none (RFC 9112 section 3.2).
  const isOne = request.headersDistinct['host']?.length === 1;
  const names = [...namesOf(port), ...(beyond?.hosts ?? [])];
  if (host === undefined || !isOne || !names.includes(host.toLowerCase()))
    return 'the Host header names another host';
  if (origin !== undefined && !allowedOrigins.includes(origin))
    return 'pages of other sites may not ask';
  return undefined;
};

/** The origins of the door's own pages. One that tells nobody where it was is called `null`, and must show itself otherwise. */
export const ownOrigins = (port: number): string[] => [
  ...namesOf(port).map((name) => `http://${name}`),
  'null',
];

/** What a Host header may say for a port on loopback. */
const namesOf = (port: number): string[] => [
  `127.0.0.1:${port}`,
  `[::1]:${port}`,
  `localhost:${port}`,
];
