/** What is one server's must not become the next one's of its id, and what was taken away is gone at once. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openClient } from '../broker/bridge/official-clients.ts';
import { shimCommand } from '../broker/bridge/shim-process.ts';
import { eventually } from '../doubles/eventually.ts';
import { type InProcessBroker, startInProcessBroker } from '../doubles/in-process-broker.ts';
import { type McpTestServer, startMcpServer } from '../servers/mcp-server.ts';

let folder: string;
let drawbridge: InProcessBroker;
let undo: AsyncDisposableStack;

beforeEach(async () => {
  undo = new AsyncDisposableStack();
  folder = await mkdtemp(path.join(tmpdir(), 'drawbridge-'));
  undo.defer(() => rm(folder, { recursive: true }));
  drawbridge = undo.use(await startInProcessBroker());
});
afterEach(() => undo.disposeAsync());

const serving = async (...options: Parameters<typeof startMcpServer>): Promise<McpTestServer> =>
  undo.use(await startMcpServer(...options));

/** Whatever form the refusal has. */
const said = (what: Promise<{ readonly text: string }>): Promise<string> =>
  what.then(
    ({ text }) => text,
    (error: unknown) => String(error),
  );

it('token theft: a session that outlives its server shows it no credential of the next one of its id', async () => {
  const shown: (string | undefined)[] = [];
  const old = await serving({
    admits: ({ headers }) => {
      shown.push(headers.authorization);
      return true;
    },
  });
  await drawbridge.addServer('one', old.url);
  await using client = await openClient(
    'SDK 2.x, legacy era',
    shimCommand(drawbridge.dataFolder, 'one'),
  );
  expect((await client.call('add', { a: 1, b: 1 })).text).toBe('2');

  await drawbridge.control.removeServer({ server: 'one' });
  const next = await serving({
    admits: ({ headers }) => headers.authorization === 'Bearer canary-of-the-next',
  });
  await drawbridge.control.keepSecret({ name: 'NEXT', value: 'canary-of-the-next' });
  await drawbridge.control.addServer({
    ...{ url: next.url, id: 'one' },
    source: { kind: 'bearer', token: '${vault:NEXT}' },
  });
  await drawbridge.isRead('one');
  const before = old.seen.length;
  expect(await said(client.call('add', { a: 2, b: 2 }))).toContain('was removed');
  expect(old.seen.length).toBe(before);
  expect(shown.filter((one) => one !== undefined)).toEqual([]);
});

it('a source that is set later is used by the sessions that run', async () => {
  let isGuarded = false;
  const server = await serving({
    admits: ({ headers }) => !isGuarded || headers.authorization === 'Bearer canary-key',
  });
  await drawbridge.addServer('one', server.url);
  await using client = await openClient(
    'SDK 2.x, legacy era',
    shimCommand(drawbridge.dataFolder, 'one'),
  );
  expect((await client.call('add', { a: 1, b: 1 })).text).toBe('2');
  isGuarded = true;
  await drawbridge.control.keepSecret({ name: 'KEY', value: 'canary-key' });
  await drawbridge.control.configureSource(
    { server: 'one' },
    { source: { kind: 'bearer', token: '${vault:KEY}' } },
  );
  expect((await client.call('add', { a: 2, b: 2 })).text).toBe('4');
});

/** A server with a program for its credential, which counts its runs. */
const withProgram = async (): Promise<() => Promise<number>> => {
  const counter = path.join(folder, 'count');
  const program = path.join(folder, 'helper.cjs');
  await writeFile(
    program,
    `require('fs').appendFileSync(${JSON.stringify(counter)}, 'x'); console.log('canary-printed');`,
  );
  const server = await serving({
    admits: ({ headers }) => headers.authorization === 'Bearer canary-printed',
  });
  await drawbridge.control.addServer({
    ...{ url: server.url, id: 'one' },
    source: { kind: 'command', command: [process.execPath, program] },
  });
  await drawbridge.isRead('one');
  return async () => (await readFile(counter, 'utf8')).length;
};

it('a wipe ends what was got without a person as well', async () => {
  const runs = await withProgram();
  const before = await runs();
  await drawbridge.control.wipe({});
  const { key } = await drawbridge.control.makeDoorKey({ aiClient: 'test' });
  await using client = await openClient('SDK 2.x, any era', {
    ...{ url: `${drawbridge.baseOfDoor}/mcp/one`, key },
  });
  expect((await client.call('add', { a: 1, b: 1 })).text).toBe('2');
  expect(await runs()).toBe(before + 1);
});

