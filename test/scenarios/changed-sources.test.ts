/** What comes of a credential that is got without a person once its secret, its source or its server is another one? */
import { decodeJwt } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RouteBody } from '../../shared/contract/routes.ts';
import { openClient } from '../broker/bridge/official-clients.ts';
import { eventually } from '../doubles/eventually.ts';
import { type InProcessBroker, startInProcessBroker } from '../doubles/in-process-broker.ts';
import { startAuthorizationServer } from '../servers/authorization-server.ts';
import { type McpTestServer, startMcpServer } from '../servers/mcp-server.ts';

let drawbridge: InProcessBroker;
let undo: AsyncDisposableStack;
beforeEach(async () => {
  undo = new AsyncDisposableStack();
  drawbridge = undo.use(await startInProcessBroker());
});
afterEach(() => undo.disposeAsync());

const SHARED = 'canary-shared-secret-of-32-bytes-at-least';

/** Signed by ourselves, for as long as a test takes: kept, and not looked up for each request. */
const jwt = (sub: string): NonNullable<RouteBody<'addServer'>['source']> => ({
  ...{ kind: 'jwt', algorithm: 'HS256', key: '${vault:SHARED}', lifeS: 3600 },
  claims: { sub },
});
const account = () => drawbridge.broker.snapshot().servers[0]?.accounts[0];

/** Takes any token, and notes whose it is. */
const serving = async (): Promise<{ readonly server: McpTestServer; readonly whose: string[] }> => {
  const whose: string[] = [];
  const server = undo.use(
    await startMcpServer({
      admits: ({ headers: { authorization = '' } }) => {
        if (authorization !== '') whose.push(decodeJwt(authorization.slice(7)).sub ?? '');
        return authorization !== '';
      },
    }),
  );
  return { server, whose };
};

const calling = async () => {
  const { key } = await drawbridge.control.makeDoorKey({ aiClient: 'test' });
  return undo.use(
    await openClient('SDK 2.x, any era', { url: `${drawbridge.baseOfDoor}/mcp/one`, key }),
  );
};

it('a secret that is removed is missed at once, and one that is there again is used at once: no call is needed', async () => {
  const { server } = await serving();
  await drawbridge.control.keepSecret({ name: 'SHARED', value: SHARED });
  await drawbridge.control.addServer({ url: server.url, id: 'one', source: jwt('one') });
  await drawbridge.isRead('one');
  await drawbridge.control.removeSecret({ name: 'SHARED' });
  await expect
    .poll(account, eventually)
    .toMatchObject({ state: 'needs-setup', problem: { code: 'reference-unresolved' } });
  await drawbridge.control.keepSecret({ name: 'SHARED', value: `${SHARED}-another` });
  await expect
    .poll(account, eventually)
    .toMatchObject({ state: 'signed-in', expiresAt: expect.any(Number) });
  expect(account()?.expiresAt).toBeGreaterThan(Date.now());
});

it('a secret that is changed to one that is no good is said at once', async () => {
  const { server } = await serving();
  await drawbridge.control.keepSecret({ name: 'SHARED', value: SHARED });
  await drawbridge.control.addServer({ url: server.url, id: 'one', source: jwt('one') });
  await drawbridge.isRead('one');
  await drawbridge.control.keepSecret({ name: 'SHARED', value: 'too-short' });
  await expect.poll(account, eventually).toMatchObject({
    problem: { code: 'client-key-unusable' },
  });
});

it('a source that is changed is used from the next call on, and not what the one before gave', async () => {
  const { server, whose } = await serving();
  await drawbridge.control.keepSecret({ name: 'SHARED', value: SHARED });
  await drawbridge.control.addServer({ url: server.url, id: 'one', source: jwt('one') });
  const client = await calling();
  await client.call('add', { a: 1, b: 1 });
  expect(whose.at(-1)).toBe('one');
  await drawbridge.control.configureSource({ server: 'one' }, { source: jwt('two') });
  await client.call('add', { a: 2, b: 2 });
  expect(whose.at(-1)).toBe('two');
});

it('a server that is added under the id of one that is gone has a credential of its own', async () => {
  const [gone, next] = [await serving(), await serving()];
  await drawbridge.control.keepSecret({ name: 'SHARED', value: SHARED });
  await drawbridge.control.addServer({ url: gone.server.url, id: 'one', source: jwt('one') });
  await drawbridge.isRead('one');
  await drawbridge.control.removeServer({ server: 'one' });
  await drawbridge.control.addServer({ url: next.server.url, id: 'one', source: jwt('two') });
  const client = await calling();
  await client.call('add', { a: 1, b: 1 });
  expect(new Set(next.whose)).toEqual(new Set(['two']));
});

it('a file that changes a source ends what the one before gave', async () => {
  const { server, whose } = await serving();
  await drawbridge.control.keepSecret({ name: 'SHARED', value: SHARED });
  await drawbridge.control.addServer({ url: server.url, id: 'one', source: jwt('one') });
  const client = await calling();
  await client.call('add', { a: 1, b: 1 });
  await drawbridge.control.applyFile({
    file: { servers: { one: { url: server.url, source: jwt('two') } } },
  });
  await client.call('add', { a: 2, b: 2 });
  expect(whose.at(-1)).toBe('two');
});

describe('a server that people sign in to, and that gets a source', () => {
  /** With what lets one in there besides. */
  const signedIn = async () => {
    const authorizationServer = await startAuthorizationServer();
    undo.defer(authorizationServer.close);
    const { url } = undo.use(await startMcpServer({ authorizationServer }));
    await drawbridge.signInTo('one', url);
    const { token } = await drawbridge.control.token({ server: 'one', account: 'default' });
    await drawbridge.control.keepSecret({ name: 'TOKEN', value: token });
    const source = { kind: 'bearer', token: '${vault:TOKEN}' } as const;
    return { url, authorizationServer, source };
  };

  it.each(['by itself', 'with a file'])('%s has no sign-in any more', async (how) => {
    const { url, authorizationServer, source } = await signedIn();
    if (how === 'by itself')
      await drawbridge.control.configureSource({ server: 'one' }, { source });
    else await drawbridge.control.applyFile({ file: { servers: { one: { url, source } } } });
    expect(authorizationServer.count({ endpoint: 'revocation' })).toBeGreaterThan(0);
    await drawbridge.control.applyFile({ file: { servers: { one: { url, signIn: {} } } } });
    await expect.poll(() => account()?.state, eventually).toBe('needs-sign-in');
  });

  it('cannot get it while several people are signed in there, and nobody is signed out', async () => {
    const { source, authorizationServer } = await signedIn();
    await drawbridge.control.addAccount({ server: 'one' }, { account: 'work' });
    await expect(
      drawbridge.control.configureSource({ server: 'one' }, { source }),
    ).rejects.toMatchObject({ code: 'one-account-only' });
    expect(authorizationServer.count({ endpoint: 'revocation' })).toBe(0);
    expect(account()?.state).toBe('signed-in');
  });
});
