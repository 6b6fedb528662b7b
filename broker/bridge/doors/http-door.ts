/** The HTTP door: one path a server or account, Streamable HTTP of either era passed through to it untouched. */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { keyText } from '../../../shared/contract/ids.ts';
import { type Problem, ProblemError } from '../../../shared/contract/problems.ts';
import type { Logger } from '../../log/logger.ts';
import type { Clock } from '../../ports.ts';
import { refusesEra } from '../eras/pair.ts';
import { MODERN } from '../eras/versions.ts';
import { modernVersion, notAMessage, problemResponse, readEnvelope } from '../json-rpc.ts';
import type { Message } from '../leg.ts';
import type { Legs } from '../legs.ts';
import type { Era } from '../session.ts';
import type { Target } from '../target.ts';
import type { Exchange, Flow } from '../upstream/exchange.ts';
import {
  createDoorSessions,
  type DoorSession,
  type DoorSessions,
  isDoorSession,
  type Visitor,
} from './door-sessions.ts';
import { refusal as refusalOf } from './guard.ts';
import type { DoorKeys } from './keys.ts';
import { answerOverLeg } from './leg-answer.ts';
import { createLegPool, type LegPool } from './leg-pool.ts';
import { mismatch } from './mirrored-headers.ts';
import { type OwnedSession, ownedId, readOwnedId } from './owned-session.ts';

export interface HttpDoorDeps {
  readonly keys: Pick<DoorKeys, 'holder'>;
  /** By `<server>` or `<server>/<account>`. */
  readonly find: (address: string) => Target | undefined;
  readonly exchange: Exchange;
  readonly legs: Legs;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface HttpDoor {
  /** `http://127.0.0.1:PORT`, the base of every server's path. */
  readonly base: string;
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Where a server is behind the door, or one of its accounts. */
const PATH = /^\/mcp\/([a-z0-9-]+)(?:\/([a-z0-9-]+))?$/;
const SESSION = 'mcp-session-id';
/** Requests with files in them; held whole so that they can be sent twice. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

/**
 * Opens the door on 127.0.0.1, and on ::1 where there is one, at `wishedPort` or else at any free port.
 *
 * Rejects with `door-unavailable` when no port can be had.
 */
export const openHttpDoor = async (
  wishedPort: number | undefined,
  deps: HttpDoorDeps,
): Promise<HttpDoor> => {
  const sessions = createDoorSessions(deps.clock.after);
  const pool = createLegPool(deps.clock.after);
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    // What is left to go wrong is the connection: a client that leaves in the middle of its body must not end the broker.
    admit(request, response, port, { ...deps, sessions, pool }).catch((error: unknown) => {
      deps.log.info('client-lost', { error });
      response.destroy();
    });
  };
  const server = createServer(handle);
  const port = await listen(server, '127.0.0.1', wishedPort === undefined ? [0] : [wishedPort, 0]);
  const second = createServer(handle);
  // A machine without IPv6 is served over IPv4 alone.
  const servers = await listen(second, '::1', [port]).then(
    () => [server, second],
    () => [server],
  );
  return {
    base: `http://127.0.0.1:${port}`,
    port,
    close: async () => {
      sessions.close();
      pool.close();
      await Promise.all(servers.map(close));
    },
  };
};

const listen = async (server: Server, host: string, ports: readonly number[]): Promise<number> => {
  for (const port of ports) {
    const listening = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen({ host, port, exclusive: true }, () => resolve(true));
    });
    server.removeAllListeners('error');
    if (listening) return (server.address() as AddressInfo).port;
  }
  throw new ProblemError('door-unavailable', 'the local HTTP door could not be opened', {
    hint: 'a firewall or security program may forbid listening on 127.0.0.1',
  });
};

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    // Streams of AI clients stay open for days; they are told by the closed connection.
    server.closeAllConnections();
  });

