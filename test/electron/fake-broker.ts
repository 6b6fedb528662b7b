/** A broker without a product behind it: snapshots as a test says, and a record of the deeds asked of it. */
import type { OwnBroker } from '../../electron/link.ts';
import type { Snapshot } from '../../shared/contract/snapshot.ts';
import { aSnapshot } from './snapshots.ts';

export interface FakeBroker extends OwnBroker {
  readonly change: (snapshot: Snapshot) => void;
  /** Ends every event stream, as a daemon that goes away does. */
  readonly hangUp: () => void;
  /** `POST /api/…` lines in order. */
  readonly deeds: readonly string[];
  readonly stops: () => number;
  readonly openStreams: () => number;
  /** Answer deeds with a failure from now on. */
  readonly refuseDeeds: () => void;
  /** Let `stop` hang until this is called. */
  readonly holdStop: () => () => void;
}

/** Shows each snapshot's revision, as it arrives, so that a test can see the stream work. */
const PAGE = `<!doctype html><title>fake</title><p id="revision">none</p>
<a id="plain" href="https://docs.example/page">docs</a>
<a id="blank" href="https://docs.example/other" target="_blank">docs</a>
<a id="home" href="/index.html?again">again</a>
<a id="insecure" href="http://docs.example/">docs</a>
<script>
  new EventSource('/api/events').onmessage = ({ data }) => {
    document.querySelector('#revision').textContent = JSON.parse(data).revision;
  };
</script>`;

export const createFakeBroker = (): FakeBroker => {
  let current = aSnapshot();
  let stops = 0;
  let refusing = false;
  let stopMayEnd = Promise.resolve();
  const listeners = new Set<(snapshot: Snapshot) => void>();
  const streams = new Set<ReadableStreamDefaultController<Uint8Array>>();
  const deeds: string[] = [];

  const event = (snapshot: Snapshot) => Buffer.from(`data: ${JSON.stringify(snapshot)}\n\n`);

  const events = (signal: AbortSignal): Response => {
    let mine: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        mine = controller;
        streams.add(controller);
        controller.enqueue(event(current));
        signal.addEventListener('abort', () => {
          if (streams.delete(controller)) controller.error(signal.reason);
        });
      },
      cancel: () => void streams.delete(mine),
    });
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  };

  const answerDeed = async (request: Request, pathname: string): Promise<Response> => {
    deeds.push(`${request.method} ${pathname}`);
    if (refusing) {
      const error = { code: 'offline', message: 'the network cannot be reached' };
      return Response.json({ error }, { status: 503 });
    }
    return Response.json(request.method === 'POST' ? { step: 'discovering' } : {});
  };

  const desktop = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (pathname === '/index.html') {
      return new Response(PAGE, { headers: { 'content-type': 'text/html' } });
    }
    if (pathname === '/api/events') return events(request.signal);
    if (pathname === '/api/snapshot') return Response.json(current);
    if (pathname.startsWith('/api/')) return answerDeed(request, pathname);
    return new Response(null, { status: 404 });
  };

  return {
    desktop,
    snapshot: () => current,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop: async () => {
      stops += 1;
      await stopMayEnd;
    },
    change: (snapshot) => {
      current = { ...snapshot, revision: current.revision + 1 };
      for (const listener of listeners) listener(current);
      for (const stream of streams) stream.enqueue(event(current));
    },
    hangUp: () => {
      for (const stream of streams) stream.close();
      streams.clear();
    },
    deeds,
    stops: () => stops,
    openStreams: () => streams.size,
    refuseDeeds: () => {
      refusing = true;
    },
    holdStop: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      stopMayEnd = promise;
      return resolve;
    },
  };
};
