/** Does a person find out which AI client used which server for what, and nobody what was said? */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../doubles/eventually.ts';
import { type InProcessBroker, startInProcessBroker } from '../../doubles/in-process-broker.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../servers/authorization-server.ts';
import { type McpTestServer, startMcpServer } from '../../servers/mcp-server.ts';
import { generations, openClient, type Way } from './official-clients.ts';
import { shimCommand } from './shim-process.ts';

let signInService: AuthorizationServer;
let server: McpTestServer;
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

const doors: Readonly<Record<string, () => Way>> = {
  shim: () => shimCommand(drawbridge.dataFolder, 'small'),
  http: () => ({ url: `${drawbridge.baseOfDoor}/mcp/small`, key }),
};
const names: Readonly<Record<string, string>> = { shim: 'official-client', http: 'Keyed Client' };
const view = () => drawbridge.broker.snapshot().servers.find(({ id }) => id === 'small');
const ask = async () => (await drawbridge.control.activity({})).entries;
const file = () => readFileSync(path.join(drawbridge.dataFolder, 'activity.jsonl'), 'utf8');
const use = async (way: Way) => {
  await using client = await openClient('SDK 2.x, any era', way);
  await client.call('echo', { message: 'canary-argument' });
  await client.call('fail');
  await client.read('test://greeting');
  await client.prompt('summarise', { topic: 'canary-topic' });
  await client.call('canary-no-such-tool').catch(() => undefined);
};

it('a call on the way of which the server asks something is answered, and not gone', async () => {
  const modern = await startMcpServer({ eras: 'modern' });
  await drawbridge.addServer('asks', modern.url);
  const way = { url: `${drawbridge.baseOfDoor}/mcp/asks`, key };
  await using client = await openClient('SDK 2.x, legacy era', way);
  expect((await client.call('ask')).text).toBe('confirmed');
  const calls = async () =>
    (await ask()).filter(({ name }) => name === 'ask').map(({ outcome }) => outcome);
  await expect.poll(calls, eventually).toEqual(['answered']);
  await modern.close();
});

describe.each(Object.keys(doors))('at the %s door', (door) => {
  it('an account that is called in vain is shown as wanted, and no browser opens for it', async () => {
    const account = { server: 'small', account: 'default' };
    await drawbridge.control.signOut(account);
    const { length } = drawbridge.opened;
    await using client = await openClient('SDK 2.x, any era', doors[door]!());
    await client.tools();
    expect(view()?.accounts[0]?.wanted).toBeUndefined();
    expect((await client.call('add', { a: 1, b: 2 })).isError).toBe(true);
    await expect.poll(() => view()?.accounts[0]?.wanted?.by, eventually).toEqual([names[door]]);
    expect(drawbridge.opened).toHaveLength(length);
    await drawbridge.control.signIn(account, {});
    await expect.poll(() => drawbridge.stateOf('small'), eventually).toBe('signed-in');
    await expect.poll(() => view()?.accounts[0]?.wanted, eventually).toBeUndefined();
  });

  it.each(generations)('every request of an AI client on %s is noted', async (generation) => {
    await using client = await openClient(generation, doors[door]!());
    await client.tools();
    await client.call('add', { a: 1, b: 2 });
    await client.call('fail');
    const entries = (await ask()).toReversed();
    expect(entries.slice(-3).map(({ method, name, outcome }) => [method, name, outcome])).toEqual([
      ['tools/list', undefined, 'answered'],
      ['tools/call', 'add', 'answered'],
      ['tools/call', 'fail', 'tool-error'],
    ]);
    for (const entry of entries) {
      expect(entry).toMatchObject({ server: 'small', account: 'default', door });
      expect(entry.aiClient).toBe(names[door]);
      expect([entry.bytesIn > 0, entry.bytesOut > 0, entry.durationMs >= 0]).toEqual([
        true,
        true,
        true,
      ]);
    }
    await expect.poll(() => view()?.usedBy, eventually).toEqual([names[door]]);
    await expect.poll(() => view()?.lastCallAt, eventually).toBe((await ask())[0]?.at);
  });

  it('nothing of what was said, and no key or token, is written, told or shown', async () => {
    await use(doors[door]!());
    const { token } = await drawbridge.control.token({ server: 'small', account: 'default' });
    await expect.poll(file, eventually).toContain('canary-no-such-tool');
    const told = [
      file(),
      JSON.stringify(await drawbridge.control.activity({})),
      JSON.stringify(drawbridge.broker.snapshot()),
      ...drawbridge.log,
    ].join('\n');
    expect(told).toContain('test://greeting');
    for (const secret of ['canary-argument', 'canary-topic', 'Hello', 'always fails', key, token])
      expect(told).not.toContain(secret);
  });
});

it('the snapshot tells that there is more, without the entries and not for each of them', async () => {
  const revisions: number[] = [];
  drawbridge.broker.subscribe(({ activity }) => revisions.push(activity?.revision ?? -1));
  await using client = await openClient('SDK 2.x, any era', doors['http']!());
  await Promise.all(Array.from({ length: 40 }, () => client.call('add', { a: 1, b: 2 })));
  await expect.poll(() => revisions.length, eventually).toBeGreaterThan(0);
  expect((await ask()).length).toBeGreaterThanOrEqual(40);
  expect(revisions.length).toBeLessThan(10);
  expect(JSON.stringify(drawbridge.broker.snapshot())).not.toContain('tools/call');
});

it('is kept over a restart, and goes with its server', async () => {
  await use(doors['http']!());
  await drawbridge.broker.stop();
  const before = drawbridge;
  drawbridge = await startInProcessBroker({ dataFolder: before.dataFolder });
  const kept = (await ask()).map(({ name }) => name);
  expect(kept).toEqual(expect.arrayContaining(['echo', 'canary-no-such-tool']));
  expect(view()?.usedBy).toEqual(['Keyed Client']);

  await drawbridge.control.removeServer({ server: 'small' });

  expect([await ask(), drawbridge.broker.snapshot().activity]).toEqual([[], undefined]);
  expect(file).toThrow(/ENOENT/);
});

it('is gone once everything is wiped', async () => {
  await use(doors['shim']!());
  await expect.poll(file, eventually).toContain('tools/call');
  const { left } = await drawbridge.control.wipe({});
  expect([left, await ask(), view()?.usedBy, view()?.lastCallAt]).toEqual([
    [],
    [],
    undefined,
    undefined,
  ]);
  expect(file).toThrow(/ENOENT/);
});
