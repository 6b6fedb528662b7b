/** What stands between a company and the internet? A proxy that leads wherever the test says, or misbehaves. */
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { KeyAndCertificate } from './certificates.ts';

export type ProxyMode =
  | 'lead'
  /** Takes the request and says nothing. */
  | 'silent'
  /** Closes the connection instead of answering. */
  | 'drop'
  /** Says yes and closes the connection. */
  | 'drop-inside'
  /** Says yes and then nothing more. */
  | 'silent-inside'
  /** Answers in no language of proxies. */
  | 'gibberish'
  /** Answers with this status and a page of its own. */
  | number;

export interface ProxyOptions {
  /** Where an authority such as `mcp.example:443` leads: a port of this machine, and never anywhere else. */
  readonly lead: (authority: string) => number | undefined;
  /** `user:password` that it asks for. */
  readonly wants?: string;
  /** Speaks https with this. */
  readonly secure?: KeyAndCertificate;
}

export interface ProxyServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` or `https://...`. */
  readonly origin: string;
  readonly host: string;
  /** Every CONNECT, with the credentials that came with it. */
  readonly asked: readonly { readonly authority: string; readonly authorization?: string }[];
  /** How many connections of clients are open. */
  readonly open: () => number;
  mode: ProxyMode;
}

export const startProxyServer = async ({
  lead,
  wants,
  secure,
}: ProxyOptions): Promise<ProxyServer> => {
  const asked: { authority: string; authorization?: string }[] = [];
  const sockets = new Set<Duplex>();
  const server = secure === undefined ? createServer() : createSecureServer(secure);
  const track = (socket: Duplex): void => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
  };
  server.on('connection', track);

  const proxy = { mode: 'lead' as ProxyMode };
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    const { url: authority = '', headers } = request;
    const authorization = headers['proxy-authorization'];
    asked.push({ authority, ...(authorization === undefined ? {} : { authorization }) });
    // An HTTP server's sockets stay half open, and one that nobody reads does not even see the other end go.
    socket.on('error', () => undefined).once('end', () => socket.destroy());
    if (proxy.mode !== 'lead') socket.resume();
    const page = (status: number, head = ''): void =>
      void socket.end(`HTTP/1.1 ${status} Because\r\n${head}content-length: 6\r\n\r\nforged`);
    const { mode } = proxy;
    if (mode === 'silent') return;
    if (mode === 'drop') return void socket.destroy();
    if (mode === 'gibberish') return void socket.end('220 mail.example ready\r\n');
    if (typeof mode === 'number') return page(mode, 'location: https://elsewhere.example/\r\n');
    if (wants !== undefined && authorization !== `Basic ${btoa(wants)}`) {
      return page(407, 'proxy-authenticate: Basic realm="forged"\r\n');
    }
    const port = lead(authority);
    if (port === undefined) return page(502);
    const yes = 'HTTP/1.1 200 Connection established\r\n\r\n';
    if (mode === 'drop-inside') return void socket.end(yes);
    if (mode === 'silent-inside') return void socket.write(yes);
    const target = connect(port, '127.0.0.1', () => {
      socket.write(yes);
      socket.pipe(target).pipe(socket);
    });
    const end = (): void => {
      target.destroy();
      socket.destroy();
    };
    target.on('error', end).once('close', end);
    socket.once('close', end);
    track(target);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const origin = `${secure === undefined ? 'http' : 'https'}://${host}`;
  return Object.assign(proxy, {
    ...{ origin, host, asked },
    open: () => sockets.size,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await closed;
    },
  });
};
