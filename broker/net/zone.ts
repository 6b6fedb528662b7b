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

/** The zone of an IP address in text form; IPv4 hidden in IPv6 counts as the IPv4 it is. */
export const zoneOfAddress = (address: string): AddressZone => {
  if (!ipaddr.isValid(address)) return 'nowhere';
  const parsed = ipaddr.process(address);
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