const admit = async (
  request: IncomingMessage,
  response: ServerResponse,
  port: number,
  deps: AdmitDeps,
): Promise<void> => {
  const forbidden = refusalOf(request, port, []);
  if (forbidden !== undefined) return refuse(response, 403, forbidden);
  const [path = ''] = (request.url ?? '').split('?', 1);
  const [, server, account] = PATH.exec(path) ?? [];
  // Discovery documents included: an AI client that found one would start a sign-in of its own (T29).
  if (server === undefined) return refuse(response, 404, 'nothing here');
  // 403 and no challenge, for the same reason: a 401 reads as "begin OAuth".
  const aiClient = deps.keys.holder(presentedKey(request));
  if (aiClient === undefined) return refuse(response, 403, 'a Drawbridge key is needed');
  const session = sessionOf(request);
  const target = targetOf({ server, account }, session, deps.find);
  if (target === undefined) return refuse(response, 404, 'no such server');
  if (!isForwarded(request.method))
    return refuse(response, 405, 'not a method of MCP', { allow: 'GET, POST, DELETE' });
  const body = await readBody(request);
  if (body === undefined) {
    return refuse(response, 413, `more than ${MAX_BODY_BYTES / 1024 / 1024} MB`, {
      connection: 'close',
    });
  }
  const visitor = { aiClient, target };
  if (session !== undefined && isDoorSession(session.id)) {
    const found = deps.sessions.find(visitor, session.id);
    if (found === undefined) return refuse(response, 404, 'no such session');
    return goOn(found, request.method, body, response);
  }
  const detour = async (): Promise<boolean> => {
    const first = firstWords(body, era);
    return first !== undefined && takeDetour(visitor, first, request, response, deps);
  };
  const era = eraIn(request.headers);
  const begins = request.method === 'POST' && (era === 'modern' || session === undefined);
  const way = begins ? deps.legs.known(target, era) : undefined;
  if (way !== undefined && way !== 'direct' && (await detour())) return;
  forward(
    request,
    request.method,
    body,
    response,
    { target, session, detour: begins ? detour : undefined },
    deps,
  );
};

type AdmitDeps = HttpDoorDeps & { readonly sessions: DoorSessions; readonly pool: LegPool };

/** One more request in a session that the door keeps. */
const goOn = (
  session: DoorSession,
  method: 'GET' | 'POST' | 'DELETE',
  body: Buffer,
  response: ServerResponse,
): void => {
  if (method === 'GET') return session.listen(response);
  if (method === 'DELETE') {
    session.end();
    response.writeHead(200).end();
    return;
  }
  const text = body.toString('utf8');
  const envelope = readEnvelope(text);
  if (envelope === undefined) return answerJson(response, 400, notAMessage(text));
  session.say({ text, envelope }, response);
};

/** What the headers say of the era; the body may say more. */
const eraIn = (headers: IncomingHttpHeaders): Era =>
  headers['mcp-method'] !== undefined || headers['mcp-protocol-version'] === MODERN
    ? 'modern'
    : 'legacy';

interface FirstWords {
  readonly era: Era;
  readonly message: Message;
}

/** What shows a server's era: the handshake of the legacy era, and every request of the modern one. */
const firstWords = (body: Buffer, headers: Era): FirstWords | undefined => {
  const text = body.toString('utf8');
  const envelope = readEnvelope(text);
  if (envelope?.id === undefined || envelope.method === undefined) return undefined;
  const message = { text, envelope };
  if (headers === 'modern' || modernVersion(envelope) !== undefined)
    return { era: 'modern', message };
  return envelope.method === 'initialize' ? { era: 'legacy', message } : undefined;
};

/** Answers by another way than the direct one. False when there is none: nothing has been answered then. */
const takeDetour = async (
  visitor: Visitor,
  { era, message }: FirstWords,
  { headers }: IncomingMessage,
  response: ServerResponse,
  { legs, sessions, pool }: AdmitDeps,
): Promise<boolean> => {
  const { target } = visitor;
  if (era === 'modern') {
    const wrong = mismatch(headers, message);
    if (wrong === undefined) {
      const leg = pool.of(visitor, legs.detour(target, era));
      answerOverLeg(response, leg, message, { title: target.title, era });
    } else {
      answerJson(response, 400, wrong);
    }
    return true;
  }
  const { id, json } = await sessions.begin(visitor, legs.detour(target, era), message);
  if (id === undefined || json === undefined) return false;
  answerJson(response, 200, json, {
    [SESSION]: ownedId({ owner: target.upstream.key.account, id }),
  });
  return true;
};

