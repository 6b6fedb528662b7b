/**
 * A stand-in for the broker's control plane: serves the built window under the strict content policy and
 * answers the routes of the table as a test says, with an event stream the test scripts.
 */
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { digestIn, isForBroker } from '../../shared/contract/icons.ts';
import { type Problem, ProblemError, problemCodes } from '../../shared/contract/problems.ts';
import { type RouteName, type RouteReply, routes } from '../../shared/contract/routes.ts';
import { Snapshot } from '../../shared/contract/snapshot.ts';
import { EVENTS_PATH } from '../../shared/contract/snapshots.ts';

export const CONTENT_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export interface Call {
  readonly route: RouteName;
  readonly params: Readonly<Record<string, string>>;
  readonly body: unknown;
}

type Script<N extends RouteName> = (call: Call) => RouteReply<N> | Promise<RouteReply<N>>;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** What screens ask for by themselves as they open, with the answer where a test gives none: these are no deeds of a person. */
const unasked: { readonly [N in RouteName]?: RouteReply<N> } = {
  preferences: {
    preferences: { hasProxyPassword: false },
    required: [],
    network: { proxy: { from: 'none', hosts: [] }, certificates: { system: 3, file: 0 } },
  },
  door: {
    settings: { callers: [], proxies: [] },
    ...{ base: 'http://127.0.0.1:7420', port: 7420, restart: false },
  },
  host: {
    dataFolder: '/home/ada/.local/share/drawbridge',
    logFolder: '/home/ada/.local/share/drawbridge/log',
    shim: { command: '/usr/bin/node', args: ['/opt/drawbridge/shim.cjs'] },
  },
  aiClients: { aiClients: [] },
  secrets: { names: [] },
};

export const startControlDouble = async (webFolder: string, first: Snapshot) => {
  let snapshot = first;
  let session = true;
  let reachable = true;
  let streamsOpened = 0;
  const calls: Call[] = [];
  const icons = new Map<string, Uint8Array<ArrayBuffer>>();
  const scripts = new Map<RouteName, Script<RouteName>>();
  const streams = new Set<ReadableStreamDefaultController<Uint8Array>>();

  const send = (stream: ReadableStreamDefaultController<Uint8Array>): void =>
    stream.enqueue(
      new TextEncoder().encode(`id: ${snapshot.revision}\ndata: ${JSON.stringify(snapshot)}\n\n`),
    );

  const events = (): Response => {
    streamsOpened += 1;
    let own: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        own = controller;
        streams.add(controller);
        send(controller);
      },
      cancel: () => {
        if (own !== undefined) streams.delete(own);
      },
    });
    return new Response(body, {
      headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
    });
  };

  const api = async (request: Request, path: string): Promise<Response> => {
    if (!reachable) return new Response('<h1>Bad gateway</h1>', { status: 502 });
    if (!session) return refusal({ code: 'no-session', message: 'no session' });
    if (path === EVENTS_PATH) return events();
    const icon = icons.get(digestIn(path) ?? '');
    if (icon !== undefined) return new Response(icon, { headers: { 'content-type': 'image/png' } });
    const found = findRoute(request.method, path);
    if (found === undefined) return refusal({ code: 'not-found', message: 'no such route' });
    const text = await request.text();
    const call: Call = { ...found, body: text === '' ? undefined : JSON.parse(text) };
    const row = routes[found.route];
    if ('body' in row) row.body.parse(call.body);
    if (!(found.route in unasked)) calls.push(call);
    try {
      const reply = await (scripts.get(found.route)?.(call) ?? unasked[found.route] ?? {});
      return Response.json(row.reply.parse(reply));
    } catch (error) {
      if (error instanceof ProblemError) return refusal(error.problem);
      throw error;
    }
  };

  const file = async (path: string): Promise<Response> => {
    const name = path === '/' ? 'index.html' : normalize(path).replace(/^(\.\.[/\\])+/, '');
    const bytes = await readFile(join(webFolder, name)).catch(() => undefined);
    if (bytes === undefined) return new Response('not found', { status: 404 });
    const headers = {
      'content-type': types[extname(name)] ?? 'application/octet-stream',
      'content-security-policy': CONTENT_POLICY,
      'x-content-type-options': 'nosniff',
    };
    return new Response(bytes, { headers });
  };

  const handle = (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    return isForBroker(pathname) ? api(request, pathname) : file(pathname);
  };

  const server = createAdaptorServer({ fetch: handle });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;

  const dropStreams = (): void => {
    for (const stream of streams) stream.close();
    streams.clear();
  };
  return {
    url: `http://127.0.0.1:${port}/`,
    calls,
    /** The bytes of pictures of servers, by their digest. */
    icons,
    streamsOpened: () => streamsOpened,
    /** Sends the next snapshot to every window. */
    show: (next: Snapshot): void => {
      snapshot = Snapshot.parse({ ...next, revision: snapshot.revision + 1 });
      for (const stream of streams) send(stream);
    },
    /** What a route answers; without a script it answers `{}`. Throw a `ProblemError` for a refusal. */
    on: <N extends RouteName>(route: N, script: Script<N>): void => {
      scripts.set(route, script);
    },
    dropStreams,
    setReachable: (value: boolean): void => {
      reachable = value;
    },
    setSession: (value: boolean): void => {
      session = value;
    },
    close: async (): Promise<void> => {
      dropStreams();
      if ('closeAllConnections' in server) server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
};

export type ControlDouble = Awaited<ReturnType<typeof startControlDouble>>;

const refusal = (error: Problem): Response =>
  Response.json({ error }, { status: problemCodes[error.code].status });

const findRoute = (
  method: string,
  path: string,
): { route: RouteName; params: Record<string, string> } | undefined => {
  for (const route of Object.keys(routes) as RouteName[]) {
    const row = routes[route];
    const pattern = new RegExp(`^${row.path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`);
    const match = row.method === method ? pattern.exec(path) : null;
    if (match !== null) return { route, params: { ...match.groups } };
  }
  return undefined;
};
