/** Does nobody hear of Drawbridge whom the administrator does not allow, whichever way leads there? */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../doubles/eventually.ts';
import { type InProcessBroker, startInProcessBroker } from '../../doubles/in-process-broker.ts';
import { createPolicyFile, type PolicyFile } from '../../doubles/policy-file.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../servers/authorization-server.ts';
import {
  type LoopbackServer,
  sendJson,
  startLoopbackServer,
} from '../../servers/loopback-server.ts';
import { type McpTestServer, startMcpServer } from '../../servers/mcp-server.ts';
import { openClient, type Way } from '../bridge/official-clients.ts';

let policy: PolicyFile;
let drawbridge: InProcessBroker;
let server: McpTestServer;
let signInService: AuthorizationServer;
/** At the same address as all others, by a name that is not theirs. */
let stranger: LoopbackServer;
let heardByStranger: string[];

beforeEach(async () => {
  policy = createPolicyFile();
  signInService = await startAuthorizationServer();
  server = await startMcpServer({ authorizationServer: signInService });
  heardByStranger = [];
  stranger = await startLoopbackServer((origin) => (req, res) => {
    heardByStranger.push(`${req.method} ${req.url}`);
    sendJson(res, 200, { resource: origin, issuer: origin });
  });
  drawbridge = await startInProcessBroker({ policy: policy.place });
});
afterEach(async () => {
  await drawbridge[Symbol.asyncDispose]();
  await stranger.close();
  await server.close();
  await signInService.close();
  policy[Symbol.dispose]();
});

const here = { servers: ['127.0.0.1'], signIn: ['127.0.0.1'] };
const accountOf = (id: string) =>
  drawbridge.broker.snapshot().servers.find((one) => one.id === id)?.accounts[0];
const byName = (origin: string): string => origin.replace('127.0.0.1', 'localhost');
const forbidden = (rule: string) => ({
  code: 'policy-forbids',
  message: expect.stringContaining(rule),
});
const door = async (id: string): Promise<Way> => {
  const { key } = await drawbridge.control.makeDoorKey({ aiClient: 'test' });
  return { url: `${drawbridge.baseOfDoor}/mcp/${id}`, key };
};

describe('a server that is not allowed', () => {
  it('is refused when it is added, examined or looked at, with the rule, and is not asked', async () => {
    policy.put({
      allowedHosts: { servers: ['mcp.acme.example'] },
      notice: 'Ask help@acme.example.',
    });
    const { control } = drawbridge;
    for (const deed of [
      () => control.addServer({ url: server.url }),
      () => control.probe({ url: server.url }),
      () => control.examine({ url: server.url }),
      () =>
        control.addServer({
          url: server.url,
          source: { kind: 'headers', headers: { 'x-team': 'a' } },
        }),
    ])
      await expect(deed()).rejects.toMatchObject({
        ...forbidden(`${new URL(server.url).host} is not in allowedHosts.servers`),
        hint: 'Ask help@acme.example.',
      });
    expect(server.seen).toEqual([]);
  });

  it.each(['localhost', 'LOCALHOST', 'localhost.', '[::1]', '127.0.0.2', '[::ffff:127.0.0.2]'])(
    'is not let in as %s by one that only resolves alike',
    async (host) => {
      policy.put({ allowedHosts: { servers: ['127.0.0.1'] } });
      await expect(
        drawbridge.control.addServer({
          // Over plain http a name with a dot at its end is none of this machine, policy or not.
          url: server.url
            .replace('127.0.0.1', host)
            .replace('http:', host.endsWith('.') ? 'https:' : 'http:'),
        }),
      ).rejects.toMatchObject(forbidden('allowedHosts.servers'));
      expect(server.seen).toEqual([]);
    },
  );

  it.each(['0x7f.1', '2130706433', '[::FFFF:7f00:1]'])(
    'is the allowed one where %s is only another spelling of it',
    async (host) => {
      policy.put({ allowedHosts: { servers: ['127.0.0.1'] } });
      // What it says of itself is another spelling, so that it gets no further than being asked.
      const url = server.url.replace('127.0.0.1', host);
      await drawbridge.control.probe({ url }).catch(() => undefined);
      expect(server.seen.length).toBeGreaterThan(0);
    },
  );
});

