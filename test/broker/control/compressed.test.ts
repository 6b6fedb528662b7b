/** Does a browser get three hundred servers in little, each snapshot at once, and may it leave when it likes? */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { constants, createGunzip } from 'node:zlib';
import { createAdaptorServer } from '@hono/node-server';
import { expect, it, onTestFinished } from 'vitest';
import { compressed } from '../../../broker/control/compressed.ts';
import { eventStream } from '../../../broker/control/event-stream.ts';
import type { Snapshot } from '../../../shared/contract/snapshot.ts';
import { eventually } from '../../doubles/eventually.ts';
import { manyServers } from '../../doubles/many-servers.ts';

const open = async (encoding: string | undefined) => {
  const listeners = new Set<(snapshot: Snapshot) => void>();
  let revision = 1;
  const now = () => ({ ...manyServers(300), revision });
  const server = createAdaptorServer({
    fetch: (asked) => {
      const subscribe = (listener: (snapshot: Snapshot) => void) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      };
      return compressed(asked, eventStream(now, subscribe, asked.signal));
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const sent = request({
    port: (server.address() as AddressInfo).port,
    headers: encoding === undefined ? {} : { 'accept-encoding': encoding },
  });
  sent.on('error', () => undefined);
  sent.end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  answer.on('error', () => undefined);
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => (bytes += chunk.length));
  const isGzip = answer.headers['content-encoding'] === 'gzip';
  // What a stream has said so far is enough: it does not end.
  const said = isGzip ? answer.pipe(createGunzip({ finishFlush: constants.Z_SYNC_FLUSH })) : answer;
  let text = '';
  said.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
  return {
    encoding: answer.headers['content-encoding'],
    bytes: () => bytes,
    revisions: () =>
      Array.from(text.matchAll(/^id: (\d+)\ndata: .*\n\n/gm), ([, id]) => Number(id)),
    characters: () => text.length,
    change: () => {
      revision += 1;
      for (const listener of listeners) listener(now());
    },
    listening: () => listeners.size,
    leave: () => answer.destroy(),
  };
};

it('sends 300 servers with two accounts each in less than 200 kB, and less than a fifth of what they say', async () => {
  const stream = await open('gzip, deflate, br');
  await expect.poll(stream.revisions, eventually).toEqual([1]);
  expect(stream.encoding).toBe('gzip');
  // Without it, it would be more.
  expect(stream.characters()).toBeGreaterThan(200_000);
  expect(stream.bytes()).toBeLessThan(200_000);
  expect(stream.bytes()).toBeLessThan(stream.characters() / 5);
  stream.leave();
});

it('sends each snapshot whole before there is another', async () => {
  const stream = await open('gzip');
  for (const known of [[1], [1, 2], [1, 2, 3]]) {
    await expect.poll(stream.revisions, eventually).toEqual(known);
    stream.change();
  }
  stream.leave();
});

it.each([undefined, 'br', 'gzipped'])(
  'leaves it as it is for whoever takes %s',
  async (encoding) => {
    const stream = await open(encoding);
    await expect.poll(stream.revisions, eventually).toEqual([1]);
    expect(stream.encoding).toBe(undefined);
    stream.leave();
  },
);

it('listens for nobody who has left', async () => {
  const stream = await open('gzip');
  await expect.poll(stream.revisions, eventually).toEqual([1]);
  expect(stream.listening()).toBe(1);
  stream.leave();
  await expect.poll(stream.listening, eventually).toBe(0);
});
