/** Does the event stream tell the newest, to those who still listen, and leave nothing behind? */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventStream } from '../../../broker/control/event-stream.ts';
import { openTerminalSocket } from '../../../broker/control/terminal-socket.ts';
import type { Snapshot } from '../../../shared/contract/snapshot.ts';
import { eventually } from '../../doubles/eventually.ts';

const snapshotOf = (revision: number): Snapshot => ({
  revision,
  version: 'test',
  servers: [],
  vault: { kind: 'memory', state: 'open' },
  doors: {},
  notices: [],
});

/** Snapshots on demand, and how many listen. */
const createSource = () => {
  const listeners = new Set<(snapshot: Snapshot) => void>();
  let revision = 1;
  return {
    listening: () => listeners.size,
    change: () => {
      revision += 1;
      for (const listener of listeners) listener(snapshotOf(revision));
    },
    open: (signal: AbortSignal) =>
      eventStream(
        () => snapshotOf(revision),
        (listener) => {
          listeners.add(listener);
          return () => void listeners.delete(listener);
        },
        signal,
      ),
  };
};

const readerOf = (response: Response) => {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  return {
    read: async () => (await reader?.read())?.value ?? 'ended',
    cancel: () => reader?.cancel(),
  };
};
const event = (revision: number): string =>
  `id: ${revision}\ndata: ${JSON.stringify(snapshotOf(revision))}\n\n`;

describe('the event stream', () => {
  it('begins with the present snapshot, then tells each change', async () => {
    const source = createSource();
    const { read, cancel } = readerOf(source.open(new AbortController().signal));
    const first = await read();
    const second = read();
    source.change();
    expect([first, await second]).toEqual([event(1), event(2)]);
    await cancel();
  });

  it('gives a reader that fell behind the newest only', async () => {
    const source = createSource();
    const { read, cancel } = readerOf(source.open(new AbortController().signal));
    await read();
    for (let count = 0; count < 1000; count += 1) source.change();
    const late: string[] = [];
    while (late.at(-1) !== event(1001)) late.push(await read());
    // What had been handed over before the reader fell behind, and then the newest.
    expect(late.length).toBeLessThan(6);
    await cancel();
  });

  it('is not to be cached or buffered on the way', () => {
    const end = new AbortController();
    const { headers } = createSource().open(end.signal);
    end.abort();
    expect([
      headers.get('content-type'),
      headers.get('cache-control'),
      headers.get('x-accel-buffering'),
    ]).toEqual(['text/event-stream', 'no-store', 'no']);
  });

  it.each(['abort', 'cancel', 'abort, then cancel', 'cancel, then abort'])(
    'after %s is at its end and nobody listens any more',
    async (ways) => {
      const source = createSource();
      const end = new AbortController();
      const { read, cancel } = readerOf(source.open(end.signal));
      await read();
      for (const way of ways.split(', then ')) {
        if (way === 'abort') end.abort();
        else await cancel();
      }
      source.change();
      expect([await read(), source.listening()]).toEqual(['ended', 0]);
    },
  );

  it('for somebody who has left already listens to nothing', async () => {
    const source = createSource();
    const response = source.open(AbortSignal.abort());
    expect(source.listening()).toBe(0);
    await response.body?.cancel();
  });

  it('over a socket listens as long as its reader stays connected', async () => {
    const source = createSource();
    const folder = await mkdtemp(path.join(tmpdir(), 'drawbridge-'));
    const socketPath = path.join(folder, 's.sock');
    const server = await openTerminalSocket(socketPath, async ({ signal }) => source.open(signal));
    const sent = request({ socketPath, path: '/api/events' });
    sent.on('error', () => undefined);
    sent.end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    answer.on('error', () => undefined);
    await once(answer, 'data');
    const during = source.listening();
    answer.destroy();
    await expect.poll(source.listening, eventually).toBe(0);
    expect(during).toBe(1);
    await server.close();
    await rm(folder, { recursive: true });
  });
});
