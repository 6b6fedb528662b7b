/** The window for a browser, on a headless host: the broker's web mount on a loopback port. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Answer } from '../shared/contract/client.ts';
import { ProblemError } from '../shared/contract/problems.ts';

export interface ServedWindow {
  readonly origin: string;
  readonly close: () => Promise<void>;
}

/**
 * Serves `answer` on 127.0.0.1.
 *
 * Only requests that name this very host are answered: a page of another site can be made to resolve here
 * (DNS rebinding), but cannot change its Host header. Rejects with `door-unavailable` when `wished.port` is taken; where there is no
 * such wish, it is the `last` port, or any that is free.
 */
export const serveWindow = async (
  answer: Answer,
  wished: { readonly port: number | undefined; readonly last: number | undefined },
): Promise<ServedWindow> => {
  if (wished.port !== undefined) return serveAt(answer, wished.port);
  return serveAt(answer, wished.last ?? 0).catch(() => serveAt(answer, 0));
};

const serveAt = async (answer: Answer, wishedPort: number): Promise<ServedWindow> => {
  const listener = getRequestListener(answer, { overrideGlobalObjects: false });
  const server = createServer((request, response) => {
    if (request.headers.host === `127.0.0.1:${port}`) return void listener(request, response);
    response.writeHead(403).end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new ProblemError('door-unavailable', `port ${wishedPort} cannot be used for the window`, {
          hint: 'choose another with --port, or leave it out',
          cause,
        }),
      ),
    );
    server.listen({ host: '127.0.0.1', port: wishedPort, exclusive: true }, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
