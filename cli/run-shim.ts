/** The pump between an AI client's pipes and the socket door. It holds no token and knows no MCP. */
import { readFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { homedir } from 'node:os';
import path from 'node:path';
import { dataFolderOf } from '../broker/storage/data-folder.ts';

/** How long a broker that is just starting is waited for. */
const PATIENCE_MS = 5_000;
const RETRY_MS = 100;
/** How often to look whether the AI client still lives, for platforms where its death does not close the pipe. */
const PARENT_CHECK_MS = 5_000;

const NOT_RUNNING = 4;
const FAILED = 1;

/**
 * Connects the process's stdin and stdout to a server, or to `<server>/<account>`, and ends the process with them.
 *
 * Nothing but what the broker sends goes to stdout; what a person should know goes to stderr.
 */
export const runShim = async (server: string): Promise<void> => {
  const folder = dataFolderOf(process.env, process.platform, homedir());
  const started = Date.now();
  process.stdin.on('end', () => end(0));
  // Reads ahead, or an AI client that gives up while a broker is waited for would go unnoticed.
  process.stdin.read(0);
  for (;;) {
    const instance = readInstance(folder);
    const socket = instance && (await connect(instance.socket));
    if (socket !== undefined)
      return pump(socket, `${JSON.stringify({ drawbridge: 1, key: instance?.key, server })}\n`);
    if (Date.now() - started > PATIENCE_MS)
      return end(
        NOT_RUNNING,
        'Drawbridge is not running: start it with npm start in its clone, drawbridge serve, or the app',
      );
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
};

const readInstance = (folder: string): { socket: string; key: string } | undefined => {
  try {
    const { door } = JSON.parse(readFileSync(path.join(folder, 'instance.json'), 'utf8')) as {
      door: { socket: string; key: string };
    };
    return door;
  } catch {
    // Not there, or not yet whole: the broker may be starting.
    return undefined;
  }
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

const pump = (socket: Socket, hello: string): void => {
  socket.write(hello);
  let head = Buffer.alloc(0);
  const readHello = (chunk: Buffer): void => {
    head = Buffer.concat([head, chunk]);
    const newline = head.indexOf(0x0a);
    if (newline === -1) return;
    socket.off('data', readHello);
    const problem = problemIn(head.subarray(0, newline).toString('utf8'));
    if (problem !== undefined) return end(FAILED, problem);
    process.stdout.write(head.subarray(newline + 1));
    socket.pipe(process.stdout);
    process.stdin.pipe(socket);
  };
  socket.on('data', readHello);
  socket.on('error', () => undefined);
  socket.on('close', () => end(FAILED, 'Drawbridge has stopped'));
  // The AI client has gone and nobody reads any more.
  process.stdout.on('error', () => end(0));
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) end(0);
  }, PARENT_CHECK_MS).unref();
};

const problemIn = (line: string): string | undefined => {
  const { error } = JSON.parse(line) as { error?: { message: string; hint?: string } };
  return error && `${error.message}${error.hint === undefined ? '' : ` (${error.hint})`}`;
};

const end = (code: number, why?: string): void => {
  // Terminal escape injection: a problem can quote a server, and AI clients show this in terminals as well.
  if (why !== undefined)
    process.stderr.write(`drawbridge: ${why.replace(/[\p{Cc}\p{Cf}]+/gu, ' ')}\n`);
  process.exit(code);
};
