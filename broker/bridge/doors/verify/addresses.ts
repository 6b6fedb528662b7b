/** Under which addresses is the door known, and who may come to it from other machines? */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv6 } from 'node:net';
import type { DoorSettings } from '../../../../shared/contract/door.ts';
import type { Beyond } from '../guard.ts';

/** Where RFC 9728 has the metadata of a resource: before its path. */
const METADATA = '/.well-known/oauth-protected-resource';

/** What others than this machine may say and be. */
export const beyondOf = ({ publicAddress, proxies }: DoorSettings): Beyond => {
  const named = new BlockList();
  for (const proxy of proxies) {
    const [address = '', prefix] = proxy.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) named.addAddress(address, family);
    else named.addSubnet(address, Number(prefix), family);
  }
  return {
    hosts: publicAddress === undefined ? [] : hostsOf(new URL(publicAddress)),
    // An address of IPv4 that came in over IPv6 counts as what it is.
    mayCome: (address) => named.check(address, isIPv6(address) ? 'ipv6' : 'ipv4'),
  };
};

/** A port that goes without saying may be said all the same. */
const hostsOf = ({ host, port, protocol }: URL): readonly string[] =>
  port === '' ? [host, `${host}:${protocol === 'https:' ? 443 : 80}`] : [host];

/**
 * The origin that a request came to. Without a public address it is the name of this machine that was asked for: the guard
 * has looked at it.
 */
export const originOf = ({ publicAddress }: DoorSettings, { headers }: IncomingMessage): string =>
  publicAddress === undefined ? `http://${headers.host}` : new URL(publicAddress).origin;

/** The resource at a path, and those above it: a token for all servers is good for each. */
export const resourcesAt = (origin: string, path: string): readonly [string, ...string[]] => {
  const parent = path.slice(0, path.lastIndexOf('/'));
  return parent === '' ? [origin + path] : [origin + path, ...resourcesAt(origin, parent)];
};

export const metadataAt = (origin: string, path: string): string => origin + METADATA + path;

/** The path whose metadata is at `path`. */
export const describedAt = (path: string): string | undefined =>
  path.startsWith(`${METADATA}/`) ? path.slice(METADATA.length) : undefined;
