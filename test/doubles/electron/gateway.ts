/**
 * Carries a private scheme to a real Chromium, which cannot be taught one from outside: a loopback server that hands
 * each request to the scheme's handler under its true address and streams the answer back.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeStream } from 'node:stream/web';
import type { SchemeHandler } from './life.ts';

export interface Gateway {
  /** A scheme address as Chromium must be given it. */
  readonly inwards: (address: string) => string;
  /** And back, as the program knows it. Foreign addresses stay as they are. */
  readonly outwards: (address: string) => string;
  readonly close: () => Promise<void>;
}

/** `handlerOf` is asked anew for each request, as the program may end its handler. */
export const openGateway = async (
  schemeOrigin: string,
  handlerOf: () => SchemeHandler | undefined,
): Promise<Gateway> => {
  const server = createServer((incoming, outgoing) => {
    relay(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const httpOrigin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const swap = (address: string, from: string, to: string): string =>
    address === from || address.startsWith(`${from}/`) ? to + address.slice(from.length) : address;
  const outwards = (address: string): string => {
    // What a page has made itself.
    const [blob = ''] = /^blob:/.exec(address) ?? [];
    return blob + swap(address.slice(blob.length), httpOrigin, schemeOrigin);
  };

  const relay = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const handler = handlerOf();
    // What Chromium shows for a scheme nobody handles is a failed load.
    if (handler === undefined) return void outgoing.destroy();
    const response = await handler(toRequest(incoming, outwards));
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    if (response.body === null) return void outgoing.end();
    outgoing.flushHeaders();
    // Ends by cancelling the handler's stream when the page goes away; the request's signal stays silent, as in Electron.
    await pipeline(Readable.fromWeb(response.body as NodeStream), outgoing);
  };

  return {
    inwards: (address) => swap(address, schemeOrigin, httpOrigin),
    outwards,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
};

/** Headers that belong to the loopback connection and not to the page's request. */
const ofTheConnection = new Set(['host', 'connection', 'content-length', 'transfer-encoding']);

const toRequest = (incoming: IncomingMessage, outwards: (address: string) => string): Request => {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value === undefined || ofTheConnection.has(name)) continue;
    headers.set(name, outwards(String(value)));
  }
  const method = incoming.method ?? 'GET';
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new Request(outwards(`http://${incoming.headers.host}${incoming.url}`), {
    method,
    headers,
    ...(hasBody ? { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' } : {}),
  });
};
