/** Is what AI clients and servers say kept while a person wants it, and nowhere and never otherwise? */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { textIn } from '../../doubles/files-in.ts';
import { type InProcessBroker, startInProcessBroker } from '../../doubles/in-process-broker.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../servers/authorization-server.ts';
import { startEverythingServer } from '../../servers/everything-server.ts';
import type { McpFront } from '../../servers/mcp-front.ts';
import { startMcpServer } from '../../servers/mcp-server.ts';
import { type Generation, generations, openClient, type Way } from './official-clients.ts';
import { shimCommand } from './shim-process.ts';

let signInService: AuthorizationServer;
let server: McpFront;
let drawbridge: InProcessBroker;
let key: string;

beforeEach(async () => {
  signInService = await startAuthorizationServer();
  server = await startMcpServer({ authorizationServer: signInService });
  drawbridge = await startInProcessBroker();
  await drawbridge.signInTo('small', server.url);
  ({ key } = await drawbridge.control.makeDoorKey({ aiClient: 'Keyed Client' }));
});
afterEach(async () => {
  await drawbridge[Symbol.asyncDispose]();
  await server.close();
  await signInService.close();
});

const doors: Readonly<Record<string, (id?: string) => Way>> = {
  shim: (id = 'small') => shimCommand(drawbridge.dataFolder, id),
  http: (id = 'small') => ({ url: `${drawbridge.baseOfDoor}/mcp/${id}`, key }),
};
const everyGeneration: readonly Generation[] = [...generations, 'SDK 2.x, modern era'];
const everywhere = everyGeneration.flatMap((generation) =>
  Object.keys(doors).map((door) => ({ generation, door })),
);
const all = async () => (await drawbridge.control.allCaptured()).captured;
/** Everything that lies in the data folder. */
const onDisk = (): Promise<string> => textIn(drawbridge.dataFolder);

it.each(everywhere)(
  '$generation at the $door door: what a connected AI client says is kept from the moment on that it is wanted',
  async ({ generation, door }) => {
    await using client = await openClient(generation, doors[door]!());
    await client.call('echo', { message: 'canary-before' });
    expect(drawbridge.broker.snapshot().capture).toBeUndefined();
    await drawbridge.control.startCapture({ server: 'small' });
    await client.call('echo', { message: 'canary-kept' });
    await drawbridge.control.stopCapture({});
    await client.call('echo', { message: 'canary-after' });

    const calls = (await all()).filter(({ entry }) => entry.method === 'tools/call');
    expect(calls).toHaveLength(1);
    const [{ entry, asked, answered } = never()] = calls;
    expect(entry).toMatchObject({ server: 'small', name: 'echo', outcome: 'answered', door });
    expect(JSON.parse(asked.text).params.arguments).toEqual({ message: 'canary-kept' });
    expect(JSON.parse(answered?.text ?? '').result.content[0].text).toContain('canary-kept');

    const { captured = [], entries } = await drawbridge.control.activity({ limit: 5_000 });
    expect(captured).toContain(entry.id);
    expect(await drawbridge.control.captured({ id: entry.id })).toEqual(calls[0]);
    const last = entries.find(({ name }) => name === 'echo');
    await expect(drawbridge.control.captured({ id: last?.id ?? 0 })).rejects.toMatchObject({
      code: 'not-found',
    });
    const told = `${JSON.stringify(drawbridge.broker.snapshot())}${drawbridge.log.join('')}`;
    expect(told + JSON.stringify(entries)).not.toContain('canary');
    expect(await onDisk()).not.toContain('canary');
  },
);

describe.each(Object.keys(doors))('at the %s door', (door) => {
  it('tokens, keys and what is named like a secret are not in it', async () => {
    const { token } = await drawbridge.control.token({ server: 'small', account: 'default' });
    await drawbridge.control.startCapture({});
    await using client = await openClient('SDK 2.x, any era', doors[door]!());
    const message = JSON.stringify({ note: token, password: 'canary-password', key });
    await client.call('echo', { message, Authorization: 'canary-header' }).catch(() => undefined);
    const text = JSON.stringify(await all());
    expect(text).toContain('tools/call');
    for (const secret of [token, key, 'canary-password', 'canary-header'])
      expect(text).not.toContain(secret);
  });

  it.each(generations)('long answers are cut for %s, and said to be', async (generation) => {
    await drawbridge.control.startCapture({});
    await using client = await openClient(generation, doors[door]!());
    const { text } = await client.call('echo', { message: 'x'.repeat(300_000) });
    expect(text.length).toBeGreaterThan(299_999);
    const [{ asked, answered } = never()] = (await all()).filter(
      ({ entry }) => entry.name === 'echo',
    );
    for (const each of [asked, answered]) {
      expect(each?.isCut).toBe(true);
      expect(each?.text.length).toBeLessThanOrEqual(16 * 1024);
      expect(each?.text).toContain('xxxx');
    }
  });

  it('what is said between the eras is kept as well', async () => {
    await using other = await startEverythingServer({ authorizationServer: signInService });
    await drawbridge.signInTo('old', other.url);
    await drawbridge.control.startCapture({ server: 'old' });
    await using client = await openClient('SDK 2.x, modern era', doors[door]!('old'));
    await client.call('echo', { message: 'canary-kept' });
    const [{ asked, answered } = never()] = (await all()).filter(
      ({ entry }) => entry.name === 'echo',
    );
    expect(asked.text).toContain('canary-kept');
    expect(answered?.text).toContain('canary-kept');
  });
});

it('another server’s words are kept only if that one is meant', async () => {
  await expect(drawbridge.control.startCapture({ server: 'nobody' })).rejects.toMatchObject({
    code: 'not-found',
  });
  await drawbridge.addServer('other', `${server.url}?other`);
  await drawbridge.control.startCapture({ server: 'other' });
  await using client = await openClient('SDK 2.x, any era', doors['http']!());
  await client.call('echo', { message: 'x' });
  expect(await all()).toEqual([]);
});

it('ends by itself, and is off after a restart', async () => {
  await drawbridge.control.startCapture({ forMs: 1_000 });
  expect(drawbridge.broker.snapshot().capture?.running).toHaveLength(1);
  await expect.poll(() => drawbridge.broker.snapshot().capture, { timeout: 5_000 }).toBeUndefined();
  await drawbridge.control.startCapture({});
  await drawbridge.broker.stop();
  drawbridge = await startInProcessBroker({ dataFolder: drawbridge.dataFolder });
  expect(drawbridge.broker.snapshot().capture).toBeUndefined();
});

it.each([0, 25 * 60 * 60_000])('no longer than a day, and not for %d ms', async (forMs) => {
  await expect(drawbridge.control.startCapture({ forMs })).rejects.toMatchObject({
    code: 'bad-request',
  });
});

it.each(['wipe', 'forgetCaptured'] as const)(
  '%s leaves nothing of it, and ends it',
  async (deed) => {
    await drawbridge.control.startCapture({});
    await using client = await openClient('SDK 2.x, any era', doors['http']!());
    await client.call('echo', { message: 'canary' });
    expect(JSON.stringify(await all())).toContain('canary');
    await drawbridge.control[deed]({});
    expect([await all(), drawbridge.broker.snapshot().capture]).toEqual([[], undefined]);
  },
);

const never = (): never => {
  throw new Error('nothing was kept');
};
