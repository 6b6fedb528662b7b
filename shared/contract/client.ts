/** The typed client of the control plane, for every surface: give it any fetch-shaped function. */
import { z } from 'zod';
import { Problem, ProblemError, problemError } from './problems.ts';
import {
  EVENTS_PATH,
  type RouteBody,
  type RouteName,
  type RouteParams,
  type RouteReply,
  routes,
} from './routes.ts';
import { Snapshot } from './snapshot.ts';

/** Anything that answers a Request: `fetch`, a scheme, a socket, or the handler itself. */
export type Answer = (request: Request) => Promise<Response>;

type CallArgs<N extends RouteName> = [
  ...(keyof RouteParams<N> extends never ? [] : [params: RouteParams<N>]),
  ...(RouteBody<N> extends undefined ? [] : [body: RouteBody<N>]),
  /** Takes the request back. Not every surface can: what has to end then has a route that ends it. */
  signal?: AbortSignal,
];

export type ControlClient = {
  readonly [N in RouteName]: (...args: CallArgs<N>) => Promise<RouteReply<N>>;
} & {
  /** Every snapshot from now on, the present one first. Ends when the signal aborts or the stream does. */
  readonly snapshots: (signal: AbortSignal) => AsyncGenerator<Snapshot, void, undefined>;
};

const Failure = z.object({ error: Problem });

/**
 * A client for the routes of the table.
 *
 * Each call resolves with the checked reply and rejects with a `ProblemError`: the broker's own, or
 * `bad-answer` when the answer is not of the route's shape.
 */
export const createControlClient = (
  answer: Answer,
  origin = 'http://drawbridge.invalid',
): ControlClient => {
  const call = async (name: RouteName, args: readonly unknown[]): Promise<unknown> => {
    const row = routes[name];
    const rest = [...args];
    const path = row.path.includes(':')
      ? fillPath(row.path, rest.shift() as Record<string, string>)
      : row.path;
    const body = 'body' in row ? JSON.stringify(rest.shift() ?? {}) : undefined;
    const [signal] = rest as [AbortSignal?];
    const response = await answer(
      new Request(new URL(path, origin), {
        method: row.method,
        ...(signal === undefined ? {} : { signal }),
        ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
      }),
    );
    return readReply(response, row.reply);
  };

  const calls = Object.fromEntries(
    (Object.keys(routes) as RouteName[]).map((name) => [
      name,
      (...args: readonly unknown[]) => call(name, args),
    ]),
  );
  const snapshots = (signal: AbortSignal) => readSnapshots(answer, origin, signal);
  return { ...calls, snapshots } as ControlClient;
};

const fillPath = (path: string, params: Record<string, string>): string =>
  path.replace(/:(\w+)/g, (_whole, name: string) => encodeURIComponent(params[name] ?? ''));

const readReply = async (response: Response, reply: z.ZodType): Promise<unknown> => {
  const value: unknown = await response.json().catch(() => undefined);
  if (!response.ok) {
    const failure = Failure.safeParse(value);
    if (failure.success) throw problemError(failure.data.error);
    throw new ProblemError('bad-answer', `Drawbridge answered with status ${response.status}`);
  }
  const parsed = reply.safeParse(value);
  if (!parsed.success)
    throw new ProblemError(
      'bad-answer',
      'Drawbridge answered in a form this version does not know',
    );
  return parsed.data;
};

async function* readSnapshots(
  answer: Answer,
  origin: string,
  signal: AbortSignal,
): AsyncGenerator<Snapshot, void, undefined> {
  const response = await answer(new Request(new URL(EVENTS_PATH, origin), { signal }));
  if (!response.ok || response.body === null) {
    await readReply(response, z.never());
    return;
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  // Not every answer minds the request's signal: this ends the wait in any case.
  const stop = (): void => void reader.cancel().catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  let text = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += value;
      for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
        const event = text.slice(0, end);
        text = text.slice(end + 2);
        const data = event
          .split('\n')
          .filter((line) => line.startsWith('data: '))
          .map((line) => line.slice(6))
          .join('\n');
        if (data !== '') yield Snapshot.parse(JSON.parse(data));
      }
    }
  } finally {
    signal.removeEventListener('abort', stop);
    await reader.cancel().catch(() => undefined);
  }
}
