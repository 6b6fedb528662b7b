/** Does `drawbridge door` set what it says, show it, and refuse what cannot hold? */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { DoorView } from '../../shared/contract/door.ts';
import { type McpTestServer, startMcpServer } from '../servers/mcp-server.ts';
import { type SigningIssuer, startSigningIssuer } from '../servers/signing-issuer.ts';
import { createDesk, type Desk } from './commands.ts';

// Each of these runs many commands, and each of those is a process.
vi.setConfig({ testTimeout: 60_000 });

let server: McpTestServer;
let issuer: SigningIssuer;
let desk: Desk;

beforeAll(async () => {
  server = await startMcpServer();
  issuer = await startSigningIssuer();
  desk = await createDesk();
  await desk.serve();
  await desk.run('add', server.url, '--id', 'small');
});
afterAll(async () => {
  await desk[Symbol.asyncDispose]();
  await server.close();
  await issuer[Symbol.asyncDispose]();
});

const door = (...args: string[]) => desk.run('door', ...args);
const seen = async (): Promise<DoorView> =>
  DoorView.parse(JSON.parse((await door('show', '--json')).stdout));

it('from keys to tokens and back, a step a command', async () => {
  expect((await door()).stdout).toContain('local keys');
  const { stdout } = await desk.run('connect', 'small', '--http', '--json');
  const { url, headers } = (
    JSON.parse(stdout) as { mcpServers: { small: { url: string; headers: HeadersInit } } }
  ).mcpServers.small;
  const withKey = async () => (await fetch(url, { method: 'POST', body: '{}', headers })).status;
  expect(await withKey()).not.toBe(403);

  const verified = await door('verify', '--issuer', issuer.issuer, '--scope', 'tools');
  expect([verified.code, verified.stdout]).toEqual([
    0,
    expect.stringContaining('open to nobody yet: drawbridge door allow'),
  ]);
  expect(await withKey()).toBe(401);
  await door('allow', '--subject', 'ada', '--server', 'small', '--name', 'Ada');
  await door('allow', '--claim', 'https://acme.example/role=a=b', '--every');
  expect((await seen()).settings).toEqual({
    verify: { kind: 'jwks', issuer: issuer.issuer, scopes: ['tools'] },
    callers: [
      { subject: 'ada', name: 'Ada', servers: ['small'] },
      { claim: { name: 'https://acme.example/role', value: 'a=b' }, servers: 'every' },
    ],
    proxies: [],
  });
  const token = await issuer.sign({ aud: url, scope: 'tools' });
  const withToken = await fetch(url, {
    ...{ method: 'POST', body: '{}', headers: { authorization: `Bearer ${token}` } },
  });
  expect(withToken.status).not.toBe(401);
  expect((await desk.run('keys')).stderr).toContain('no key opens it');
  const entry = await desk.run('connect', 'small', '--http', '--json');
  expect(JSON.parse(entry.stdout)).toEqual({ mcpServers: { small: { type: 'http', url } } });

  await door('allow', '--subject', 'ada', '--every');
  expect((await seen()).settings.callers).toHaveLength(2);
  expect((await door('disallow', '--subject', 'ada')).code).toBe(0);
  expect((await door('disallow', '--subject', 'ada')).code).toBe(1);
  expect((await door('keys')).stdout).toContain('local keys');
  expect(await withKey()).not.toBe(401);
});

it('says that listening elsewhere begins with the next start, and refuses it where it would be open', async () => {
  const whole = ['--public', 'https://mcp.example.com', '--address', '0.0.0.0', '--port', '8765'];
  const alone = await door('listen', ...whole, '--proxy', '10.0.0.0/8');
  expect([alone.code, alone.stderr]).toEqual([2, expect.stringContaining('verify: ')]);
  await door('verify', '--issuer', issuer.issuer);
  const plain = await door('listen', ...whole);
  expect([plain.code, plain.stderr]).toEqual([2, expect.stringContaining('proxies: ')]);
  const good = await door('listen', ...whole, '--proxy', '10.0.0.0/8');
  expect([good.code, good.stderr]).toEqual([0, expect.stringContaining('restart Drawbridge')]);
  expect(good.stdout).toContain('https://mcp.example.com/mcp/<server>');
  const back = await door('keys');
  expect([back.code, (await seen()).settings.listen]).toEqual([0, undefined]);
});

it('moves on this machine with the next start, to a port that can be had', async () => {
  const { port: before = 0 } = await seen();
  const moved = await door('port', '--free');
  expect([moved.code, moved.stderr]).toEqual([0, expect.stringContaining('restart Drawbridge')]);
  expect(moved.stdout).toContain('any free port');
  const taken = new URL(server.url).port;
  const refused = await door('port', '--port', taken);
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringContaining(`port ${taken} cannot be had`),
  ]);
  const back = await door('port', '--port', String(before));
  expect([back.code, back.stderr]).toEqual([0, '']);
  expect(await seen()).toMatchObject({ port: before, restart: false });
});

it('takes all of it from a file', async () => {
  const file = path.join(desk.dataFolder, 'door.json');
  const settings = {
    verify: { kind: 'jwks', issuer: issuer.issuer, jwksUrl: issuer.jwksUrl },
    callers: [{ anyone: true, servers: ['small'] }],
    proxies: [],
  };
  await writeFile(file, JSON.stringify(settings));
  expect((await door('set', '--file', file)).code).toBe(0);
  expect((await seen()).settings).toEqual(settings);
  await writeFile(file, JSON.stringify({ ...settings, callers: [{ servers: 'every' }] }));
  const wrong = await door('set', '--file', file);
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('callers.0: ')]);
  await writeFile(file, 'no json');
  expect((await door('set', '--file', file)).code).toBe(2);
});

it.each([
  [['verify'], 'issuer: '],
  [['verify', '--introspect', '--issuer', 'https://a.example', '--client-id', 'x'], 'clientSecret'],
  [
    [
      ...['verify', '--introspect', '--issuer', 'https://a.example', '--client-id', 'x'],
      ...['--client-secret', 'canary-written-down'],
    ],
    'only as ${vault:NAME}',
  ],
  [['verify', '--introspect', '--kubernetes'], 'one of them'],
  [['verify', '--kubernetes', '--scope', 'x'], 'no scopes'],
  [['allow', '--every'], 'say whom it is for'],
  [['allow', '--subject', 'ada'], 'callers'],
  [['allow', '--claim', 'role', '--every'], 'name=value'],
  [['keys', '--every'], 'does not belong'],
  [['show', '--port', '1'], 'does not belong'],
  [['shut'], 'one of: show, verify'],
  [['port'], '--port <port>, or --free'],
  [['port', '--free', '--port', '4000'], '--port <port>, or --free'],
  [['port', '--port', '70000'], 'is not a port'],
])('%j makes no sense, and says why', async (args, why) => {
  const { code, stderr } = await door(...args);
  expect([code, stderr]).toEqual([2, expect.stringContaining(why)]);
  expect(stderr).not.toContain('canary-written-down');
});
