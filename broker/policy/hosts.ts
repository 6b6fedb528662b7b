/** Whether a host is among those that an administrator allows, however either of them is spelled. */
import ipaddr from 'ipaddr.js';
import { addressInHost } from '../net/zone.ts';

/** Who is to be asked: a server itself, or somebody who gives credentials for one. */
export type Whom = 'servers' | 'signIn';

/**
 * A look-up in a list of patterns. What is no exact match is no match: a host that only looks alike, or that has an allowed
 * one in its front or middle, is another host.
 */
export const hostsIn = (patterns: readonly string[]): ((hostname: string) => boolean) => {
  const exact = new Set<string>();
  const ends: string[] = [];
  for (const pattern of patterns) {
    if (pattern.startsWith('*.')) ends.push(plainHost(hostOf(`x.${pattern.slice(2)}`)).slice(1));
    else exact.add(plainHost(hostOf(pattern)));
  }
  return (hostname) => {
    const host = plainHost(hostname);
    return exact.has(host) || ends.some((end) => isBelow(host, end));
  };
};

/** Parsed as every address is, so that upper case, umlauts and other writings of a number come out alike. */
const hostOf = (pattern: string): string => new URL(`https://${pattern}/`).hostname;

/** One spelling for one host: without the dot that ends a full name, and IPv4 inside IPv6 as the IPv4 that it is. */
const plainHost = (hostname: string): string => {
  const address = addressInHost(hostname);
  return address === undefined
    ? hostname.toLowerCase().replace(/\.$/, '')
    : ipaddr.process(address).toString();
};

/** An empty name in front would be none. */
const isBelow = (host: string, end: string): boolean =>
  host.endsWith(end) && host.length > end.length && !host.startsWith('.');
