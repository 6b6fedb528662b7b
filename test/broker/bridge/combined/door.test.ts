/** What is at `/mcp` itself, and what is not: keys, sessions, the rules of HTTP, and what is noted of each call. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PATIENCE_MS } from '../../../../broker/bridge/combined/legacy.ts';
import { eventually } from '../../../doubles/eventually.ts';
import {
  type InProcessBroker,
  readInstance,
  startInProcessBroker,
} from '../../../doubles/in-process-broker.ts';
import {
  type EverythingServer,
  startEverythingServer,
} from '../../../servers/everything-server.ts';
import { type McpTestServer, startMcpServer } from '../../../servers/mcp-server.ts';
import { metaOf } from '../eras/modern-ai-client.ts';
import { openClient } from '../official-clients.ts';
import { type Answer, openLine, type Request, startAsking } from '../open-bridge.ts';

let drawbridge: InProcessBroker;
let old: EverythingServer;
let modern: McpTestServer;
let key: string;

beforeEach(async () => {
  drawbridge = await startInProcessBroker();
  old = await startEverythingServer();
  modern = await startMcpServer({ eras: 'modern' });
  await drawbridge.addServer('old', old.url);
  await drawbridge.addServer('new', modern.url);
  ({ key } = await drawbridge.control.makeDoorKey({ aiClient: 'test' }));
});
afterEach(async () => {
  await drawbridge[Symbol.asyncDispose]();
  await Promise.all([old.close(), modern.close()]);
});

const ask = async (request: Request, with_ = key): Promise<Answer> => {
  const port = Number(new URL(drawbridge.baseOfDoor).port);
  const answer = await startAsking(port, with_, { path: '/mcp', ...request });
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  return {
    ...{ status: answer.statusCode ?? 0, headers: answer.headers },
    ...{ bytes, text: bytes.toString() },
  };
};

const initialize = JSON.stringify({
  ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'door-test', version: '1' },
  },
});
const legacyCall = (name: string) =>
  JSON.stringify({
    ...{ jsonrpc: '2.0', id: 2, method: 'tools/call' },
    params: { name, arguments: { message: 'there' } },
  });
const begin = async (path = '/mcp', with_ = key): Promise<string> => {
  const begun = await ask({ path, body: initialize }, with_);
  expect(begun.status).toBe(200);
  return String(begun.headers['mcp-session-id']);
};

const modernRequest = (
  method: string,
  params: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Request => ({
  headers: {
    ...{ 'mcp-protocol-version': '2026-07-28', 'mcp-method': method },
    ...(typeof params['name'] === 'string' ? { 'mcp-name': params['name'] } : {}),
    ...headers,
  },
  body: JSON.stringify({
    ...{ jsonrpc: '2.0', id: 3, method },
    params: { ...params, _meta: metaOf({}) },
  }),
});

describe('at the path', () => {
  it('there is nothing without a key, and nothing around it', async () => {
    expect((await ask({ body: initialize }, 'guessed')).status).toBe(403);
    for (const path of [
      '/mcp/',
      '/mcp//',
      '/.well-known/oauth-protected-resource/mcp',
      '/mcp/+all',
    ])
      expect([path, (await ask({ path, body: initialize })).status]).toEqual([path, 404]);
  });

  it.each([
    ['GET', 405],
    ['DELETE', 405],
    ['PUT', 405],
  ])('%s without a session is refused', async (method, status) => {
    expect((await ask({ method })).status).toBe(status);
  });

  it.each([
    ['no JSON', '{', 400],
    ['a batch', `[${initialize}]`, 400],
    ['no message', '{}', 400],
    ['a request of the legacy era without a session', legacyCall('old_echo'), 400],
  ])('%s is refused', async (_what, body, status) => {
    expect((await ask({ body })).status).toBe(status);
  });
});

describe('a session of the legacy era', () => {
  it('is of this path: there is none under its id at a server, nor the other way round', async () => {
    const [session, elsewhere] = [await begin(), await begin('/mcp/old')];
    const statusAt = async (path: string, id: string) =>
      (await ask({ path, body: legacyCall('echo'), headers: { 'mcp-session-id': id } })).status;
    expect(await statusAt('/mcp', session)).toBe(200);
    expect(await statusAt('/mcp/old', session)).toBe(404);
    expect(await statusAt('/mcp', elsewhere)).toBe(404);
  });

  it('that is not known here is over, so that the AI client begins anew (T15)', async () => {
    for (const session of ['of-a-server', 'drawbridge-door-of-another-start']) {
      const headers = { 'mcp-session-id': session };
      expect((await ask({ body: legacyCall('old_echo'), headers })).status).toBe(404);
    }
  });

  it('is the key’s: another one finds nothing under its id (session hijacking)', async () => {
    const session = await begin();
    const other = await drawbridge.control.makeDoorKey({ aiClient: 'other' });
    const headers = { 'mcp-session-id': session };
    expect((await ask({ body: legacyCall('old_echo'), headers }, other.key)).status).toBe(404);
    expect((await ask({ body: legacyCall('old_echo'), headers })).text).toContain('Echo: there');
  });

  it('has one at each server, and all of them end with it', async () => {
    const twin = await startEverythingServer();
    await drawbridge.addServer('twin', twin.url);
    await expect.poll(() => [old.sessions(), twin.sessions()], eventually).toEqual([[], []]);
    const session = await begin();
    await expect
      .poll(() => [old.sessions().length, twin.sessions().length], eventually)
      .toEqual([1, 1]);
    const headers = { 'mcp-session-id': session };
    expect((await ask({ method: 'DELETE', headers })).status).toBe(200);
    await expect.poll(() => [old.sessions(), twin.sessions()], eventually).toEqual([[], []]);
    await twin.close();
  });

  it('ends with its key, and so do those at the servers', async () => {
    await expect.poll(() => old.sessions(), eventually).toEqual([]);
    await begin();
    await expect.poll(() => old.sessions(), eventually).toHaveLength(1);
    const [made] = (await drawbridge.control.doorKeys()).keys;
    await drawbridge.control.revokeDoorKey({ id: made?.id ?? '' });
    await expect.poll(() => old.sessions(), eventually).toEqual([]);
  });
});

describe('a request of the modern era', () => {
  it('names the tool as it is called here, and its server hears the name it knows (T8)', async () => {
    const params = { name: 'new_echo', arguments: { message: 'there' } };
    const { status, text } = await ask(modernRequest('tools/call', params));
    expect([status, JSON.parse(text).result.content[0].text]).toEqual([200, 'there']);
    const said = modern.seen.findLast(({ method }) => method === 'tools/call');
    expect(said?.headers['mcp-name']).toBe('echo');
  });

  it('whose header names another tool than its body is refused (T30)', async () => {
    const params = { name: 'new_echo', arguments: { message: 'there' } };
    const { status, text } = await ask(
      modernRequest('tools/call', params, { 'mcp-name': 'new_add' }),
    );
    expect([status, JSON.parse(text).error.code]).toEqual([400, -32020]);
    expect(modern.count({ method: 'tools/call' })).toBe(0);
  });

  it.each([
    ['of a method that nobody knows', 'no/such', {}, 404, -32601],
    ['for a tool that nobody has', 'tools/call', { name: 'new.x' }, 200, -32602],
  ])('%s gets the status of its error (T30)', async (_what, method, params, status, code) => {
    const answer = await ask(modernRequest(method, params));
    expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([status, code]);
  });

  it('without the headers is refused, and a notification is taken', async () => {
    const { body = '' } = modernRequest('tools/list');
    expect((await ask({ body })).status).toBe(400);
    const notification = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/x' });
    const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'notifications/x' };
    expect((await ask({ body: notification, headers })).status).toBe(202);
  });
});

describe('a key that opens some servers', () => {
  it('opens these here, and what is not open is not there', async () => {
    const limited = await drawbridge.control.makeDoorKey({ aiClient: 'some', servers: ['new'] });
    await using client = await openClient('SDK 2.x, any era', {
      ...{ url: `${drawbridge.baseOfDoor}/mcp`, key: limited.key },
    });
    const tools = await client.tools();
    expect(tools.filter((name) => !name.startsWith('new_'))).toEqual([]);
    expect(tools).toContain('new_echo');
    await expect(client.call('old_echo', { message: 'x' })).rejects.toThrow('unknown tool');
    expect(await client.resources()).toEqual(['test://greeting']);
    await expect(client.read('drawbridge:old:demo://resource/1')).rejects.toThrow();
    expect(old.count({ method: 'tools/call' })).toBe(0);
  });

  it('of which none is left opens an empty endpoint', async () => {
    const limited = await drawbridge.control.makeDoorKey({ aiClient: 'some', servers: ['new'] });
    await drawbridge.control.removeServer({ server: 'new' });
    await using client = await openClient('SDK 1.x', {
      ...{ url: `${drawbridge.baseOfDoor}/mcp`, key: limited.key },
    });
    expect(await client.tools()).toEqual([]);
  });
});

it('each call is noted under its own server and by its own name', async () => {
  await using client = await openClient('SDK 2.x, any era', {
    ...{ url: `${drawbridge.baseOfDoor}/mcp`, key },
  });
  await client.call('old_echo', { message: 'x' });
  await client.call('new_echo', { message: 'x' });
  const noted = async () =>
    (await drawbridge.control.activity({})).entries
      .filter(({ method }) => method === 'tools/call')
      .map(({ server, name, aiClient, outcome }) => [server, name, aiClient, outcome]);
  await expect.poll(noted, eventually).toEqual(
    expect.arrayContaining([
      ['old', 'echo', 'test', 'answered'],
      ['new', 'echo', 'test', 'answered'],
    ]),
  );
});

it('a shim that goes takes its sessions at all servers with it', async () => {
  await expect.poll(() => old.sessions(), eventually).toEqual([]);
  const { door } = await readInstance(drawbridge.dataFolder);
  using line = openLine(door.socket);
  line.send({ drawbridge: 1, key: door.key, server: '+all' });
  expect(await line.next()).toBe('{"ok":true}');
  line.send(initialize);
  await line.next();
  await expect.poll(() => old.sessions(), eventually).toHaveLength(1);
  line.socket.destroy();
  await expect.poll(() => old.sessions(), eventually).toEqual([]);
});

it.each(['all', '+', '+all/work', '@all', '+ALL'])(
  'a shim finds nothing under %s',
  async (server) => {
    const { door } = await readInstance(drawbridge.dataFolder);
    using line = openLine(door.socket);
    line.send({ drawbridge: 1, key: door.key, server });
    expect(await line.next()).toContain('not-found');
  },
);

it('ten servers that hang are presented from the catalogue, before anybody is waited for', async () => {
  const hanging = await Promise.all(Array.from({ length: 10 }, () => startMcpServer()));
  for (const [at, { url }] of hanging.entries()) await drawbridge.addServer(`s${at}`, url);
  for (const { misbehave } of hanging) misbehave.answer('hang', { times: 1_000 });
  const { door } = await readInstance(drawbridge.dataFolder);
  const listed = async (): Promise<number> => {
    using line = openLine(door.socket);
    line.send({ drawbridge: 1, key: door.key, server: '+all' });
    await line.next();
    const began = performance.now();
    line.send(initialize);
    await line.next();
    line.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    line.send({ jsonrpc: '2.0', id: 2, method: 'tools/list' });
    expect(await line.next()).toContain('"s9_echo"');
    return performance.now() - began;
  };
  // A handshake that waits does so each time, and a list longer; what else runs on the machine holds up one try or another.
  await expect.poll(listed).toBeLessThan(PATIENCE_MS);
  await Promise.all(hanging.map((server) => server.close()));
});
