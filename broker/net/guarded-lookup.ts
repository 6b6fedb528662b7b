/** Name resolution that refuses a whole name when any of its addresses is out of bounds. */
import type { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { ProblemError } from '../../shared/contract/problems.ts';
import { isLoopbackHost } from './zone.ts';

/**
 * A lookup for connections: the guard against DNS rebinding, because what is checked is what is connected to.
 *
 * `x.localhost` may be asked over plain http, so it has to be here, whatever a name server says (RFC 6761); other names
 * lead where `allowed` says.
 */
export const guardedLookup =
  (allowed: (address: string) => boolean, resolve: typeof lookup): LookupFunction =>
  (hostname, options, callback) => {
    const may = isLoopbackHost(hostname) ? isLoopbackHost : allowed;
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '');
      if (!addresses.every(({ address }) => may(address))) return callback(refused(hostname), '');
      if (options.all === true) return callback(null, addresses);
      const [first] = addresses;
      return callback(null, first?.address ?? '', first?.family);
    });
  };

/** The refusal of an address that a server steered us to. */
export const refused = (host: string): ProblemError =>
  new ProblemError(
    'address-refused',
    `${JSON.stringify(host)} is at an address this server may not name`,
    { hint: 'a server on the internet must not send Drawbridge into your own network' },
  );
