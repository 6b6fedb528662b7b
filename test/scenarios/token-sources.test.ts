/** Do servers that want a credential without a sign-in work from the first call on, in both eras, and keep their secrets? */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RouteBody } from '../../shared/contract/routes.ts';
import { generations, openClient, type Way } from '../broker/bridge/official-clients.ts';
import { eventually } from '../doubles/eventually.ts';
import { textIn } from '../doubles/files-in.ts';
import { type InProcessBroker, startInProcessBroker } from '../doubles/in-process-broker.ts';
import { startEverythingServer } from '../servers/everything-server.ts';
import { type McpTestServer, startMcpServer } from '../servers/mcp-server.ts';
import { startStickyBalancer } from '../servers/sticky-balancer.ts';
import {
  startWorkloadIdentity,
  WORKLOAD_CLIENT,
  WORKLOAD_SECRET,
} from '../servers/workload-identity.ts';

let folder: string;
let drawbridge: InProcessBroker;
let server: McpTestServer | undefined;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'drawbridge-'));
  drawbridge = await startInProcessBroker();
});
afterEach(async () => {
  await drawbridge[Symbol.asyncDispose]();
  await server?.close();
  server = undefined;
  await rm(folder, { recursive: true });
});

const door = async (): Promise<Way> => {
  const { key } = await drawbridge.control.makeDoorKey({ aiClient: 'test' });
  return { url: `${drawbridge.baseOfDoor}/mcp/one`, key };
};
const account = () => drawbridge.broker.snapshot().servers[0]?.accounts[0];
const fileWith = async (name: string, text: string): Promise<string> => {
  const file = path.join(folder, name);
  await writeFile(file, text);
  return file;
};

describe.each(generations)('%s', (generation) => {
  it('calls a server that wants an API key, which is in the vault', async () => {
    const staticHeader = { name: 'X-Api-Key', value: 'canary-api-key' };
    server = await startMcpServer({ staticHeader });
    await drawbridge.control.keepSecret({ name: 'KEY', value: 'canary-api-key' });
    await drawbridge.control.addServer({
      ...{ url: server.url, id: 'one' },
      source: { kind: 'headers', headers: { 'X-Api-Key': '${vault:KEY}' } },
    });
    await using client = await openClient(generation, await door());
    expect((await client.call('add', { a: 2, b: 3 })).text).toBe('5');
    expect(account()).toMatchObject({ state: 'signed-in' });
    expect(server.count({ status: 401 })).toBe(0);
  });
});

it('a token in a file that is replaced: the next call has the new one, and no 401 is seen', async () => {
  const file = await fileWith('token', 'canary-first-token\n');
  let good = 'canary-first-token';
  server = await startMcpServer({
    admits: ({ headers }) => headers.authorization === `Bearer ${good}`,
  });
  await drawbridge.control.addServer({
    ...{ url: server.url, id: 'one' },
    source: { kind: 'bearer', token: `\${file:${file}}` },
  });
  await using client = await openClient('SDK 2.x, any era', await door());
  expect((await client.call('add', { a: 1, b: 1 })).text).toBe('2');
  good = 'canary-second-token';
  await writeFile(file, good);
  expect((await client.call('add', { a: 2, b: 2 })).text).toBe('4');
  expect(server.count({ status: 401 })).toBe(0);

  await rm(file);
  const seen = server.seen.length;
  const { isError, text } = await client
    .call('add', { a: 3, b: 3 })
    .catch((error: unknown) => ({ isError: true, text: String(error) }));
  expect([isError, text]).toEqual([true, expect.stringContaining('there is nothing in')]);
  // Nothing unauthenticated is ever sent.
  expect(server.seen.length).toBe(seen);
  await expect.poll(() => account()?.state, eventually).toBe('needs-setup');
});

