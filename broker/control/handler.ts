/** The control plane: one function from Request to Response, generic over the route table. */
import { digestIn, type IconDigest } from '../../shared/contract/icons.ts';
import { AccountId, ServerId } from '../../shared/contract/ids.ts';
import {
  type ProblemCode,
  ProblemError,
  problemCodes,
  toProblem,
} from '../../shared/contract/problems.ts';
import {
  type Caller,
  type RouteName,
  type RouteParams,
  type RouteParsedBody,
  type RouteReply,
  routes,
} from '../../shared/contract/routes.ts';
import type { Snapshot } from '../../shared/contract/snapshot.ts';
import { EVENTS_PATH } from '../../shared/contract/snapshots.ts';
import type { Picture } from '../icons/picture.ts';
import type { Logger } from '../log/logger.ts';
import { eventStream } from './event-stream.ts';

/** What each route does: one deed a row, of the row's own types. */
export type Bindings = {
  readonly [N in RouteName]: (
    params: RouteParams<N>,
    body: RouteParsedBody<N>,
    /** Aborted once whoever asks has given the request up. */
    signal?: AbortSignal,
  ) => RouteReply<N> | Promise<RouteReply<N>>;
};

export interface ControlDeps {
  readonly bindings: Bindings;
  readonly snapshot: () => Snapshot;
  readonly subscribe: (listener: (snapshot: Snapshot) => void) => () => void;
  /** The bytes behind the digest of an icon. */
  readonly picture: (digest: IconDigest) => Picture | undefined;
  readonly log: Logger;
}

/** Answers a request on behalf of a caller that the mount has already made sure of. */
export type Control = (request: Request, caller: Caller) => Promise<Response>;

/** The largest body any route needs, but for those that say so. */
const MAX_BODY_CHARACTERS = 64 * 1024;

export const createControl = ({
  bindings,
  snapshot,
  subscribe,
  picture,
  log,
}: ControlDeps): Control => {
  const answer = async (request: Request, caller: Caller): Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (pathname === EVENTS_PATH && request.method === 'GET') {
      return eventStream(snapshot, subscribe, request.signal);
    }
    const digest = request.method === 'GET' ? digestIn(pathname) : undefined;
    if (digest !== undefined) return pictureResponse(picture(digest));
    const { name, params } = match(request.method, pathname);
    const row = routes[name];
    if ('callers' in row && !row.callers.some((allowed) => allowed === caller)) {
      throw new ProblemError('not-allowed', 'this is only for commands in a terminal');
    }
    const body =
      'body' in row
        ? checked(row.body, await readJson(request, 'most' in row ? row.most : undefined))
        : undefined;
    // The row's types and the binding's are the same by construction; the union over all rows hides it.
    const deed = bindings[name] as (...asked: readonly unknown[]) => unknown;
    return Response.json(await deed(params, body, request.signal), { headers: noStore });
  };

  return async (request, caller) => {
    try {
      return await answer(request, caller);
    } catch (error) {
      const problem = toProblem(error);
      if (problem.code === 'internal')
        log.error('control-failed', { path: new URL(request.url).pathname, error });
      return problemResponse(problem.code, problem);
    }
  };
};

/** Its bytes are of a server's choice: a browser that is led there draws a picture, and runs nothing. */
const pictureResponse = (picture: Picture | undefined): Response => {
  if (picture === undefined) throw new ProblemError('not-found', 'there is no such picture');
  return new Response(new Uint8Array(picture.bytes), {
    headers: {
      'content-type': picture.type,
      'content-security-policy': "default-src 'none'; sandbox",
      // Long enough that the window does not flicker; also what is cached is for its own pages alone: another page of this
      // machine would learn by an img which servers there are.
      'cache-control': 'private, max-age=3600',
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    },
  });
};

const noStore = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

const problemResponse = (code: ProblemCode, problem: object): Response =>
  Response.json({ error: problem }, { status: problemCodes[code].status, headers: noStore });

/** The one place where a problem becomes an HTTP answer outside the handler itself. */
export const refuse = (error: ProblemError): Response => problemResponse(error.code, error.problem);

const match = (
  method: string,
  pathname: string,
): { name: RouteName; params: Record<string, string> } => {
  for (const name of Object.keys(routes) as RouteName[]) {
    const row = routes[name];
    const params = row.method === method ? matchPath(row.path, pathname) : undefined;
    if (params !== undefined) return { name, params };
  }
  throw new ProblemError('not-found', 'there is nothing at this address');
};

const parameters = { ':server': ServerId, ':account': AccountId } as const;

const matchPath = (pattern: string, pathname: string): Record<string, string> | undefined => {
  const wanted = pattern.split('/');
  const given = pathname.split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (part === ':server' || part === ':account') {
      const id = parameters[part].safeParse(value);
      if (!id.success) return undefined;
      params[part.slice(1)] = id.data;
    } else if (part !== value) {
      return undefined;
    }
  }
  return params;
};

const readJson = async (request: Request, most?: number): Promise<unknown> => {
  // A form can be posted across sites without a preflight, JSON cannot: the guard against CSRF where cookies open doors.
  if (!(request.headers.get('content-type') ?? '').startsWith('application/json'))
    throw badRequest();
  const text = await readText(request, most);
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest();
  }
};

const readText = async ({ body }: Request, most = MAX_BODY_CHARACTERS): Promise<string> => {
  const decoder = new TextDecoder();
  let text = '';
  // Cancelling the body would close the connection before the refusal is out.
  for await (const chunk of body?.values({ preventCancel: true }) ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > most) throw badRequest();
  }
  return text + decoder.decode();
};

const checked = (
  schema: { safeParse: (value: unknown) => { success: boolean; data?: unknown } },
  value: unknown,
): unknown => {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw badRequest();
  return parsed.data;
};

const badRequest = (): ProblemError =>
  new ProblemError('bad-request', 'the request does not have the form that this address takes');