const forward = (
  request: IncomingMessage,
  method: 'GET' | 'POST' | 'DELETE',
  body: Buffer,
  response: ServerResponse,
  {
    target,
    session,
    detour,
  }: {
    readonly target: Target;
    readonly session: OwnedSession | undefined;
    /** What else to try when the server refuses as one of another era does. */
    readonly detour: (() => Promise<boolean>) | undefined;
  },
  { exchange, log }: HttpDoorDeps,
): void => {
  const { key } = target.upstream;
  let flow: Flow | undefined;
  /** A refusal that is held back while the other era is tried. */
  let refusal:
    | { readonly begin: () => void; readonly status: number; readonly chunks: Buffer[] }
    | undefined;
  const failed = (problem: Problem): void => {
    log.warn('call-failed', { key: keyText(key), code: problem.code });
    if (response.headersSent) response.destroy();
    else answerProblem(response, body, problem, target.title);
  };
  const giveUp = exchange(
    target.upstream,
    {
      method,
      headers: {
        ...pick(request.headers, isRequestHeader),
        ...(session === undefined ? {} : { [SESSION]: session.id }),
      },
      ...(method === 'POST' ? { body } : {}),
    },
    {
      start: (status, headers, answerFlow) => {
        flow = answerFlow;
        const id = headers[SESSION];
        const begin = (): void => {
          response.writeHead(status, {
            ...pick(headers, isAnswerHeader),
            ...(typeof id === 'string' ? { [SESSION]: ownedId({ owner: key.account, id }) } : {}),
            'x-accel-buffering': 'no',
          });
          response.flushHeaders();
        };
        if (detour !== undefined && refusesEra('legacy', status))
          refusal = { begin, status, chunks: [] };
        else begin();
      },
      data: (chunk) => {
        if (refusal !== undefined) hold(refusal.chunks, chunk);
        else if (!response.write(chunk)) flow?.pause();
      },
      end: () => {
        if (refusal === undefined) return void response.end();
        const { begin, chunks } = refusal;
        const asItCame = (): void => {
          begin();
          response.end(Buffer.concat(chunks));
        };
        const text = Buffer.concat(chunks).toString('utf8');
        const first = firstWords(body, eraIn(request.headers));
        if (
          detour === undefined ||
          first === undefined ||
          !refusesEra(first.era, refusal.status, text)
        )
          return asItCame();
        detour().then((done) => {
          if (!done) asItCame();
        }, asItCame);
      },
      fail: (error) => failed(error.problem),
    },
  );
  response.on('drain', () => flow?.resume());
  response.on('close', () => {
    if (!response.writableFinished) giveUp();
  });
};

/** A refusal is short; of a longer one the rest is not worth waiting for. */
const MOST_REFUSAL_BYTES = 64 * 1024;

const hold = (chunks: Buffer[], chunk: Buffer): void => {
  const size = chunks.reduce((sum, { length }) => sum + length, 0);
  if (size < MOST_REFUSAL_BYTES) chunks.push(chunk.subarray(0, MOST_REFUSAL_BYTES - size));
};

/**
 * A session goes on as the account it began with, whatever is the default one by now. At the address of another account it
 * is one that has ended, so that the AI client begins anew (T15).
 */
const targetOf = (
  { server, account }: { readonly server: string; readonly account: string | undefined },
  session: OwnedSession | undefined,
  find: HttpDoorDeps['find'],
): Target | undefined => {
  const target = find(account === undefined ? server : `${server}/${account}`);
  if (session === undefined || target?.upstream.key.account === session.owner) return target;
  return account === undefined ? find(`${server}/${session.owner}`) : undefined;
};

const sessionOf = ({ headers }: IncomingMessage): OwnedSession | undefined => {
  const id = headers[SESSION];
  return typeof id === 'string' ? readOwnedId(id) : undefined;
};

/** What is passed on in each direction: MCP's own headers, known or not (T31), and what HTTP needs for the body. */
const isRequestHeader = (name: string): boolean =>
  name.startsWith('mcp-') ||
  ['accept', 'content-type', 'last-event-id', 'traceparent', 'tracestate', 'baggage'].includes(
    name,
  );
const isAnswerHeader = (name: string): boolean =>
  name.startsWith('mcp-') ||
  ['content-type', 'content-encoding', 'cache-control', 'retry-after', 'allow'].includes(name);

const pick = (
  headers: IncomingHttpHeaders,
  wanted: (name: string) => boolean,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value !== undefined && wanted(name)
        ? [[name, Array.isArray(value) ? value.join(', ') : value]]
        : [],
    ),
  );

const presentedKey = ({ headers }: IncomingMessage): string => {
  const second = headers['x-drawbridge-key'];
  if (typeof second === 'string') return second;
  return /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
};

const isForwarded = (method: string | undefined): method is 'GET' | 'POST' | 'DELETE' =>
  method === 'GET' || method === 'POST' || method === 'DELETE';

const readBody = async (request: IncomingMessage): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  let size = 0;
  // Destroying the request would close the connection before the refusal is out.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

const refuse = (
  response: ServerResponse,
  status: number,
  message: string,
  headers: Record<string, string> = {},
): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ error: message }));
};

const answerProblem = (
  response: ServerResponse,
  body: Buffer,
  problem: Problem,
  title: string,
): void => {
  const envelope = readEnvelope(body.toString('utf8'));
  const answer = envelope && problemResponse(envelope, problem, title);
  if (answer === undefined) return refuse(response, 503, problem.message, { 'retry-after': '5' });
  answerJson(response, 200, answer);
};

const answerJson = (
  response: ServerResponse,
  status: number,
  json: string,
  headers: Record<string, string> = {},
): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(json);
};
