/** Which part of the network an address is in, and who may steer us there. */
import ipaddr from 'ipaddr.js';

/** How near an address is. `nowhere`: reserved, link-local, multicast: never a server. */
export type Zone = 'public' | 'private' | 'loopback';
type AddressZone = Zone | 'nowhere';

const zones: Readonly<Record<string, AddressZone>> = {
  unicast: 'public',
  loopback: 'loopback',
  private: 'private',
  uniqueLocal: 'private',
  // RFC 6598: what VPN meshes give their machines.
  carrierGradeNat: 'private',
};

/** The part of IPv6 that is given out; outside of it hide old forms such as ::127.0.0.1 (RFC 4291 section 2.5.5.1). */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Where a translator's prefix (NAT64) may hold the IPv4 address, as bytes counted from the front (RFC 6052 section 2.2).
 *
 * On a network with IPv6 alone this is how every IPv4 server looks. The local prefix leaves the place to whoever runs the
 * network (RFC 8215), and byte 8 is skipped where the address would lie across it.
 */
const translated = [
  { prefix: ipaddr.IPv6.parseCIDR('64:ff9b::/96'), places: [[12, 13, 14, 15]] },
  {
    prefix: ipaddr.IPv6.parseCIDR('64:ff9b:1::/48'),
    places: [
      [6, 7, 9, 10],
      [7, 9, 10, 11],
      [9, 10, 11, 12],
      [12, 13, 14, 15],
    ],
  },
];

/**
 * A translated address counts as the IPv4 inside it when that is public. Nothing else inside is ever right: this
 * machine of the translator's is not this machine, and its private network not ours. Where several places may hold the
 * address all must be public, so that nobody can show us one and the translator another.
 */
const zoneOfTranslated = (bytes: readonly number[], places: readonly number[][]): AddressZone => {
  const inside = places
    .map((place) => ipaddr.fromByteArray(place.map((at) => bytes[at] ?? 0)))
    // What stands there when the address is elsewhere; no server is in 0.0.0.0/8.
    .filter((address) => address.toByteArray()[0] !== 0);
  return inside.length > 0 && inside.every((address) => zones[address.range()] === 'public')
    ? 'public'
    : 'nowhere';
};

/** The zone of an IP address in text form; IPv4 hidden in IPv6 counts as the IPv4 it is. */
export const zoneOfAddress = (address: string): AddressZone => {
  if (!ipaddr.isValid(address)) return 'nowhere';
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv6) {
    const form = translated.find(({ prefix }) => parsed.match(prefix));
    if (form !== undefined) return zoneOfTranslated(parsed.toByteArray(), form.places);
  }
  const zone = zones[parsed.range()] ?? 'nowhere';
  return zone === 'public' && parsed instanceof ipaddr.IPv6 && !parsed.match(globalUnicast)
    ? 'nowhere'
    : zone;
};

/** The host of a URL as an IP address, or undefined when it is a name. */
export const addressInHost = (hostname: string): string | undefined => {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return ipaddr.isValid(bare) ? bare : undefined;
};

/** True for this machine by its own names: the only place where plain http carries a token. */
export const isLoopbackHost = (hostname: string): boolean => {
  const address = addressInHost(hostname);
  if (address !== undefined) return zoneOfAddress(address) === 'loopback';
  return hostname === 'localhost' || hostname.endsWith('.localhost');
};

/**
 * Whether a server that the person placed in `placed` may name something at `address`.
 *
 * Stops server-side request forgery: a public server must not make this machine talk to its own network
 * (MCP security best practices, SSRF; RFC 9728 section 7.7). The same zone is fine: an intranet server's sign-in
 * service is on the intranet.
 */
export const mayReach = (placed: Zone, address: string): boolean => {
  const zone = zoneOfAddress(address);
  return zone === 'public' || zone === placed;
};

/** Names that stand for something near by (RFC 6761, 6762 with its appendix G, 8375; ICANN reserved `internal`). */
const nearby = /(^|\.)(local|localhost|internal|intranet|private|corp|home|lan|home\.arpa)$/;

/**
 * Whether a name that cannot be looked up here may be left to a proxy that can.
 *
 * Many companies let only their proxy look up names of the internet. The proxy also knows the company's own names, so
 * a server on the internet may not send us to it with one (SSRF).
 */
export const mayLeaveToProxy = (placed: Zone, hostname: string): boolean => {
  const name = hostname.replace(/\.$/, '');
  return placed === 'private' || (name.includes('.') && !nearby.test(name));
};
