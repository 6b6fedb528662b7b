/** The HTTP door: one path a server or account and one for all of them, for AI clients of this machine that hold a key. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { opens } from '../../../shared/contract/door-keys.ts';
import type { Problem } from '../../../shared/contract/problems.ts';
import type { ServeOwnPage } from '../own-pages.ts';
import { ALL_PATH, type Place, type Places } from '../places.ts';
import { APPROVAL_PATH } from '../shaping/approval-page.ts';
import { PAGE_PATH } from '../sign-in/pages.ts';
import type { Target } from '../target.ts';
import { ownOrigins, refusal } from './guard.ts';
import { refuse } from './http-reply.ts';
import type { DoorKeys, KeyHolder } from './keys.ts';
import { listenAt } from './listen.ts';
import { STREAM } from './old-streams.ts';
import { createOpenAnswers, type OpenAnswers } from './open-answers.ts';
import { type OwnedSession, readOwnedId, SESSION } from './owned-session.ts';
import { createMcpService, type McpService, type McpServiceDeps } from './serve-mcp.ts';
import { describedAt } from './verify/addresses.ts';
import type { Verification } from './verify/verification.ts';

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
  /** Where the host is a shared one: tokens instead of keys. */
  readonly verification?: Verification | undefined;
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
 * Opens the door on this machine, at `wishedPort` or else at any free port, and where a shared host wants it besides.
 *
 * Rejects with `door-unavailable` when no port can be had.
 */
export const openHttpDoor = async (
  wishedPort: number | undefined,
  deps: HttpDoorDeps,
): Promise<HttpDoor> => {
  const { verification } = deps;
  const service = createMcpService(deps);
  const answers = createOpenAnswers();
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    // What is left to go wrong is the connection: a client that leaves in the middle of its body must not end the broker.
    admit(request, response, port, { ...deps, service, answers }).catch((error: unknown) => {
      deps.log.info('client-lost', { error });
      response.destroy();
    });
  };
  const { port, sendAway, close } = await listenAt(handle, wishedPort, verification?.listen);
  const heedGone = deps.keys.onGone((keyId) => {
    service.end(keyId);
    answers.end(keyId);
  });
  const heedChange = verification?.onChange(() => {
    service.close();
    answers.endAll();
  });
  return {
    base: `http://127.0.0.1:${port}`,
    port,
    look: () => {
      if (deps.closedBy?.() !== undefined) sendAway();
    },
    close: async () => {
      heedGone();
      heedChange?.();
      service.close();
      await close();
    },
  };
};

const admit = async (
  request: IncomingMessage,
  response: ServerResponse,
  port: number,
  deps: HttpDoorDeps & { readonly service: McpService; readonly answers: OpenAnswers },
): Promise<void> => {
  const [path = '', query] = (request.url ?? '').split('?', 2);
  const { verification } = deps;
  const verifies = verification?.isOn() === true;
  // The pages are for the person whose machine it is, who is not who comes with a token.
  const page = verifies ? undefined : pageAt(path, deps);
  const origins = page === undefined ? [] : ownOrigins(port);
  const forbidden = refusal(request, port, origins, verification?.beyond());
  if (forbidden !== undefined) return refuse(response, 403, forbidden);
  const closed = deps.closedBy?.();
  if (closed !== undefined) return refuse(response, 403, closed.message);
  if (page !== undefined) return page.serve(request, response, page.nonce);
  const described = verifies ? describedAt(path) : undefined;
  if (verifies && described !== undefined && isPlace(described))
    return verification.serveMetadata(request, described, response);
  // Discovery documents included: an AI client that found one would start a sign-in of its own (T29).
  if (!isPlace(path)) return refuse(response, 404, 'nothing here');
  const holder = verifies
    ? await verification.admit(request, path, response)
    : deps.keys.holder(presentedKey(request));
  // It has left meanwhile, or was told already why its token opens nothing.
  if (response.destroyed || response.headersSent) return;
  // 403 and no challenge, as above: a 401 reads as "begin OAuth".
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

const isPlace = (path: string): boolean => path === ALL_PATH || PATH.test(path);

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