describe('a sign-in service that is not allowed', () => {
  it('is not asked for a server that is, though it is at a host where servers may be', async () => {
    policy.put({ allowedHosts: { servers: ['127.0.0.1'], signIn: ['login.acme.example'] } });
    await expect(drawbridge.control.addServer({ url: server.url })).rejects.toMatchObject(
      forbidden('allowedHosts.signIn'),
    );
    await expect(
      drawbridge.control.addIdentityProvider({
        issuer: signInService.issuer,
        signIn: { clientId: 'x' },
      }),
    ).rejects.toMatchObject(forbidden('allowedHosts.signIn'));
    expect(signInService.seen).toEqual([]);
  });

  it('is not reached by a redirect of an allowed server', async () => {
    policy.put({ allowedHosts: here });
    await using front = await startLoopbackServer((origin) => (req, res) => {
      const document = '/.well-known/oauth-protected-resource/mcp';
      if (req.url === document) {
        res.writeHead(302, { location: `${byName(stranger.origin)}/document` });
        return void res.end();
      }
      sendJson(
        res,
        401,
        {},
        {
          'www-authenticate': `Bearer resource_metadata="${origin}${document}"`,
        },
      );
    });
    await expect(
      drawbridge.control.addServer({ url: `${front.origin}/mcp` }),
    ).rejects.toMatchObject(forbidden(`localhost:${stranger.port} is not in allowedHosts.servers`));
    expect(heardByStranger).toEqual([]);
  });

  it('is not reached by what an allowed one says of its own endpoints', async () => {
    policy.put({ allowedHosts: here });
    await using service = await startLoopbackServer(
      (origin) => (_req, res) =>
        sendJson(res, 200, {
          issuer: origin,
          authorization_endpoint: `${byName(stranger.origin)}/authorize`,
          token_endpoint: `${byName(stranger.origin)}/token`,
          registration_endpoint: `${byName(stranger.origin)}/register`,
          code_challenge_methods_supported: ['S256'],
        }),
    );
    await using front = await startLoopbackServer((origin) => (req, res) => {
      const document = '/.well-known/oauth-protected-resource/mcp';
      if (req.url === document)
        return sendJson(res, 200, {
          resource: `${origin}/mcp`,
          authorization_servers: [service.origin],
        });
      sendJson(
        res,
        401,
        {},
        {
          'www-authenticate': `Bearer resource_metadata="${origin}${document}"`,
        },
      );
    });
    const key = { server: 'odd', account: 'default' };
    const endsForbidden = async (): Promise<void> => {
      await expect
        .poll(() => accountOf('odd')?.lastSignIn?.problem, eventually)
        .toMatchObject(forbidden(`localhost:${stranger.port} is not in allowedHosts.signIn`));
    };
    await drawbridge.control.addServer({ id: 'odd', url: `${front.origin}/mcp` });
    await drawbridge.control.signIn(key, {});
    await endsForbidden();
    // With a client id that was given, the browser would be next.
    await drawbridge.control.configureSignIn(key, { set: { clientId: 'given' } });
    await drawbridge.control.signIn(key, {});
    await endsForbidden();
    expect([drawbridge.opened, heardByStranger]).toEqual([[], []]);
  });
});

