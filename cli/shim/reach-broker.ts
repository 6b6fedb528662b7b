/** The way from a shim to the socket door of the broker that runs now. */
import { createConnection, type Socket } from 'node:net';
import { type Lines, linesOf } from './lines.ts';
import { readOwn } from './read-own.ts';

/** A door that has let the shim in. */
export interface Link {
  /** What the broker says, until the link is lost. */
  readonly lines: Lines;
  /** Resolves when there is room for more, or nobody there any more. */
  readonly write: (line: string) => Promise<void>;
}

/** More than a broker sends: what it holds of an answer is counted in characters. */
const MOST_BYTES = 256 * 1024 * 1024;

/** What a door says instead of letting the shim in, or before it ends the link. */
export interface Refusal {
  readonly refused: string;
}

/** As `broker/storage/instance-record.ts` writes it. */
interface Door {
  readonly socket: string;
  readonly key: string;
}

/** Undefined: nobody is announced. */
export const announced = (folder: string): Door | undefined => {
  try {
    const text = readOwn(folder, 'instance.json');
    return text === undefined ? undefined : (JSON.parse(text) as { door?: Door }).door;
  } catch {
    // Not there, or not yet whole: the broker may be starting.
    return undefined;
  }
};

/** Undefined when nobody is there, or does not answer in `patienceMs`. */
export const reachBroker = async (
  folder: string,
  server: string,
  patienceMs: number,
): Promise<Link | Refusal | undefined> => {
  const door = announced(folder);
  const socket = door && (await connect(door.socket));
  if (door === undefined || socket === undefined) return undefined;
  socket.on('error', () => undefined);
  const lines = linesOf(socket, MOST_BYTES);
  const tooLate = setTimeout(() => socket.destroy(), Math.max(0, patienceMs));
  socket.write(`${JSON.stringify({ drawbridge: 1, key: door.key, server })}\n`);
  const hello = await lines.next();
  clearTimeout(tooLate);
  if (hello.done === true) return undefined;
  const refused = refusalIn(hello.value);
  return refused === undefined ? { lines, write: (line) => writeTo(socket, line) } : { refused };
};

const connect = (address: string): Promise<Socket | undefined> =>
  new Promise((resolve) => {
    const socket = createConnection(address);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', () => resolve(undefined));
  });

const writeTo = (socket: Socket, line: string): Promise<void> =>
  new Promise((resolve) => {
    if (socket.destroyed || socket.write(`${line}\n`)) return resolve();
    const go = (): void => {
      socket.off('drain', go);
      socket.off('close', go);
      resolve();
    };
    socket.once('drain', go);
    socket.once('close', go);
  });

/** The door's own words, which are no message: why it does not go on. */
export const refusalIn = (line: string): string | undefined => {
  if (!line.startsWith('{"error":')) return undefined;
  const { jsonrpc, error } = parsed(line);
  if (jsonrpc !== undefined || typeof error !== 'object' || error === null) return undefined;
  const { message = '', hint } = error as { message?: string; hint?: string };
  return `${message}${hint === undefined ? '' : ` (${hint})`}`;
};

const parsed = (line: string): { jsonrpc?: unknown; error?: unknown } => {
  try {
    return (JSON.parse(line) ?? {}) as { jsonrpc?: unknown; error?: unknown };
  } catch {
    return {};
  }
};
