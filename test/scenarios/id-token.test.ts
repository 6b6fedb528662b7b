/** Is a server that wants to see the ID token of the sign-in shown that, renewed in time, and never without being asked to? */
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openClient, type Way } from '../broker/bridge/official-clients.ts';
import { type InProcessBroker, startInProcessBroker } from '../doubles/in-process-broker.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../servers/authorization-server.ts';
import { type McpTestServer, startMcpServer } from '../servers/mcp-server.ts';

let drawbridge: InProcessBroker;
let signInService: AuthorizationServer;
let server: McpTestServer;
/** The moments at which the ID tokens ended that were shown. */
let ends: Set<number>;

beforeEach(async () => {
  drawbridge = await startInProcessBroker();
  signInService = await startAuthorizationServer();
  ends = new Set();
  const keys = createRemoteJWKSet(new URL(signInService.jwksUri));
  server = await startMcpServer({
    admits: async ({ headers: { authorization = '' } }) => {
      const { payload, protectedHeader } = await jwtVerify(authorization.slice(7), keys, {
        issuer: signInService.issuer,
        currentDate: new Date(drawbridge.clock.now()),
      }).catch(() => ({ payload: {}, protectedHeader: {} }) as never);
      // An access token is a JWT as well, of this type, and for the server.
      const isIdToken = protectedHeader.typ !== 'at+jwt' && payload.aud !== server.url;
      if (isIdToken && payload.exp !== undefined) ends.add(payload.exp);
      return isIdToken && payload.sub !== undefined;
    },
  });
});
afterEach(async () => {
  await drawbridge[Symbol.asyncDispose]();
  await server.close();
  await signInService.close();
});

const add = (...exceptions: 'id-token-as-bearer'[]) =>
  drawbridge.control.addServer({
    ...{ url: server.url, id: 'one' },
    signIn: { issuer: signInService.issuer, exceptions, scopes: signInService.scopes.slice() },
  });
const key = { server: 'one', account: 'default' };
const account = () => drawbridge.broker.snapshot().servers[0]?.accounts[0];
const signIn = async () => {
  await drawbridge.control.signIn(key, {});
  await expect.poll(() => account()?.lastSignIn).toBeDefined();
};
const open = async () => {
  const { key: doorKey } = await drawbridge.control.makeDoorKey({ aiClient: 'test' });
  const way: Way = { url: `${drawbridge.baseOfDoor}/mcp/one`, key: doorKey };
  return openClient('SDK 2.x, any era', way);
};

it('is shown it, with a renewed one after that, by the end that it has itself', async () => {
  signInService.lifetimes.idTokenSeconds = 600;
  await add('id-token-as-bearer');
  await signIn();
  expect(
    signInService.seen.findLast(({ endpoint }) => endpoint === 'authorization')?.scope,
  ).toMatch(/^openid /);
  await using client = await open();
  expect((await client.call('add', { a: 2, b: 3 })).text).toBe('5');
  expect(account()).toMatchObject({ state: 'signed-in', renewable: true });
  const left = (account()?.expiresAt ?? 0) - drawbridge.clock.now();
  expect([left > 500_000, left <= 600_000]).toEqual([true, true]);

  await drawbridge.control.renew(key);

  expect(signInService.count({ grantType: 'refresh_token', status: 200 })).toBe(1);
  expect((await client.call('add', { a: 3, b: 3 })).text).toBe('6');
  expect(ends.size).toBeGreaterThan(0);
  const told = JSON.stringify(drawbridge.broker.snapshot()) + drawbridge.log.join();
  for (const needle of signInService.needles()) expect(told).not.toContain(needle);
});

it('is not shown it where that is not on record', async () => {
  await add();
  await signIn();
  await expect(open()).rejects.toThrow('refuses a token');
  expect(ends.size).toBe(0);
  expect(server.count({ status: 401 })).toBeGreaterThan(0);
});

it('is not signed in to where the service gives none, and that is said', async () => {
  signInService.misbehave.token('no-id-token');
  await add('id-token-as-bearer');
  await signIn();
  expect(account()).toMatchObject({ state: 'needs-setup', problem: { code: 'no-id-token' } });
  expect(signInService.count({ endpoint: 'revocation', status: 200 })).toBe(1);
});

it('goes on with the one there is where a renewal brings none, and asks for a sign-in after it', async () => {
  await add('id-token-as-bearer');
  await signIn();
  signInService.misbehave.token('no-id-token');
  await expect(drawbridge.control.renew(key)).rejects.toMatchObject({ code: 'no-id-token' });
  await using client = await open();
  expect((await client.call('add', { a: 2, b: 3 })).text).toBe('5');
  expect(account()).toMatchObject({ renewable: false });
});
