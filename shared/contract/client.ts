/** The typed client of the control plane, for every surface: give it any fetch-shaped function. */

import {
  type RouteBody,
  type RouteName,
  type RouteParams,
  type RouteReply,
  routes,
} from './routes.ts';
import type { Snapshot } from './snapshot.ts';
import { type Answer, readReply, readSnapshots } from './snapshots.ts';

export type { Answer } from './snapshots.ts';

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
