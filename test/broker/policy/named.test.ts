/** Are sign-in services that people name themselves held to the policy as those are that a server names? */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../doubles/eventually.ts';
import { type InProcessBroker, startInProcessBroker } from '../../doubles/in-process-broker.ts';
import { createPolicyFile, type PolicyFile } from '../../doubles/policy-file.ts';
import { startAuthorizationServer } from '../../servers/authorization-server.ts';
import {
  type LoopbackServer,
  sendJson,
  startLoopbackServer,
} from '../../servers/loopback-server.ts';
import { type McpTestServer, startMcpServer } from '../../servers/mcp-server.ts';

let policy: PolicyFile;
let drawbridge: InProcessBroker;
let server: McpTestServer;
/** A sign-in service that would do. */
let service: LoopbackServer;
let asked: string[];

beforeEach(async () => {
  asked = [];
  service = await startLoopbackServer((origin) => (req, res) => {
    asked.push(`${req.method} ${req.url}`);
    sendJson(res, 200, {
      ...{ issuer: origin, access_token: 'canary-token', token_type: 'Bearer' },
      ...{ authorization_endpoint: `${origin}/authorize`, token_endpoint: `${origin}/token` },
      code_challenge_methods_supported: ['S256'],
    });
  });
  policy = createPolicyFile();
  server = await startMcpServer({ staticHeader: { name: 'X-Api-Key', value: 'canary-key' } });
  drawbridge = await startInProcessBroker({ policy: policy.place });
});
afterEach(async () => {
  await drawbridge[Symbol.asyncDispose]();
  await server.close();
  await service.close();
  policy[Symbol.dispose]();
});

const key = { server: 'one', account: 'default' };
const only = (...signIn: string[]): void => policy.put({ allowedHosts: { signIn } });
const forbidden = () => ({
  code: 'policy-forbids',
  message: expect.stringContaining(
    `127.0.0.1:${service.port} is not in allowedHosts.signIn`,
  ) as string,
});
const endpoints = () => ({
  ...{ clientId: 'given', exceptions: ['pkce-unadvertised' as const] },
  ...{ authorizeUrl: `${service.origin}/authorize`, tokenUrl: `${service.origin}/token` },
});
/** Added before there was a policy, without asking anybody. */
const place = (signIn: object): Promise<unknown> =>
  drawbridge.control.applyFile({ file: { servers: { one: { url: server.url, signIn } } } });
const lastProblem = () => drawbridge.broker.snapshot().servers[0]?.accounts[0]?.lastSignIn?.problem;

describe('an issuer and endpoints that are given by hand', () => {
  it('are refused where they are given, and are not asked', async () => {
    only('login.acme.example');
    const { control } = drawbridge;
    for (const signIn of [{ issuer: service.origin }, endpoints()])
      await expect(control.addServer({ url: server.url, signIn })).rejects.toMatchObject(
        forbidden(),
      );
    await place({});
    for (const set of [{ issuer: service.origin }, endpoints()])
      await expect(control.configureSignIn(key, { set })).rejects.toMatchObject(forbidden());
    // What is only the name of something is asked by nobody.
    await control.configureSignIn(key, { set: { resource: 'https://mcp.other.example' } });
    expect(asked).toEqual([]);
  });

  it('that were there before are not asked, nor is a browser sent there, and they may stay beside other settings', async () => {
    for (const signIn of [{ issuer: service.origin }, endpoints()]) {
      await place(signIn);
      only('login.acme.example');
      await drawbridge.control.signIn(key, {});
      await expect.poll(lastProblem, eventually).toMatchObject(forbidden());
      await drawbridge.control.configureSignIn(key, { set: { ...signIn, scopes: ['read'] } });
      policy.remove();
      await drawbridge.control.removeServer(key);
    }
    expect([asked, drawbridge.opened]).toEqual([[], []]);
  });

  it('are asked where they are allowed', async () => {
    only('127.0.0.1');
    await using real = await startAuthorizationServer();
    await place({ issuer: real.issuer });
    await drawbridge.control.signIn(key, {});
    await expect.poll(() => drawbridge.stateOf('one'), eventually).toBe('signed-in');
    expect(real.count({ endpoint: 'token' })).toBe(1);
  });
});

it('the token endpoint of a credential without a person is a sign-in service, for a server that is there as well', async () => {
  await drawbridge.control.keepSecret({ name: 'SECRET', value: 'canary-client-secret' });
  const source = {
    ...{ kind: 'client-credentials' as const, tokenUrl: `${service.origin}/token` },
    ...{ clientId: 'given', clientSecret: '${vault:SECRET}' },
  };
  only('login.acme.example');
  await expect(drawbridge.control.addServer({ url: server.url, source })).rejects.toMatchObject(
    forbidden(),
  );
  const fixed = { kind: 'headers' as const, headers: { 'X-Api-Key': '${vault:KEY}' } };
  await drawbridge.control.keepSecret({ name: 'KEY', value: 'canary-key' });
  await drawbridge.control.addServer({ id: 'one', url: server.url, source: fixed });
  await expect(drawbridge.control.configureSource(key, { source })).rejects.toMatchObject(
    forbidden(),
  );
  expect(asked).toEqual([]);
  expect(drawbridge.stateOf('one')).toBe('signed-in');
});