it('nobody can be signed out of what nobody signs in to', async () => {
  await withProgram();
  await expect(
    drawbridge.control.signOut({ server: 'one', account: 'default' }),
  ).rejects.toMatchObject({ code: 'bad-request' });
});

it('a secret that is replaced or removed is used no more', async () => {
  const seen: string[] = [];
  const server = await serving({
    admits: ({ headers: { authorization = '' } }) => {
      seen.push(authorization);
      return true;
    },
  });
  const secret = (letter: string) => letter.repeat(64);
  await drawbridge.control.keepSecret({ name: 'SIGNING', value: secret('a') });
  await drawbridge.control.addServer({
    ...{ url: server.url, id: 'one' },
    source: {
      ...{ kind: 'jwt', algorithm: 'HS256', key: '${vault:SIGNING}', lifeS: 86_400 },
      claims: { sub: 'me' },
    },
  });
  await drawbridge.isRead('one');
  const { key } = await drawbridge.control.makeDoorKey({ aiClient: 'test' });
  await using client = await openClient('SDK 2.x, any era', {
    ...{ url: `${drawbridge.baseOfDoor}/mcp/one`, key },
  });
  await client.call('add', { a: 1, b: 1 });
  const first = seen.at(-1);
  await drawbridge.control.keepSecret({ name: 'SIGNING', value: secret('b') });
  await client.call('add', { a: 1, b: 1 });
  expect(seen.at(-1)).not.toBe(first);
  await drawbridge.control.removeSecret({ name: 'SIGNING' });
  expect(await said(client.call('add', { a: 1, b: 1 }))).toContain('vault:SIGNING');
});

it('a rule that is made while a request is on its way holds for it', async () => {
  const server = await serving();
  await drawbridge.addServer('one', server.url);
  const { key } = await drawbridge.control.makeDoorKey({ aiClient: 'Cursor' });
  const { host, port } = new URL(drawbridge.baseOfDoor);
  const body = JSON.stringify({
    ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
    params: {
      ...{ name: 'add', arguments: { a: 1, b: 2 } },
      _meta: {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientCapabilities': {},
      },
    },
  });
  const socket = createConnection(Number(port), '127.0.0.1');
  undo.defer(async () => void socket.destroy());
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  const head = [
    ...['POST /mcp/one HTTP/1.1', `Host: ${host}`, `Authorization: Bearer ${key}`],
    ...['Content-Type: application/json', 'Accept: application/json, text/event-stream'],
    ...['Mcp-Method: tools/call', 'Mcp-Name: add', 'MCP-Protocol-Version: 2026-07-28'],
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${body.slice(0, 10)}`);
  // The key shows as used once the request has been let in.
  await expect
    .poll(async () => (await drawbridge.control.doorKeys()).keys[0]?.usedAt, eventually)
    .toBeDefined();
  await drawbridge.control.addRule({ deny: ['*'] });
  socket.write(body.slice(10));
  await expect.poll(() => answer, eventually).toContain('-32602');
  expect(server.count({ method: 'tools/call' })).toBe(0);
});

it('the doctor tries the credential that is got, and asks for no sign-in', async () => {
  await withProgram();
  const well = await drawbridge.control.examine({ server: 'one' });
  expect([well.verdict, well.checks.map(({ tone }) => tone)]).toEqual(['ready', ['good', 'good']]);
  await rm(path.join(folder, 'helper.cjs'));
  const ill = await drawbridge.control.examine({ server: 'one' });
  expect(ill).toMatchObject({ verdict: 'broken', checks: [{ code: 'source-failed' }] });
});

it('a credential is got for servers at an address alone', async () => {
  await drawbridge.control.addLocalServer({
    ...{ title: 'Local', id: 'local' },
    command: { program: process.execPath, args: ['-e', ''] },
  });
  await expect(
    drawbridge.control.configureSource(
      { server: 'local' },
      { source: { kind: 'bearer', token: '${env:HOME}' } },
    ),
  ).rejects.toMatchObject({ code: 'source-unusable' });
});