describe('a policy that comes while Drawbridge runs', () => {
  it('ends what is open to a server, and no token reaches it until it is allowed again', async () => {
    await drawbridge.signInTo('one', server.url);
    await using client = await openClient('SDK 1.x', await door('one'));
    expect((await client.call('add', { a: 2, b: 3 })).text).toBe('5');

    policy.put({ allowedHosts: { servers: ['mcp.acme.example'] } });
    const refusal = await client
      .call('add', { a: 1, b: 1 })
      .catch((error: unknown) => ({ isError: true, text: String(error) }));
    expect(refusal).toEqual({
      isError: true,
      text: expect.stringContaining('allowedHosts.servers'),
    });
    await expect
      .poll(() => accountOf('one'), eventually)
      .toMatchObject({
        state: 'needs-setup',
        problem: forbidden('allowedHosts.servers'),
      });
    const seen = server.seen.length;
    const key = { server: 'one', account: 'default' };
    for (const deed of [
      () => drawbridge.control.token(key),
      () => drawbridge.control.signIn(key, {}),
      () =>
        drawbridge.control.configureSource(key, {
          source: { kind: 'headers', headers: { 'x-team': 'a' } },
        }),
    ])
      await expect(deed()).rejects.toMatchObject(forbidden('allowedHosts.servers'));
    expect(server.seen).toHaveLength(seen);

    policy.put({ allowedHosts: here });
    expect((await client.call('add', { a: 4, b: 5 })).text).toBe('9');
    await expect.poll(() => accountOf('one')?.state, eventually).toBe('signed-in');
    expect(signInService.count({ grantType: 'authorization_code' })).toBe(1);
  });

  it('ends a stream that a server holds open', async () => {
    const { promise: open, resolve } = Promise.withResolvers<void>();
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    await using endless = await startMcpServer({ admits: () => true });
    await drawbridge.addServer('endless', endless.url);
    await using client = await openClient('SDK 1.x', await door('endless'));
    const call = client.call('slow', { ms: 60_000 }, { onprogress: () => resolve() });
    void call.then(
      () => end(),
      () => end(),
    );
    await expect
      .poll(() => endless.count({ name: 'slow', status: undefined }), eventually)
      .toBeGreaterThan(0);
    resolve();
    await open;
    policy.put({ allowedHosts: { servers: [] } });
    await expect(drawbridge.control.probe({ url: endless.url })).rejects.toMatchObject(
      forbidden('allowedHosts.servers'),
    );
    await ended;
    await expect.poll(() => endless.givenUp(), eventually).toBe(1);
    // It wants no credential, so that nothing but the way to it is left to be refused.
    const calls = endless.count({ name: 'add' });
    const refusal = await client
      .call('add', { a: 1, b: 1 })
      .catch((error: unknown) => ({ isError: true, text: String(error) }));
    expect(refusal).toEqual({
      isError: true,
      text: expect.stringContaining('allowedHosts.servers'),
    });
    expect(endless.count({ name: 'add' })).toBe(calls);
  });

  it('is seen by who only watches', async () => {
    await drawbridge.addServer('one', server.url);
    expect(accountOf('one')?.state).toBe('needs-sign-in');
    policy.put({ allowedHosts: { servers: [] } });
    await expect.poll(() => accountOf('one')?.state, eventually).toBe('needs-setup');
    expect(drawbridge.broker.snapshot().policy).toMatchObject({
      file: policy.file,
      allowedHosts: { servers: [] },
    });
    policy.remove();
    await expect.poll(() => accountOf('one')?.state, eventually).toBe('needs-sign-in');
    expect(drawbridge.broker.snapshot().policy).toBeUndefined();
  });

  it('lets a person sign out and remove, though nobody is asked to end it there', async () => {
    await drawbridge.signInTo('one', server.url);
    await drawbridge.signInTo('two', `${server.url}?two`);
    const seen = [server.seen.length, signInService.seen.length];
    policy.put({ allowedHosts: { servers: [], signIn: [] } });
    expect(await drawbridge.control.signOut({ server: 'one', account: 'default' })).toEqual({
      revoked: 'no',
    });
    await drawbridge.control.removeServer({ server: 'one' });
    await drawbridge.control.wipe({});
    expect(drawbridge.broker.snapshot().servers.map(({ id }) => id)).toEqual(['two']);
    expect([server.seen.length, signInService.seen.length]).toEqual(seen);
  });

  it('lets nobody renew at a sign-in service that it does not name', async () => {
    await drawbridge.signInTo('one', server.url);
    const seen = signInService.seen.length;
    policy.put({ allowedHosts: { signIn: [] } });
    await expect(
      drawbridge.control.renew({ server: 'one', account: 'default' }),
    ).rejects.toMatchObject(forbidden('allowedHosts.signIn'));
    expect(signInService.seen).toHaveLength(seen);
    expect(accountOf('one')).toMatchObject({ state: 'needs-setup' });
    policy.remove();
    await expect.poll(() => accountOf('one')?.state, { timeout: 15_000 }).toBe('signed-in');
  });
});
