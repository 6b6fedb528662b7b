/** Which part of the network the person's own address lies in. */
import { lookup } from 'node:dns/promises';
import { addressInHost, isLoopbackHost, type Zone, zoneOfAddress } from './zone.ts';

/** The nearest zone of the host's addresses. A name that does not resolve counts as public, which allows least. */
export const locate = async (server: URL): Promise<Zone> => {
  if (isLoopbackHost(server.hostname)) return 'loopback';
  const literal = addressInHost(server.hostname);
  const addresses =
    literal === undefined
      ? await lookup(server.hostname, { all: true }).catch(() => [])
      : [{ address: literal }];
  const zones = addresses.map(({ address }) => zoneOfAddress(address));
  // A name that answers with this machine's address was not typed as this machine: it gets no say over loopback.
  return zones.includes('private') ? 'private' : 'public';
};
