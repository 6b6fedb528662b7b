/** The control plane on a local socket: how commands reach the running broker, whichever shell hosts it. */
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Answer } from '../../shared/contract/client.ts';

export interface TerminalSocket {
  readonly close: () => Promise<void>;
}

/** Serves `answer` at `socket`. Rejects with the system's error when it cannot listen there. */
export const openTerminalSocket = async (
  socket: string,
  answer: Answer,
): Promise<TerminalSocket> => {
  const listener = getRequestListener(answer, { overrideGlobalObjects: false });
  const server = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