it('a program’s token: minted once for many calls, once more when it is refused, and shared by all', async () => {
  const counter = path.join(folder, 'count');
  const program = await fileWith(
    'helper.cjs',
    `const fs = require('fs'); fs.appendFileSync(${JSON.stringify(counter)}, 'x');
     console.log('canary-token-' + fs.readFileSync(${JSON.stringify(counter)}, 'utf8').length);`,
  );
  const minted = async (): Promise<number> => (await readFile(counter, 'utf8')).length;
  const refused = new Set<string>();
  server = await startMcpServer({
    admits: ({ headers: { authorization = '' } }) =>
      authorization.startsWith('Bearer canary-token-') && !refused.has(authorization),
  });
  await drawbridge.control.addServer({
    ...{ url: server.url, id: 'one' },
    source: { kind: 'command', command: [process.execPath, program] },
  });
  await using client = await openClient('SDK 2.x, any era', await door());
  await drawbridge.isRead('one');
  const before = await minted();
  await Promise.all(Array.from({ length: 20 }, (_, n) => client.call('add', { a: n, b: 0 })));
  expect(await minted()).toBe(before);
  refused.add(`Bearer canary-token-${before}`);
  const sums = await Promise.all(
    Array.from({ length: 20 }, (_, n) => client.call('add', { a: n, b: 1 })),
  );
  expect(sums.map(({ text }) => Number(text))).toEqual(sums.map((_, n) => n + 1));
  expect(await minted()).toBe(before + 1);
});

it('workload identity: a token for the one that the platform keeps in a file', async () => {
  await using identity = await startWorkloadIdentity();
  const file = await fileWith('word', await identity.subjectToken());
  server = await startMcpServer({
    admits: ({ headers }) => identity.issued(headers.authorization?.replace('Bearer ', '')),
  });
  await drawbridge.control.keepSecret({ name: 'SECRET', value: WORKLOAD_SECRET });
  await drawbridge.control.addServer({
    ...{ url: server.url, id: 'one' },
    source: {
      ...{ kind: 'token-exchange', tokenUrl: identity.tokenUrl, clientId: WORKLOAD_CLIENT },
      ...{ clientSecret: '${vault:SECRET}', subjectToken: `\${file:${file}}` },
    },
  });
  await using client = await openClient('SDK 2.x, any era', await door());
  expect((await client.call('add', { a: 1, b: 2 })).text).toBe('3');
  const { expiresAt = 0, renewsAt = 0 } = account() ?? {};
  expect(expiresAt).toBeGreaterThan(Date.now() + 3_000_000);
  expect(renewsAt).toBeLessThan(expiresAt);
});

it('a credential in a cookie stands beside the cookie of a balancer, which sends each session to one machine', async () => {
  await using stack = new AsyncDisposableStack();
  const machines = [
    stack.use(await startEverythingServer()),
    stack.use(await startEverythingServer()),
  ];
  const balancer = stack.use(await startStickyBalancer(machines.map(({ origin }) => origin)));
  await drawbridge.control.keepSecret({ name: 'SESSION', value: 'canary-session' });
  await drawbridge.control.addServer({
    ...{ url: `${balancer.origin}/mcp`, id: 'one' },
    source: { kind: 'headers', headers: { Cookie: 'login=${vault:SESSION}' } },
  });
  await drawbridge.isRead('one');
  const looked = balancer.seen.length;
  await using client = await openClient('SDK 1.x', await door());
  for (const message of ['a', 'b', 'c'])
    expect((await client.call('echo', { message })).text).toContain(message);
  const inSession = balancer.seen.slice(looked).filter(({ session }) => session !== '');
  expect(inSession.length).toBeGreaterThanOrEqual(3);
  for (const { cookie } of inSession) expect(cookie).toMatch(/^machine=\d+; login=canary-session$/);
});

