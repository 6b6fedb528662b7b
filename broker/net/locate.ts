/** Which part of the network the person's own address lies in. */
import { lookup } from 'node:dns/promises';
import { addressInHost, isLoopbackHost, type Zone, zoneOfAddress } from './zone.ts';

/**
 * Private when all of the host's addresses are: a server on the internet must not get a say over the person's network by
 * listing one of its addresses beside its own. What does not resolve counts as public, which allows least.
 */
export const locate = async (
  server: URL,
  resolve: (hostname: string) => Promise<readonly { readonly address: string }[]> = addressesOf,
): Promise<Zone> => {
  if (isLoopbackHost(server.hostname)) return 'loopback';
  const literal = addressInHost(server.hostname);
  const addresses =
    literal === undefined ? await resolve(server.hostname).catch(() => []) : [{ address: literal }];
  const zones = addresses.map(({ address }) => zoneOfAddress(address));
  // A name that answers with this machine's address was not typed as this machine: it gets no say over loopback.
  return zones.length > 0 && zones.every((zone) => zone === 'private') ? 'private' : 'public';
};

const addressesOf = (hostname: string) => lookup(hostname, { all: true });
