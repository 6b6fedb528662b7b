/** The HTTP door: one path a server or account and one for all of them, for AI clients of this machine that hold a key. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { opens } from '../../../shared/contract/door-keys.ts';
import { type Problem, ProblemError } from '../../../shared/contract/problems.ts';
import type { ServeOwnPage } from '../own-pages.ts';
import { ALL_PATH, type Place, type Places } from '../places.ts';
import { APPROVAL_PATH } from '../shaping/approval-page.ts';
import { PAGE_PATH } from '../sign-in/pages.ts';
import type { Target } from '../target.ts';
import { ownOrigins, refusal } from './guard.ts';
import { refuse } from './http-reply.ts';
import type { DoorKeys, KeyHolder } from './keys.ts';
import { STREAM } from './old-streams.ts';
import { createOpenAnswers, type OpenAnswers } from './open-answers.ts';
import { type OwnedSession, readOwnedId, SESSION } from './owned-session.ts';
import { createMcpService, type McpService, type McpServiceDeps } from './serve-mcp.ts';

export interface HttpDoorDeps extends McpServiceDeps {
  readonly keys: Pick<DoorKeys, 'holder' | 'onGone'>;
  /** By `<server>` or `<server>/<account>`. */
  readonly find: (address: string) => Target | undefined;
  readonly places: Places;
  /** Why nobody may come in, as an administrator says it. */
  readonly closedBy?: (() => Problem | undefined) | undefined;
  /** For browsers, which have no key: the address is one. */
  readonly signInPage: ServeOwnPage;
  readonly approvalPage?: ServeOwnPage | undefined;
}

export interface HttpDoor {
  /** `http://127.0.0.1:PORT`, the base of every server's path. */
  readonly base: string;
  readonly port: number;
  /** Sends away who is there, where nobody may be there any more. */
  readonly look: () => void;
  readonly close: () => Promise<void>;
}

/** Where a server is behind the door, or one of its accounts. */
const PATH = /^\/mcp\/([a-z0-9-]+)(?:\/([a-z0-9-]+))?$/;
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
  const service = createMcpService(deps);
  const answers = createOpenAnswers();
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    // What is left to go wrong is the connection: a client that leaves in the middle of its body must not end the broker.
    admit(request, response, port, { ...deps, service, answers }).catch((error: unknown) => {
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
  const heedGone = deps.keys.onGone((keyId) => {
    service.end(keyId);
    answers.end(keyId);
  });
  return {
    base: `http://127.0.0.1:${port}`,
    port,
    look: () => {
      if (deps.closedBy?.() !== undefined) for (const each of servers) each.closeAllConnections();
    },
    close: async () => {
      heedGone();
      service.close();
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
  deps: HttpDoorDeps & { readonly service: McpService; readonly answers: OpenAnswers },
): Promise<void> => {
  const [path = '', query] = (request.url ?? '').split('?', 2);
  const page = pageAt(path, deps);
  const forbidden = refusal(request, port, page === undefined ? [] : ownOrigins(port));
  if (forbidden !== undefined) return refuse(response, 403, forbidden);
  const closed = deps.closedBy?.();
  if (closed !== undefined) return refuse(response, 403, closed.message);
  if (page !== undefined) return page.serve(request, response, page.nonce);
  // Discovery documents included: an AI client that found one would start a sign-in of its own (T29).
  if (path !== ALL_PATH && !PATH.test(path)) return refuse(response, 404, 'nothing here');
  // 403 and no challenge, for the same reason: a 401 reads as "begin OAuth".
  const holder = deps.keys.holder(presentedKey(request));
  if (holder === undefined) return refuse(response, 403, 'a Drawbridge key is needed');
  const session = sessionOf(request);
  const find = (): Place | undefined => placeAt(path, session, holder, deps);
  if (find() === undefined) return refuse(response, 404, 'no such server');
  if (!isForwarded(request.method))
    return refuse(response, 405, 'not a method of MCP', { allow: 'GET, POST, DELETE' });
  const stream = new URLSearchParams(query).get(STREAM) ?? undefined;
  deps.answers.add(holder.id, response);
  const body = await readBody(request);
  // The key was revoked meanwhile.
  if (response.destroyed) return;
  if (body === undefined) {
    return refuse(response, 413, `more than ${MAX_BODY_BYTES / 1024 / 1024} MB`, {
      connection: 'close',
    });
  }
  // Rules and servers may be others by now: a body can be as slow as whoever sends it likes.
  const place = find();
  if (place === undefined) return refuse(response, 404, 'no such server');
  await deps.service.serve(
    { keyId: holder.id, aiClient: holder.aiClient, place },
    { method: request.method, headers: request.headers, body, session, stream },
    response,
  );
};

/** What is for browsers, which have no key. */
const pageAt = (
  path: string,
  { signInPage, approvalPage }: Pick<HttpDoorDeps, 'signInPage' | 'approvalPage'>,
): { readonly serve: ServeOwnPage; readonly nonce: string } | undefined => {
  const [, signIn] = PAGE_PATH.exec(path) ?? [];
  if (signIn !== undefined) return { serve: signInPage, nonce: signIn };
  const [, approval] = APPROVAL_PATH.exec(path) ?? [];
  return approvalPage && approval !== undefined
    ? { serve: approvalPage, nonce: approval }
    : undefined;
};

/** What a key may not open is not there for it, and nobody learns from it which servers there are. */
const placeAt = (
  path: string,
  session: OwnedSession | undefined,
  { servers, aiClient }: KeyHolder,
  { find, places }: Pick<HttpDoorDeps, 'find' | 'places'>,
): Place | undefined => {
  const visit = { door: 'http', aiClient } as const;
  const [, server, account] = PATH.exec(path) ?? [];
  if (server === undefined) return places.all(visit, (key) => opens(servers, key));
  const target = targetOf({ server, account }, session, find);
  return target !== undefined && opens(servers, target.upstream.key)
    ? places.one(target, visit)
    : undefined;
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

const presentedKey = ({ headers }: IncomingMessage): string => {
  const second = headers['x-drawbridge-key'];
  if (typeof second === 'string') return second;
  return /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
};

const isForwarded = (method: string | undefined): method is 'GET' | 'POST' | 'DELETE' =>
  method === 'GET' || method === 'POST' || method === 'DELETE';

const readBody = async (request: IncomingMessage): Promise<Buffer | undefined> => {
  // Said at once where it is known at once.
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return undefined;
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
