/** Both doors as the broker opens them, before servers and a token book that a test scripts. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { keepCatalogue } from '../../../broker/bridge/catalogue/keep.ts';
import { createDoorKeys, type DoorKey } from '../../../broker/bridge/doors/keys.ts';
import type { Verdict } from '../../../broker/bridge/eras/verdicts.ts';
import { createLegs } from '../../../broker/bridge/legs.ts';
import { openDoors } from '../../../broker/bridge/open-doors.ts';
import type { Asked, Ended } from '../../../broker/bridge/seen.ts';
import type { Target } from '../../../broker/bridge/target.ts';
import { createExchange } from '../../../broker/bridge/upstream/exchange.ts';
import { createLogger } from '../../../broker/log/logger.ts';
import { createPools } from '../../../broker/net/pools.ts';
import { systemClock } from '../../../broker/system-clock.ts';
import type { TokenBook } from '../../../broker/tokens/book.ts';
import { createStepUps } from '../../../broker/tokens/step-ups.ts';
import { ProblemError } from '../../../shared/contract/problems.ts';
import { ofSignIns } from '../../doubles/sign-in-credentials.ts';

export interface Bridge extends AsyncDisposable {
  readonly port: number;
  /** What opens the HTTP door. */
  readonly key: string;
  /** A new key for another AI client. */
  readonly keyOf: (aiClient: string) => string;
  readonly socket: { readonly path: string; readonly key: string };
  readonly log: readonly string[];
  /** What was noted of requests that ended. */
  readonly seen: readonly (Asked & Ended)[];
  /** One request at the HTTP door, as an AI client with a key sends it unless told otherwise. */
  readonly ask: (request: Request) => Promise<Answer>;
  /** A shim's connection to the socket door, past its hello. */
  readonly line: (server?: string) => Promise<Line>;
}

export interface Request {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
}

export interface Line extends Disposable {
  readonly socket: Socket;
  readonly send: (message: unknown) => void;
  /** Lines so far that nobody took with `next`. */
  readonly waiting: readonly string[];
  readonly next: () => Promise<string>;
  readonly closed: Promise<void>;
}

/** A bridge to `servers`, by id; signed in to when there is a book. */
export const openBridge = async (
  servers: Readonly<Record<string, string>>,
  book?: Pick<TokenBook, 'access' | 'afterRefusal'>,
): Promise<Bridge> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'drawbridge-'));
  const socket = { path: path.join(folder, 'door.sock'), key: 'fake-key-of-the-socket-door' };
  const log: string[] = [];
  const seen: (Asked & Ended)[] = [];
  let doorKeys: readonly DoorKey[] = [];
  let verdicts: readonly Verdict[] = [];
  const keys = createDoorKeys(
    { read: () => doorKeys, write: (all) => (doorKeys = all) },
    systemClock.now,
  );
  const { key } = keys.make({ aiClient: 'test' });
  const pools = createPools();
  const none = () => Promise.reject(new Error('no token is needed'));
  const targetOf = (server: string): Target | undefined => {
    const url = servers[server];
    if (url === undefined) return undefined;
    const upstream = {
      key: { server, account: 'default' },
      url: new URL(url),
      credential: book === undefined ? ('none' as const) : ('sign-in' as const),
    };
    return { title: 'Test Server', upstream };
  };
  const exchange = createExchange({
    wants: ({ credential }) => credential,
    credentials: ofSignIns(book ?? { access: none, afterRefusal: none }),
    stepUps: createStepUps(systemClock, () => undefined),
    poolTo: (origin) => pools.to(origin),
    after: systemClock.after,
  });
  const logger = createLogger((line) => log.push(line), systemClock);
  const legs = createLegs({
    ...{ exchange, clock: systemClock, log: logger, stateKey: randomBytes(32) },
    verdicts: { read: () => verdicts, write: (all) => (verdicts = all) },
  });
  const catalogue = await keepCatalogue({
    onIdentity: () => undefined,
    folder: path.join(folder, 'catalogue'),
    find: ({ server }) => targetOf(server),
    legs: legs.own,
    clock: systemClock,
    log: logger,
    version: '0.0.0-test',
  });
  const doors = await openDoors({
    socket,
    wishedPort: undefined,
    keys,
    find: (address) => {
      const target = targetOf(address.replace(/\/default$/, ''));
      if (target === undefined) throw new ProblemError('not-found', 'there is no such server');
      return target;
    },
    each: (isOpen) =>
      Object.keys(servers).flatMap((server) => {
        const target = targetOf(server);
        return target !== undefined && isOpen(target.upstream.key) ? [target] : [];
      }),
    isThere: ({ server }) => targetOf(server) !== undefined,
    onChange: () => () => undefined,
    onUsable: catalogue.onUsable,
    version: '0.0.0-test',
    exchange,
    legs: catalogue.around(legs),
    signInPage: () => Promise.reject(new Error('nobody is asked to sign in in these tests')),
    began: (asked) => (ended) => {
      seen.push({ ...asked, ...ended });
    },
    clock: systemClock,
    log: logger,
  });
  const port = doors.httpPort ?? 0;
  return {
    ...{ port, key, socket, log, seen },
    keyOf: (aiClient) => keys.make({ aiClient }).key,
    ask: async (request) => readAnswer(await startAsking(port, key, request)),
    line: async (server = 'one') => {
      const line = openLine(socket.path);
      line.send({ drawbridge: 1, key: socket.key, server });
      await line.next();
      return line;
    },
    [Symbol.asyncDispose]: async () => {
      await doors.close();
      await catalogue.close();
      await pools.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** The head of an answer; its body is read by whoever wants it, and waits until then. */
export const startAsking = (
  port: number,
  key: string,
  { method = 'POST', path: target = '/mcp/one', headers = {}, body }: Request,
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const sent = httpRequest({
      host: '127.0.0.1',
      port,
      method,
      path: target,
      agent: false,
      headers: {
        authorization: `Bearer ${key}`,
        accept: 'application/json, text/event-stream',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
    });
    sent.once('response', resolve);
    sent.once('error', reject);
    sent.end(body);
  });

const readAnswer = async (answer: IncomingMessage): Promise<Answer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    bytes,
    text: bytes.toString(),
  };
};

/** A connection to a socket door that has not said hello yet. */
export const openLine = (socketPath: string): Line => {
  const socket = createConnection(socketPath);
  socket.on('error', () => undefined);
  const waiting: string[] = [];
  const takers: ((line: string) => void)[] = [];
  createInterface(socket).on('line', (line) => {
    const taker = takers.shift();
    if (taker === undefined) waiting.push(line);
    else taker(line);
  });
  return {
    socket,
    send: (message) =>
      void socket.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`),
    waiting,
    next: () =>
      new Promise((resolve) => {
        const line = waiting.shift();
        if (line === undefined) takers.push(resolve);
        else resolve(line);
      }),
    closed: new Promise((resolve) => socket.once('close', () => resolve())),
    [Symbol.dispose]: () => void socket.destroy(),
  };
};
