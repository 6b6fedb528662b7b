/** Where the HTTP door listens: on this machine, and on a shared host where the person says. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DoorSettings } from '../../../shared/contract/door.ts';
import { ProblemError } from '../../../shared/contract/problems.ts';

export interface Listening {
  readonly port: number;
  /** Ends every connection, and goes on to listen. */
  readonly sendAway: () => void;
  readonly close: () => Promise<void>;
}

/** Which addresses have to be had, in this order, and which may be missing. */
interface Plan {
  readonly all: readonly [string, ...string[]];
  /** A machine without IPv6 is served over IPv4 alone. */
  readonly ifPossible: readonly string[];
}

/**
 * Listens on 127.0.0.1, and on ::1 where there is one, at `wishedPort` or else at any free port; and at `besides`, whose port
 * is the one for all: others were told of it.
 *
 * Rejects with `door-unavailable` when that cannot be had.
 */
export const listenAt = async (
  handle: RequestListener,
  wishedPort: number | undefined,
  besides: DoorSettings['listen'],
): Promise<Listening> => {
  const { all, ifPossible } = planFor(besides?.address);
  const [first, ...rest] = all;
  const wished = wishedPort === undefined ? [0] : [wishedPort, 0];
  const servers: Server[] = [];
  const close = async (): Promise<void> => void (await Promise.all(servers.map(closed)));
  const open = async (address: string, ports: readonly number[]): Promise<number | undefined> => {
    const server = createServer(handle);
    const port = await listen(server, address, ports);
    if (port !== undefined) servers.push(server);
    return port;
  };

  const port = await open(first, besides === undefined ? wished : [besides.port]);
  if (port === undefined) throw unavailable(first);
  for (const address of rest) {
    if ((await open(address, [port])) !== undefined) continue;
    await close();
    throw unavailable(address);
  }
  for (const address of ifPossible) await open(address, [port]);
  return {
    port,
    sendAway: () => {
      for (const server of servers) server.closeAllConnections();
    },
    close,
  };
};

/** Whether somebody could listen at the port of this machine at this moment. */
export const isFree = async (port: number): Promise<boolean> => {
  const server = createServer();
  const got = await listen(server, '127.0.0.1', [port]);
  if (got !== undefined) await closed(server);
  return got !== undefined;
};

/** What listens everywhere listens on this machine as well, and shares a port with nobody there. */
const planFor = (address: string | undefined): Plan => {
  if (address === '::') return { all: ['::'], ifPossible: [] };
  if (address === '0.0.0.0') return { all: ['0.0.0.0'], ifPossible: ['::1'] };
  const own: readonly string[] = address === undefined ? [] : [address];
  return {
    all: ['127.0.0.1', ...own.filter((one) => one !== '127.0.0.1' && one !== '::1')],
    ifPossible: ['::1'],
  };
};

const listen = async (
  server: Server,
  host: string,
  ports: readonly number[],
): Promise<number | undefined> => {
  for (const port of ports) {
    const listening = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen({ host, port, exclusive: true }, () => resolve(true));
    });
    server.removeAllListeners('error');
    if (listening) return (server.address() as AddressInfo).port;
  }
  return undefined;
};

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    // Streams of AI clients stay open for days; they are told by the closed connection.
    server.closeAllConnections();
  });

const unavailable = (address: string): ProblemError =>
  new ProblemError('door-unavailable', 'the local HTTP door could not be opened', {
    hint: `a firewall or security program, or another one at the port, may forbid listening on ${address}`,
  });
