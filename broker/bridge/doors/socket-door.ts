/** The socket door: where shims come in, one JSON message a line after one line of hello. */
import { timingSafeEqual } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { z } from 'zod';
import { type Problem, toProblem } from '../../../shared/contract/problems.ts';
import type { Logger } from '../../log/logger.ts';
import type { Place } from '../places.ts';
import type { Session } from '../session.ts';
import { createLineReader } from './line-reader.ts';

/** The first line of a shim. `server` is `<server>`, `<server>/<account>`, or what means all of them. */
const Hello = z.object({ drawbridge: z.literal(1), key: z.string(), server: z.string() });

export interface SocketDoorDeps {
  /** The key of this run, from the owner-only instance record. */
  readonly key: string;
  /** Throws `not-found`. */
  readonly find: (address: string) => Place;
  readonly openSession: (place: Place, send: (line: string) => boolean) => Session;
  readonly log: Logger;
}

export interface SocketDoor {
  readonly close: () => Promise<void>;
}

const HELLO_BYTES = 4096;
/** One message: a tool call may carry a file. */
const MESSAGE_BYTES = 64 * 1024 * 1024;
const HELLO_MS = 5_000;

/** Opens the door at `path`. Rejects with the system's error when it cannot listen there. */
export const openSocketDoor = async (path: string, deps: SocketDoorDeps): Promise<SocketDoor> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(socket, deps);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
};

const serve = (socket: Socket, deps: SocketDoorDeps): void => {
  let session: Session | undefined;
  let refused = false;
  const send = (line: string): boolean => socket.writable && socket.write(`${line}\n`);

  const refuse = (problem: Problem): void => {
    refused = true;
    // Not only our half: a peer that never hangs up would keep its connection, and its session, for ever.
    socket.end(`${JSON.stringify({ error: problem })}\n`, () => socket.destroy());
  };

  const hello = (line: string): void => {
    try {
      const given = readHello(line);
      if (given === undefined) return refuse(noHello);
      if (!sameKey(given.key, deps.key)) return refuse(wrongKey);
      session = deps.openSession(deps.find(given.server), send);
      reader.limit(MESSAGE_BYTES);
      socket.setTimeout(0);
      send(JSON.stringify({ ok: true }));
    } catch (error) {
      refuse(toProblem(error));
    }
  };

  const reader = createLineReader(HELLO_BYTES, (line) => {
    // One guess of the key a connection.
    if (refused) return;
    if (session === undefined) hello(line);
    else session.receive(line);
  });
  socket.setTimeout(HELLO_MS, () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    if (!refused && !reader.push(chunk)) refuse(tooLong);
  });
  socket.on('drain', () => session?.drained());
  socket.on('close', () => session?.close());
  socket.on('error', (error) => deps.log.info('shim-lost', { error }));
};

const readHello = (line: string): z.infer<typeof Hello> | undefined => {
  try {
    return Hello.safeParse(JSON.parse(line)).data;
  } catch {
    // Not JSON: no more a hello than any other object.
    return undefined;
  }
};

const sameKey = (given: string, key: string): boolean => {
  const [a, b] = [Buffer.from(given), Buffer.from(key)];
  return a.length === b.length && timingSafeEqual(a, b);
};

const noHello: Problem = {
  code: 'bad-request',
  message: 'a shim of this Drawbridge begins otherwise',
};
const wrongKey: Problem = {
  code: 'not-allowed',
  message: 'this shim does not belong to the running Drawbridge',
};
const tooLong: Problem = {
  code: 'bad-request',
  message: 'a message longer than Drawbridge passes on',
};
