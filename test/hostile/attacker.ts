/** A server that an attacker runs: it says what a row wants, and keeps all that it was told. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { readBody, sendJson } from '../servers/loopback-server.ts';
import type { Answer, Pages } from './attack.ts';
import type { Certificate } from './certificate.ts';

export interface Attacker extends AsyncDisposable {
  readonly port: number;
  readonly origin: string;
  readonly serve: (pages: Pages) => void;
  /** The paths asked for, in order. */
  readonly paths: () => readonly string[];
  /** Every word it was told: lines, headers and bodies. */
  readonly heard: () => string;
}

/** On the internet it has this name and speaks https; without a certificate it is on this machine. */
export const INTERNET_NAME = 'mcp.evil.example';

export const startAttacker = async (certificate?: Certificate): Promise<Attacker> => {
  let pages: Pages = {};
  const paths: string[] = [];
  const heard: string[] = [];
  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const { pathname } = new URL(req.url ?? '/', 'http://attacker.invalid');
    paths.push(pathname);
    const body = (await readBody(req)).toString();
    heard.push(`${req.method} ${req.url}`, ...req.rawHeaders, body);
    await give(pages[pathname] ?? { status: 404 }, res, body);
  };
  const onRequest = (req: IncomingMessage, res: ServerResponse): void => {
    // Cut off in the middle of a word: that is how most of these end.
    answer(req, res).catch(() => res.destroy());
  };
  const server: Server =
    certificate === undefined
      ? createServer(onRequest)
      : createSecureServer({ ...certificate }, onRequest);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin:
      certificate === undefined ? `http://127.0.0.1:${port}` : `https://${INTERNET_NAME}:${port}`,
    serve: (next) => {
      pages = next;
    },
    paths: () => paths,
    heard: () => heard.join('\n'),
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
};

const give = (answer: Answer, res: ServerResponse, said: string): void | Promise<void> => {
  if (typeof answer === 'function') return answer(res, said);
  const { status = 200, headers = {}, body = {} } = answer;
  // No connection is used twice: each request finds its way anew, past the resolver.
  const all = { connection: 'close', ...headers };
  if (typeof body !== 'string' && !Buffer.isBuffer(body)) return sendJson(res, status, body, all);
  res.writeHead(status, { 'content-type': 'text/html', ...all });
  res.end(body);
};
