/** Where the person's own browser may be sent on behalf of a server. */
import { lookup } from 'node:dns';
import { promisify } from 'node:util';
import { ProblemError } from '../../shared/contract/problems.ts';
import { refused } from './guarded-lookup.ts';
import { addressInHost, isLoopbackHost, mayLeaveToProxy, mayReach, type Zone } from './zone.ts';

/** Rejects with `address-refused` for an address that must not be opened. */
export type AssertVisitable = (address: URL) => Promise<void>;

/** What a host can be called that is a name or an address: anything else was made to be read by a shell. */
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)$/;

/**
 * A guard for a server placed in `placed`.
 *
 * Stops addresses that would run a program when handed to the system (CVE-2025-6514), that hide their host behind a
 * user name, and that lead into the person's own network, where one visit can change something (A42).
 */
export const visitsFrom =
  (placed: Zone, resolve: typeof lookup = lookup): AssertVisitable =>
  async (address) => {
    const { protocol, hostname, username, password } = address;
    const here = isLoopbackHost(hostname);
    const safe = protocol === 'https:' || (protocol === 'http:' && here);
    if (!safe || username !== '' || password !== '' || !HOST.test(hostname)) throw unsafe();
    const literal = addressInHost(hostname) ?? (here ? '127.0.0.1' : undefined);
    const addresses =
      literal === undefined
        ? await promisify(resolve)(hostname, { all: true }).catch(() => [])
        : [{ address: literal }];
    const known = addresses.length > 0 || mayLeaveToProxy(placed, hostname);
    if (!known || !addresses.every((found) => mayReach(placed, found.address)))
      throw refused(hostname);
  };

const unsafe = (): ProblemError =>
  new ProblemError('address-refused', 'the server names an unsafe address to sign in at');
