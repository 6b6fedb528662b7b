/** A policy that cannot be followed: is nothing widened by it, and does everybody learn what has to be mended? */
import { chmodSync, renameSync, symlinkSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from '../../doubles/eventually.ts';
import { type InProcessBroker, startInProcessBroker } from '../../doubles/in-process-broker.ts';
import { createPolicyFile, type PolicyFile } from '../../doubles/policy-file.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../servers/authorization-server.ts';
import { type McpTestServer, startMcpServer } from '../../servers/mcp-server.ts';
import { odd } from '../bridge/local/programs.ts';
import { openClient } from '../bridge/official-clients.ts';

let policy: PolicyFile;
let signInService: AuthorizationServer;
let server: McpTestServer;
let drawbridge: InProcessBroker | undefined;

beforeEach(async () => {
  policy = createPolicyFile();
  signInService = await startAuthorizationServer();
  server = await startMcpServer({ authorizationServer: signInService });
});
afterEach(async () => {
  await drawbridge?.[Symbol.asyncDispose]();
  drawbridge = undefined;
  await server.close();
  await signInService.close();
  policy[Symbol.dispose]();
});

const start = async (dataFolder?: string): Promise<InProcessBroker> => {
  const started = await startInProcessBroker({
    policy: policy.place,
    ...(dataFolder === undefined ? {} : { dataFolder }),
  });
  drawbridge = started;
  return started;
};
const key = { server: 'one', account: 'default' };
const broken = '{\n  "disabled": ["capture"],\n  "alowedHosts": {}\n}';
const where = (): string => `${policy.file}:3:3: alowedHosts: there is no such rule`;
const faulty = () => ({ code: 'policy-faulty', message: expect.stringContaining(where()) });

it('while Drawbridge runs: the rules before it hold, nothing is added or changed, and what runs goes on', async () => {
  policy.put({ disabled: ['print-token'] });
  const { control, broker, log, baseOfDoor, signInTo } = await start();
  await signInTo('one', server.url);
  const { key: doorKey, id } = await control.makeDoorKey({ aiClient: 'test' });
  const { rule } = await control.addRule({ deny: ['echo'] });
  await using client = await openClient('SDK 1.x', { url: `${baseOfDoor}/mcp/one`, key: doorKey });

  policy.putText(broken);
  expect((await client.call('add', { a: 1, b: 2 })).text).toBe('3');
  for (const deed of [
    () => control.addServer({ url: `${server.url}?two` }),
    () => control.addIdentityProvider({ issuer: signInService.issuer, signIn: {} }),
    () => control.addLocalServer({ title: 'Odd', command: odd('noise'), secrets: {} }),
    () => control.configureSignIn(key, { set: { scopes: ['a'] } }),
    () => control.configureSource(key, {}),
    () => control.keepSecret({ name: 'KEY', value: 'canary' }),
    () => control.renameServer(key, { title: 'Other' }),
    () => control.addAccount(key, { account: 'work' }),
    () => control.changePreferences({ set: { noProxy: '*' } }),
    () => control.makeDoorKey({ aiClient: 'other' }),
    () => control.startCapture({}),
    () => control.removeRule({ id: rule.id }),
  ])
    await expect(deed()).rejects.toMatchObject(faulty());
  // The rule before it is still there.
  await expect(control.token(key)).rejects.toMatchObject({ code: 'policy-forbids' });

  expect(broker.snapshot().notices).toContainEqual(expect.objectContaining(faulty()));
  expect(broker.snapshot().policy).toMatchObject({ disabled: ['print-token'], problem: faulty() });
  expect(log.find((line) => line.includes('"policy-faulty"'))).toContain(where());
  const { checks, verdict } = await control.examine({ server: 'one' });
  expect([checks[0], verdict]).toMatchObject([
    { tone: 'bad', code: 'policy-faulty', text: expect.stringContaining(where()) },
    'broken',
  ]);

  // To take away is always free.
  await control.powerEvent({ event: 'wake' });
  await control.revokeDoorKey({ id });
  await control.signOut(key);
  await control.removeServer(key);

  policy.put({ disabled: ['capture'] });
  await control.addServer({ id: 'one', url: server.url });
  expect(broker.snapshot().notices).toEqual([]);
  await expect(control.startCapture({})).rejects.toMatchObject({ code: 'policy-forbids' });
});

it('when Drawbridge starts: nothing is reached, nothing is lost, and all is well once it is mended', async () => {
  const dataFolder = await mkdtemp(path.join(tmpdir(), 'drawbridge-'));
  {
    const first = await startInProcessBroker({ policy: policy.place, dataFolder });
    await first.signInTo('one', server.url);
    await first.control.addLocalServer({
      ...{ id: 'odd', title: 'Odd', command: odd('noise'), secrets: {} },
    });
    await first.broker.stop();
  }
  policy.putText(broken);
  const seen = [server.seen.length, signInService.seen.length];
  const { control, broker, log } = await start(dataFolder);
  const states = () =>
    broker.snapshot().servers.map(({ accounts: [account] }) => [account?.state, account?.problem]);
  expect(states()).toMatchObject([
    ['needs-setup', faulty()],
    ['needs-setup', faulty()],
  ]);
  for (const deed of [
    () => control.token(key),
    () => control.signIn(key, {}),
    () => control.renew(key),
    () => control.probe({ url: server.url }),
  ])
    await expect(deed()).rejects.toMatchObject(faulty());
  await control.examine({ server: 'odd' });
  expect(log.filter((line) => line.includes('"program-started"'))).toEqual([]);
  expect([server.seen.length, signInService.seen.length]).toEqual(seen);

  policy.put({ allowedHosts: { servers: ['127.0.0.1'] } });
  expect((await control.token(key)).token).not.toBe('');
  await expect
    .poll(() => states().map(([state]) => state), eventually)
    .toEqual(['signed-in', 'open']);
  expect(signInService.count({ grantType: 'authorization_code' })).toBe(1);
});

it.skipIf(process.platform === 'win32').each([
  ['others can write it', (file: string) => chmodSync(file, 0o666), 'other than an administrator'],
  [
    'it is a link',
    (file: string) => {
      renameSync(file, `${file}.real`);
      symlinkSync(`${file}.real`, file);
    },
    'no file of its own',
  ],
])('is not followed, and not passed over, where %s', async (_what, spoil, why) => {
  const { control, broker } = await start();
  policy.put({});
  spoil(policy.file);
  const expected = { code: 'policy-faulty', message: expect.stringContaining(why) };
  await expect(control.addServer({ url: server.url })).rejects.toMatchObject(expected);
  expect(server.seen).toEqual([]);
  expect(broker.snapshot().notices).toMatchObject([expected]);
  policy.put({});
  await control.addServer({ url: server.url });
});

it('a policy that holds is told of in every report, and in the log', async () => {
  policy.put({ allowedHosts: { servers: ['127.0.0.1'] }, disabled: ['capture'] });
  const { control, log } = await start();
  await control.addServer({ id: 'one', url: server.url });
  const { checks } = await control.examine({ server: 'one' });
  expect(checks[0]).toEqual({
    tone: 'good',
    text: `the policy of your administrator holds (${policy.file}); allowedHosts.servers: 1; it switches off capture`,
  });
  expect(log.some((line) => line.includes('"policy"') && line.includes('"holds":true'))).toBe(true);
});

it('without one there is nothing to see of it', async () => {
  const { control, broker } = await start();
  await control.addServer({ id: 'one', url: server.url });
  expect(broker.snapshot()).not.toHaveProperty('policy');
  const { checks } = await control.examine({ server: 'one' });
  expect(JSON.stringify(checks)).not.toContain('administrator');
});