describe('a source', () => {
  it('whose credential the server does not take is not added', async () => {
    server = await startMcpServer({ admits: () => false });
    await drawbridge.control.keepSecret({ name: 'KEY', value: 'canary-wrong-key' });
    const added = drawbridge.control.addServer({
      ...{ url: server.url, id: 'one' },
      source: { kind: 'bearer', token: '${vault:KEY}' },
    });
    await expect(added).rejects.toMatchObject({ code: 'token-refused' });
    expect(drawbridge.broker.snapshot().servers).toEqual([]);
  });

  it('and a sign-in exclude each other', async () => {
    server = await startMcpServer();
    const source = { kind: 'bearer', token: '${env:HOME}' } as const;
    await expect(
      drawbridge.control.addServer({ url: server.url, signIn: { clientId: 'x' }, source }),
    ).rejects.toMatchObject({ code: 'source-unusable' });
    await drawbridge.control.addServer({ url: server.url, id: 'one', source });
    await expect(
      drawbridge.control.configureSignIn({ server: 'one' }, { set: { clientId: 'x' } }),
    ).rejects.toMatchObject({ code: 'source-unusable' });
  });

  it('can be changed and taken back, and what works stays when the new one does not', async () => {
    const staticHeader = { name: 'X-Api-Key', value: 'canary-right' };
    server = await startMcpServer({ staticHeader });
    await drawbridge.control.keepSecret({ name: 'RIGHT', value: 'canary-right' });
    await drawbridge.control.keepSecret({ name: 'WRONG', value: 'canary-wrong' });
    const named = (name: string) =>
      ({ kind: 'headers', headers: { 'X-Api-Key': `\${vault:${name}}` } }) as const;
    await drawbridge.control.addServer({ url: server.url, id: 'one', source: named('RIGHT') });
    await expect(
      drawbridge.control.configureSource({ server: 'one' }, { source: named('WRONG') }),
    ).rejects.toMatchObject({ code: 'token-refused' });
    await using client = await openClient('SDK 2.x, any era', await door());
    expect((await client.call('add', { a: 1, b: 2 })).text).toBe('3');
    await drawbridge.control.removeSecret({ name: 'RIGHT' });
    expect((await drawbridge.control.secrets()).names).toEqual(['WRONG']);
    const failed = await client.call('add', { a: 1, b: 2 }).then(
      ({ text }) => text,
      (error: unknown) => String(error),
    );
    expect(failed).toContain('vault:RIGHT');
  });
});

it('no secret of a source is anywhere but where it is meant', async () => {
  const secrets = ['canary-in-the-vault', 'canary-from-a-program', 'canary-in-a-file'];
  const file = await fileWith('token', 'canary-in-a-file');
  const program = await fileWith('helper.cjs', `console.log('canary-from-a-program')`);
  const authorizations = new Set<string>();
  server = await startMcpServer({
    admits: ({ headers }) => {
      authorizations.add(`${headers.authorization ?? ''}${headers['x-api-key'] ?? ''}`);
      return true;
    },
  });
  const others = await Promise.all([startMcpServer(), startMcpServer()]);
  await drawbridge.control.keepSecret({ name: 'KEY', value: 'canary-in-the-vault' });
  const sources: RouteBody<'addServer'>['source'][] = [
    { kind: 'headers', headers: { 'X-Api-Key': '${vault:KEY}' } },
    { kind: 'command', command: [process.execPath, program] },
    { kind: 'bearer', token: `\${file:${file}}` },
  ];
  for (const [index, { url }] of [server, ...others].entries()) {
    await drawbridge.control.addServer({ url, id: `s${index}`, source: sources[index] });
    await drawbridge.isRead(`s${index}`);
  }
  expect([...authorizations].join()).toContain('canary-in-the-vault');
  const seen = [
    await textIn(drawbridge.dataFolder),
    ...drawbridge.log,
    JSON.stringify(drawbridge.broker.snapshot()),
    JSON.stringify(await drawbridge.control.secrets()),
  ].join('\n');
  expect(seen).toContain('vault:KEY');
  expect(secrets.filter((secret) => seen.includes(secret))).toEqual([]);
  await Promise.all(others.map((other) => other.close()));
});
