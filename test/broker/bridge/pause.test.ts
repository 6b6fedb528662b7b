/** Does a paused bridge pass no call on, whatever the door, and does it tell AI clients why without losing them? */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type InProcessBroker, startInProcessBroker } from '../../doubles/in-process-broker.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../servers/authorization-server.ts';
import { type McpTestServer, startMcpServer } from '../../servers/mcp-server.ts';
import { type Generation, generations, openClient, type Way } from './official-clients.ts';
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
  await drawbridge.isRead('small');
  ({ key } = await drawbridge.control.makeDoorKey({ aiClient: 'Keyed Client' }));
});
afterEach(async () => {
  await drawbridge[Symbol.asyncDispose]();
  await server.close();
  await signInService.close();
});

const doors: Readonly<Record<string, (id?: string) => Way>> = {
  shim: (id = 'small') => shimCommand(drawbridge.dataFolder, id),
  http: (id = 'small') => ({
    url: `${drawbridge.baseOfDoor}/mcp${id === '' ? '' : `/${id}`}`,
    key,
  }),
  sse: () => ({ url: `${drawbridge.baseOfDoor}/mcp/small`, key, sse: true }),
};
const everywhere = ([...generations, 'SDK 2.x, modern era'] as const).flatMap(
  (generation: Generation) => ['shim', 'http'].map((door) => ({ generation, door })),
);
const calls = (): number => server.count({ method: 'tools/call' });
const refusal = /the person has paused Drawbridge.*click "Resume"/;

it.each([...everywhere, { generation: 'SDK 1.x', door: 'sse' } as const])(
  '$generation at the $door door: calls end with what to click, and go on after it',
  async ({ generation, door }) => {
    await using client = await openClient(generation, doors[door]!());
    await client.call('echo', { message: 'one' });
    expect(calls()).toBe(1);

    await drawbridge.control.pause({});
    const refused = await client.call('echo', { message: 'two' });
    expect(refused).toMatchObject({ isError: true, text: expect.stringMatching(refusal) });
    expect(await client.tools()).toContain('echo');
    expect(calls()).toBe(1);

    await drawbridge.control.resume({});
    expect((await client.call('echo', { message: 'three' })).isError).toBe(false);
    expect(calls()).toBe(2);
  },
);

it.each(everywhere)(
  '$generation at the $door door: who connects in a pause sees the tools, and can call them after it',
  async ({ generation, door }) => {
    await drawbridge.control.pause({});
    await using client = await openClient(generation, doors[door]!());
    expect(await client.tools()).toContain('echo');
    expect((await client.call('echo', { message: 'one' })).text).toMatch(refusal);
    expect(calls()).toBe(0);

    await drawbridge.control.resume({});
    await expect
      .poll(() => client.call('echo', { message: 'two' }), { timeout: 5_000 })
      .toMatchObject({ isError: false });
  },
);

it('prompts and resources are not passed on either, nor calls at all servers as one', async () => {
  const other = await startMcpServer({ converses: true });
  await drawbridge.addServer('other', other.url);
  await using client = await openClient('SDK 2.x, any era', doors['shim']!('other'));
  await using whole = await openClient('SDK 2.x, any era', doors['http']!(''));
  await drawbridge.control.pause({});
  const before = other.seen.length;
  await expect(client.read('test://one')).rejects.toThrow(refusal);
  await expect(client.prompt('greeting', {})).rejects.toThrow(refusal);
  expect((await whole.call('other_echo', { message: 'one' })).text).toMatch(refusal);
  expect(
    other.seen
      .slice(before)
      .filter(
        ({ method }) =>
          method?.includes('/get') || method?.includes('/read') || method === 'tools/call',
      ),
  ).toEqual([]);
  await other.close();
});

it('what is under way comes to its end, and can be given up', async () => {
  await using client = await openClient('SDK 2.x, any era', doors['shim']!());
  const givingUp = new AbortController();
  const slow = client.call('slow', {}, { signal: givingUp.signal });
  await expect.poll(calls).toBe(1);
  await drawbridge.control.pause({});
  givingUp.abort();
  await expect(slow).rejects.toThrow();
  await expect.poll(server.givenUp).toBe(1);
});

it('nobody is asked to approve a call that would not be sent', async () => {
  await drawbridge.control.addRule({ approve: ['echo'] });
  await using client = await openClient('SDK 2.x, any era', doors['shim']!());
  await drawbridge.control.pause({});
  expect((await client.call('echo', { message: 'one' })).text).toMatch(refusal);
  expect(drawbridge.broker.snapshot().approvals).toBeUndefined();
});

it('a batch is not passed on, and neither is what no JSON parser reads', async () => {
  await drawbridge.control.pause({});
  const before = server.seen.length;
  for (const body of ['[{"jsonrpc":"2.0","id":1,"method":"tools/call"}]', '{"jsonrpc":']) {
    const { status } = await fetch(`${drawbridge.baseOfDoor}/mcp/small`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body,
    });
    expect(status).toBe(503);
  }
  expect(server.seen).toHaveLength(before);
});

it('sign-ins are kept alive meanwhile', async () => {
  await drawbridge.control.pause({});
  await drawbridge.control.renew({ server: 'small', account: 'default' });
  expect(drawbridge.stateOf('small')).toBe('signed-in');
  expect((await drawbridge.control.renewAll({})).outcomes).toEqual([
    { key: { server: 'small', account: 'default' } },
  ]);
});

it('ends by itself, also where the computer slept through the end', async () => {
  await using client = await openClient('SDK 2.x, any era', doors['shim']!());
  await drawbridge.control.pause({ forMs: 60.5 * 60_000 });
  expect((await client.call('echo', { message: 'one' })).text).toContain('(60 min left)');
  drawbridge.clock.shift(61 * 60_000);
  expect((await client.call('echo', { message: 'two' })).isError).toBe(false);
  await drawbridge.control.pause({ forMs: 1_000 });
  await expect.poll(() => drawbridge.broker.snapshot().pause, { timeout: 5_000 }).toBeUndefined();
});
