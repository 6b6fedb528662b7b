/** How does a counterpart listen? On 127.0.0.1, on a free port, and it leaves nothing open when closed. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Answer = (req: IncomingMessage, res: ServerResponse) => void | Promise<void>;

export interface LoopbackServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, without a trailing slash. */
  readonly origin: string;
  readonly port: number;
  /** Ends every connection, hung ones too. May be called twice. */
  readonly close: () => Promise<void>;
}

/** Listens first and asks for the answer afterwards, because most answers must know their own origin. */
export const startLoopbackServer = async (
  createAnswer: (origin: string) => Answer | Promise<Answer>,
  port = 0,
): Promise<LoopbackServer> => {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${address.port}`;
  const answer = await createAnswer(origin);

  server.on('request', (req, res) => {
    Promise.resolve(answer(req, res)).catch((error: unknown) => {
      // A mistake in a counterpart must not look like a fault a test asked for.
      if (!res.headersSent) res.writeHead(500, { 'content-type': 'text/plain' });
      res.end(`counterpart failed: ${error instanceof Error ? error.stack : String(error)}`);
    });
  });

  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  return { origin, port: address.port, close, [Symbol.asyncDispose]: close };
};

/** The whole body; counterparts hold small things only. */
export const readBody = async (req: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

export const sendJson = (
  res: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void => {
  res.writeHead(status, { 'content-type': 'application/json', ...headers });
  res.end(JSON.stringify(value));
};
