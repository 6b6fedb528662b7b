/** Does a door that takes tokens open to each caller what is theirs, and nothing to anybody else? */
import type { IncomingMessage } from 'node:http';
import { networkInterfaces } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DoorSettings } from '../../../../shared/contract/door.ts';
import { eventually } from '../../../doubles/eventually.ts';
import { textIn } from '../../../doubles/files-in.ts';
import { startLoopbackServer } from '../../../servers/loopback-server.ts';
import { startMcpServer } from '../../../servers/mcp-server.ts';
import { type SigningIssuer, startSigningIssuer } from '../../../servers/signing-issuer.ts';
import { initialize as old2024, openOldStream } from '../old-stream.ts';
import { startAsking } from '../open-bridge.ts';
import { everybody, initialize, list, type Stage, startStage } from './stage.ts';

let stage: Stage;
let issuer: SigningIssuer;
beforeEach(async () => {
  stage = await startStage();
  issuer = await startSigningIssuer();
});
afterEach(async () => {
  await stage[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
});

const set = (settings: Partial<DoorSettings> = {}) =>
  stage.set({ verify: { kind: 'jwks', issuer: issuer.issuer }, ...settings });
const tokenOf = (sub: string, more: object = {}) =>
  issuer.sign({ sub, aud: `${new URL(stage.resource).origin}/mcp`, ...more });
const port = () => Number(new URL(stage.resource).port);
const sessionOf = async (token: string, path = '/mcp/one'): Promise<string> =>
  String((await stage.ask(token, { path })).headers['mcp-session-id']);
const inSession = (token: string, session: string, path = '/mcp/one') =>
  stage.ask(token, { path, body: list, headers: { 'mcp-session-id': session } });

describe('what is open', () => {
  it('is nothing until a row says so, and then no more than it says', async () => {
    await using second = await startMcpServer();
    await stage.drawbridge.addServer('two', second.url);
    await stage.drawbridge.control.addAccount({ server: 'one' }, { account: 'work' });
    const ada = await tokenOf('ada');
    await set({ callers: [] });
    const closed = await stage.ask(ada);
    expect([closed.status, closed.challenge]).toEqual([403, '']);

    await set({ callers: [{ subject: 'ada', servers: ['one/work'] }] });
    const statusAt = async (path: string) => (await stage.ask(ada, { path })).status;
    expect(await statusAt('/mcp/one/work')).toBe(200);
    for (const path of ['/mcp/one', '/mcp/one/default', '/mcp/two', '/mcp/no-such'])
      expect(await statusAt(path)).toBe(404);
    expect((await stage.ask(await tokenOf('bob'), { path: '/mcp/one/work' })).status).toBe(403);
    expect((await stage.ask(await tokenOf('Ada'), { path: '/mcp/one/work' })).status).toBe(403);
  });

  it('is all that the rows that fit open together, at the address of all servers too', async () => {
    await using second = await startMcpServer();
    await stage.drawbridge.addServer('two', second.url);
    const callers: DoorSettings['callers'] = [
      { subject: 'ada', servers: ['one'] },
      { group: 'staff', servers: ['two'] },
    ];
    await set({ callers });
    const names = async (token: string) => {
      const session = await sessionOf(token, '/mcp');
      const { text } = await inSession(token, session, '/mcp');
      return [...new Set([...text.matchAll(/"name":"(one|two)_/g)].map(([, server]) => server))];
    };
    await expect.poll(async () => names(await tokenOf('ada')), eventually).toEqual(['one']);
    const both = await tokenOf('ada', { groups: ['staff'] });
    await expect.poll(() => names(both), eventually).toEqual(['one', 'two']);
    const staff = await tokenOf('bob', { groups: ['staff'] });
    await expect.poll(() => names(staff), eventually).toEqual(['two']);
  });

  it('goes by a claim, also one inside of another, and by all conditions of a row', async () => {
    const role = { name: '/realm_access/roles', value: 'tools' };
    await set({ callers: [{ claim: role, group: 'staff', servers: 'every' }] });
    const realm = { realm_access: { roles: ['other', 'tools'] } };
    const status = async (more: object) => (await stage.ask(await tokenOf('ada', more))).status;
    expect(await status({ ...realm, groups: ['staff'] })).toBe(200);
    expect(await status(realm)).toBe(403);
    expect(await status({ groups: ['staff'] })).toBe(403);
    expect(await status({ realm_access: { roles: 'tools-not' }, groups: ['staff'] })).toBe(403);
    expect(await status({ '/realm_access/roles': 'tools', groups: ['staff'] })).toBe(403);
  });

  it('a row for a server that is not there is refused', async () => {
    const row = { subject: 'ada', servers: ['no-such'] };
    await expect(set({ callers: [row] })).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('a session', () => {
  it('goes on as its own caller alone, with another token of theirs too', async () => {
    await set();
    const session = await sessionOf(await tokenOf('ada'));
    expect((await inSession(await tokenOf('ada'), session)).status).toBe(200);
    expect((await inSession(await tokenOf('bob'), session)).status).toBe(404);
    expect((await inSession(await tokenOf('ada'), session)).status).toBe(200);
    const ended = await stage.ask(await tokenOf('bob'), {
      ...{ method: 'DELETE', headers: { 'mcp-session-id': session } },
    });
    expect(ended.status).toBe(404);
    expect((await inSession(await tokenOf('ada'), session)).status).toBe(200);
    expect((await stage.ask(undefined, { headers: { 'mcp-session-id': session } })).status).toBe(
      401,
    );
  });

  it('is not gone on in with less than it was begun with', async () => {
    await set({
      callers: [
        { subject: 'ada', servers: ['one'] },
        { group: 'staff', servers: 'every' },
      ],
    });
    const session = await sessionOf(await tokenOf('ada', { groups: ['staff'] }));
    expect((await inSession(await tokenOf('ada'), session)).status).toBe(404);
  });

  it('ends when who may come in is changed', async () => {
    await set();
    const session = await sessionOf(await tokenOf('ada'));
    await set({ callers: [...everybody, { subject: 'bob', servers: ['one'] }] });
    expect((await inSession(await tokenOf('ada'), session)).status).toBe(404);
  });
});

it('an AI client of 2024-11-05 goes on at the address that its stream names', async () => {
  await set();
  const token = await issuer.sign({ aud: stage.resource });
  using old = await openOldStream(port(), token);
  expect(old.endpoint).toMatch(/^\/mcp\/one\/default\?/);
  expect(await old.say(old2024)).toBe(202);
  expect(await old.next()).toMatchObject({ id: 0, result: { protocolVersion: '2024-11-05' } });
  const bob = await startAsking(port(), await tokenOf('bob'), { path: old.endpoint, body: list });
  expect(bob.resume().statusCode).toBe(404);
});

describe('a stream', () => {
  const listening = async (token: string): Promise<IncomingMessage> => {
    const session = await sessionOf(token);
    return startAsking(port(), token, {
      ...{ method: 'GET', path: '/mcp/one' },
      headers: { accept: 'text/event-stream', 'mcp-session-id': session },
    });
  };
  const over = (stream: IncomingMessage): Promise<void> =>
    new Promise((resolve) => {
      stream.on('error', () => undefined);
      stream.on('close', () => resolve());
      stream.resume();
    });

  it('ends with the token that it was opened with', async () => {
    await set();
    const nowS = Math.floor(Date.now() / 1000);
    const stream = await listening(await tokenOf('ada', { exp: nowS - 28 }));
    expect(stream.statusCode).toBe(200);
    await over(stream);
    expect(Date.now() / 1000).toBeGreaterThanOrEqual(nowS + 1.9);
  });

  it('ends with its token too where nothing says that it is one', async () => {
    let asked = 0;
    await using odd = await startLoopbackServer(() => (request, response) => {
      request.resume();
      asked += 1;
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': for ever\n\n');
    });
    const servers = { odd: { url: `${odd.origin}/mcp`, open: true as const } };
    await stage.drawbridge.control.applyFile({ file: { servers } });
    await set();
    const nowS = Math.floor(Date.now() / 1000);
    const stream = await startAsking(port(), await tokenOf('ada', { exp: nowS - 25 }), {
      ...{ path: '/mcp/odd', headers: { 'mcp-protocol-version': '2026-07-28' } },
      body: '{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{}}',
    });
    expect([stream.statusCode, asked > 0]).toEqual([200, true]);
    await over(stream);
    expect(Date.now() / 1000).toBeGreaterThanOrEqual(nowS + 4.9);
  });

  it('ends when tokens are asked for, and when keys are again', async () => {
    const { key } = await stage.drawbridge.control.makeDoorKey({ aiClient: 'cursor' });
    const withKey = over(await listening(key));
    await set();
    await withKey;
    expect((await stage.ask(key)).status).toBe(401);
    const token = await tokenOf('ada');
    const withToken = over(await listening(token));
    await stage.set({ callers: [] });
    await withToken;
    expect((await stage.ask(key)).status).toBe(200);
    expect((await stage.ask(token)).status).toBe(403);
  });
});

it('what is asked is shown under the subject, or the name that the row gives it', async () => {
  await set({ callers: [{ subject: 'auth0|17', name: 'Ada', servers: ['one'] }, ...everybody] });
  const names = async () => (await stage.drawbridge.control.activity({})).aiClients;
  for (const sub of ['auth0|17', 'robot']) {
    const token = await tokenOf(sub);
    await inSession(token, await sessionOf(token));
  }
  await expect.poll(names, eventually).toEqual(expect.arrayContaining(['Ada', 'robot']));
  expect(await names()).not.toContain('its-own-word');
});

it('a rule for the caller holds, whatever the AI client calls itself', async () => {
  await set();
  await stage.drawbridge.control.addRule({ aiClient: 'ada', deny: ['add'] });
  const tools = async (sub: string) => {
    const token = await tokenOf(sub);
    return (await inSession(token, await sessionOf(token))).text;
  };
  expect(await tools('ada')).not.toContain('"add"');
  expect(await tools('bob')).toContain('"add"');
});

it('no token of a caller is in a log line, the settings or the snapshot', async () => {
  await set();
  const good = await tokenOf('ada');
  const bad = await tokenOf('ada', { aud: 'https://other.example' });
  for (const token of [good, bad, 'canary-made-up-token']) await stage.ask(token);
  const { log, broker, dataFolder } = stage.drawbridge;
  const all = [...log, JSON.stringify(broker.snapshot()), await textIn(dataFolder)].join('\n');
  expect(all).toContain('caller-refused');
  for (const token of [good, bad, 'canary-made-up-token']) expect(all).not.toContain(token);
});

it('a stranger blanks no words of the log by showing them as a token', async () => {
  await set({ callers: [] });
  const subject = 'a-subject-of-twenty-letters';
  for (const word of ['caller-refused', subject]) expect((await stage.ask(word)).status).toBe(401);
  await stage.ask(await tokenOf(subject));
  const { log } = stage.drawbridge;
  expect(JSON.parse(log.at(-1) ?? '')).toMatchObject({ event: 'caller-refused', subject });
  // A good one stays out of it, also after it was shown where it is not good.
  const good = await tokenOf('ada', { aud: stage.resource });
  expect((await stage.ask(good)).status).toBe(403);
  expect((await stage.ask(good, { path: '/mcp/other' })).status).toBe(401);
  await stage.ask(await tokenOf(good));
  expect(log.at(-1)).toContain('"subject":"[secret]"');
});

it('many made-up tokens do not push the secrets of Drawbridge out of what the log hides', async () => {
  const secret = 'canary-secret-that-was-concealed-first';
  await stage.drawbridge.control.keepSecret({ name: 'HIDDEN', value: secret });
  await set({
    verify: {
      ...{ kind: 'introspection', issuer: issuer.issuer, endpoint: issuer.jwksUrl },
      ...{ clientId: 'door', clientSecret: '${vault:HIDDEN}', clientAuth: 'basic' },
    },
  }).catch(() => undefined);
  await set();
  for (let many = 0; many < 600; many += 100)
    await Promise.all(
      Array.from({ length: 100 }, (_, n) => stage.ask(`canary-made-up-${many + n}`)),
    );
  // A row that the log writes out, with the secret for a subject.
  await set({ callers: [] });
  await stage.ask(await tokenOf(secret));
  expect(stage.drawbridge.log.at(-1)).toContain('caller-refused');
  expect(stage.drawbridge.log.at(-1)).not.toContain(secret);
}, 60_000);

it('nobody who comes with a token is given a page of the person', async () => {
  await set();
  for (const path of ['/sign-in/abc', '/approve/abc'])
    expect((await stage.ask(undefined, { method: 'GET', path })).text).toContain('nothing here');
});

it('without verification nothing is published', async () => {
  const path = '/.well-known/oauth-protected-resource/mcp/one';
  expect((await stage.ask(undefined, { method: 'GET', path })).status).toBe(404);
  await set();
  expect((await stage.ask(undefined, { method: 'GET', path })).status).toBe(200);
  await stage.set({});
  expect((await stage.ask(undefined, { method: 'GET', path })).status).toBe(404);
});

describe('beyond this machine', () => {
  const publicAddress = 'https://mcp.example.com';
  const resource = `${publicAddress}/mcp/one`;

  it('the door is known by its public name, and tokens are for that alone', async () => {
    await set({ publicAddress });
    const token = await issuer.sign({ aud: resource });
    for (const host of ['mcp.example.com', 'MCP.example.com:443'])
      expect((await stage.ask(token, { headers: { host } })).status).toBe(200);
    expect((await stage.ask(await issuer.sign({ aud: stage.resource }))).status).toBe(401);
    const { challenge } = await stage.ask(undefined, { headers: { host: 'mcp.example.com' } });
    expect(challenge).toBe(
      `Bearer resource_metadata="${publicAddress}/.well-known/oauth-protected-resource/mcp/one"`,
    );
    const path = '/.well-known/oauth-protected-resource/mcp/one';
    const { text } = await stage.ask(undefined, { method: 'GET', path });
    expect(JSON.parse(text)).toMatchObject({ resource });
    expect(stage.drawbridge.broker.snapshot().doors.verified).toEqual({ base: publicAddress });
  });

  it('other names and pages of other sites are refused as before', async () => {
    await set({ publicAddress });
    const token = await issuer.sign({ aud: resource });
    for (const host of ['evil.example', 'mcp.example.com.evil.example', 'mcp.example.com:8443'])
      expect((await stage.ask(token, { headers: { host } })).status).toBe(403);
    for (const origin of ['https://evil.example', publicAddress])
      expect((await stage.ask(token, { headers: { origin } })).status).toBe(403);
    await stage.set({ publicAddress });
    const without = await stage.ask(token, { headers: { host: 'mcp.example.com' } });
    expect([without.status, without.text]).toEqual([403, expect.stringContaining('another host')]);
  });

  it.each([
    ['without verification', { verify: undefined }],
    ['without a public address', { publicAddress: undefined }],
    ['without a proxy with https', { proxies: [] }],
    ['over plain http', { publicAddress: 'http://mcp.example.com' }],
    ['at an address with a path', { publicAddress: 'https://mcp.example.com/tools' }],
  ] as const)('the door does not listen %s', async (_what, change) => {
    const listen = { address: '0.0.0.0', port: 8765 };
    const whole = { listen, publicAddress, proxies: ['10.0.0.0/8'], ...change };
    await expect(set(whole as Partial<DoorSettings>)).rejects.toMatchObject({
      code: 'bad-request',
    });
  });

  const [near] = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4');

  it.skipIf(near === undefined).each(['0.0.0.0', '::', near?.address ?? ''])(
    'the door listens at %s from the next start on, for the proxy alone',
    async (address) => {
      const host = near?.address ?? '';
      const free = await startMcpServer();
      const listen = { address, port: Number(new URL(free.url).port) };
      await free.close();
      const restarting = await set({ publicAddress, listen, proxies: ['203.0.113.7'] });
      expect(restarting).toMatchObject({ restart: true });
      await using again = await stage.restart();
      const ask = (token: string, headers: Record<string, string> = {}) =>
        again.askAt({ host, port: listen.port }, token, {
          ...{ host: 'mcp.example.com', ...headers },
        });
      const token = await issuer.sign({ aud: resource });
      expect(await ask(token)).toBe(403);
      const settings = { verify: { kind: 'jwks' as const, issuer: issuer.issuer }, publicAddress };
      const set2 = (more: object) =>
        again.drawbridge.control.changeDoor({ ...settings, callers: everybody, listen, ...more });
      await set2({ proxies: [`${host}/24`] });
      expect(await ask(token)).toBe(200);
      expect(await ask(token, { host: 'evil.example' })).toBe(403);
      expect(await again.askAt({ host: '127.0.0.1', port: listen.port }, token, {})).toBe(200);
      // Keys again: who comes from elsewhere is refused at once, also before the next start.
      await again.drawbridge.control.changeDoor({ callers: everybody, proxies: [`${host}/24`] });
      const { key } = await again.drawbridge.control.makeDoorKey({ aiClient: 'cursor' });
      expect(await ask(key, { host: `127.0.0.1:${listen.port}` })).toBe(403);
    },
  );
});

it('a request that is looked at while the rows are changed is not let in by the old ones', async () => {
  await set();
  const token = await tokenOf('ada');
  issuer.rotate();
  stage.drawbridge.clock.shift(31_000);
  const slow = issuer.slow();
  const asked = stage.ask(await tokenOf('bob'), { body: initialize });
  await slow.arrived;
  await set({ callers: [] });
  slow.goOn();
  expect((await asked).status).toBe(503);
  expect((await stage.ask(token)).status).toBe(403);
});
