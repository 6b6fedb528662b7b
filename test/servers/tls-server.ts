/** What answers in https on this machine, with the certificate that a test gives it? */
import type { RequestListener } from 'node:http';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

export interface TlsServer extends AsyncDisposable {
  readonly port: number;
  /** Paths asked for, with the server name and the credentials that came along. */
  readonly seen: readonly {
    readonly path: string;
    readonly name: string | undefined;
    readonly headers: Readonly<Record<string, unknown>>;
  }[];
  /** How many connections are open, and how many there have been. */
  readonly connections: () => { readonly open: number; readonly ever: number };
}

export const startTlsServer = async (
  options: ServerOptions,
  answer: RequestListener = (_req, res) => void res.end('hello'),
): Promise<TlsServer> => {
  const seen: TlsServer['seen'][number][] = [];
  const sockets = new Set<Socket>();
  let ever = 0;
  const server = createServer(options, (req, res) => {
    const { host: name, ...headers } = req.headers;
    seen.push({ path: req.url ?? '', name, headers });
    answer(req, res);
  });
  server.on('connection', (socket: Socket) => {
    ever += 1;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    connections: () => ({ open: sockets.size, ever }),
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
};
