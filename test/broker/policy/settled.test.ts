/** Are the settings an administrator has made out of the person's reach, and is what is switched off off everywhere? */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { eventually } from '../../doubles/eventually.ts';
import { type InProcessBroker, startInProcessBroker } from '../../doubles/in-process-broker.ts';
import { createPolicyFile, type PolicyFile } from '../../doubles/policy-file.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../servers/authorization-server.ts';
import { type McpTestServer, startMcpServer } from '../../servers/mcp-server.ts';
import { odd } from '../bridge/local/programs.ts';
import { openClient, type Way } from '../bridge/official-clients.ts';
import { shimCommand } from '../bridge/shim-process.ts';

let policy: PolicyFile;
let drawbridge: InProcessBroker;

beforeEach(async () => {
  policy = createPolicyFile();
  drawbridge = await startInProcessBroker({ policy: policy.place });
});
afterEach(async () => {
  await drawbridge[Symbol.asyncDispose]();
  policy[Symbol.dispose]();
});

const key = { server: 'one', account: 'default' };
const forbidden = (rule: string) => ({
  code: 'policy-forbids',
  message: expect.stringContaining(rule),
  hint: expect.stringContaining(policy.file),
});
const door = async (id: string): Promise<Way> => {
  const { key: doorKey } = await drawbridge.control.makeDoorKey({ aiClient: 'test' });
  return { url: `${drawbridge.baseOfDoor}/mcp/${id}`, key: doorKey };
};
const viewOf = (id: string) => drawbridge.broker.snapshot().servers.find((one) => one.id === id);
const stateOf = (id: string) => viewOf(id)?.accounts[0]?.state;
const failing = (text: string) => ({ isError: true, text: expect.stringContaining(text) });
const refusalOf = (error: unknown) => ({ isError: true, text: String(error) });

describe('required settings', () => {
  const proxy = 'http://proxy.acme.example:8080';

  it('hold beside the person’s own, are no one’s to change, and leave theirs as they were', async () => {
    const { control } = drawbridge;
    await control.changePreferences({
      set: { proxy: 'http://other.example:1', noProxy: '*' },
    });
    policy.put({ settings: { proxy } });
    const { preferences, network } = await control.preferences();
    // Nothing is exempt from a required proxy unless the administrator says so.
    expect(preferences).toMatchObject({ proxy, noProxy: '' });
    expect(network.proxy).toMatchObject({ from: 'settings', hosts: ['proxy.acme.example:8080'] });
    for (const change of [
      { set: { proxy: 'http://other.example:2' } },
      { unset: ['proxy'] as const },
      { set: { noProxy: '*' } },
    ])
      await expect(
        control.changePreferences({ ...change, unset: [...(change.unset ?? [])] }),
      ).rejects.toMatchObject(forbidden('settings.'));
    await control.changePreferences({ set: { clientDocument: 'https://acme.example/drawbridge' } });
    policy.remove();
    expect((await control.preferences()).preferences).toMatchObject({
      proxy: 'http://other.example:1',
      noProxy: '*',
      clientDocument: 'https://acme.example/drawbridge',
    });
  });

  it('take the person’s password for the required proxy, and for no other', async () => {
    const { control } = drawbridge;
    policy.put({ settings: { proxy } });
    await control.changePreferences({
      set: { proxy: 'http://ada:secret@proxy.acme.example:8080' },
    });
    expect((await control.preferences()).preferences).toMatchObject({
      proxy,
      hasProxyPassword: true,
    });
    await expect(
      control.changePreferences({
        set: { proxy: 'http://ada:secret@proxy.acme.example.evil:8080' },
      }),
    ).rejects.toMatchObject(forbidden('settings.proxy'));
  });
});

describe('what is switched off', () => {
  it('local-servers: the program ends, none is started, and it runs again when they are allowed', async () => {
    await drawbridge.control.addLocalServer({
      ...{ id: 'odd', title: 'Odd', command: odd('noise'), secrets: {} },
    });
    await using client = await openClient('SDK 1.x', await door('odd'));
    expect((await client.call('argv')).text).toBe('[]');
    policy.put({ disabled: ['local-servers'] });
    await expect(
      drawbridge.control.addLocalServer({ title: 'Two', command: odd('noise'), secrets: {} }),
    ).rejects.toMatchObject(forbidden('local-servers'));
    await expect
      .poll(() => drawbridge.log.some((line) => line.includes('"program-ended"')), eventually)
      .toBe(true);
    const starts = (): number =>
      drawbridge.log.filter((line) => line.includes('"program-started"')).length;
    const before = starts();
    const { checks } = await drawbridge.control.examine({ server: 'odd' });
    expect(checks).toContainEqual(expect.objectContaining({ tone: 'bad', code: 'policy-forbids' }));
    expect([starts(), stateOf('odd')]).toEqual([before, 'needs-setup']);
    policy.remove();
    await expect.poll(() => stateOf('odd'), { timeout: 15_000 }).toBe('open');
    await using again = await openClient('SDK 1.x', await door('odd'));
    expect((await again.call('argv')).text).toBe('[]');
  });

  it.each([
    [
      'for a token to show',
      (command: string[]) => ({ kind: 'token-exchange' as const, subjectCommand: command }),
    ],
    [
      'for a grant',
      (command: string[]) => ({ kind: 'jwt-bearer' as const, assertionCommand: command }),
    ],
    [
      'to prove who asks',
      (clientAssertionCommand: string[]) => ({
        ...{ kind: 'client-credentials' as const, clientId: 'x', clientAssertionCommand },
      }),
    ],
  ])('command-sources: nor is one run %s', async (_what, sourceOf) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'drawbridge-'));
    await using server = await startMcpServer();
    const ran = path.join(folder, 'ran');
    policy.put({ disabled: ['command-sources'] });
    const run = `require('fs').writeFileSync(${JSON.stringify(ran)}, 'x'); console.log('a-token')`;
    const source = {
      ...sourceOf([process.execPath, '-e', run]),
      tokenUrl: `${server.origin}/token`,
    };
    await expect(
      drawbridge.control.addServer({ id: 'two', url: server.url, source }),
    ).rejects.toMatchObject(forbidden('command-sources'));
    await expect(readFile(ran)).rejects.toMatchObject({ code: 'ENOENT' });
    await rm(folder, { recursive: true });
  });

  it('command-sources: no program of a profile of AWS is run either', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'drawbridge-'));
    await using server = await startMcpServer();
    const [config, ran] = [path.join(folder, 'config'), path.join(folder, 'ran')];
    await writeFile(config, `[default]\ncredential_process = touch ${ran}\n`);
    vi.stubEnv('AWS_CONFIG_FILE', config);
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', path.join(folder, 'none'));
    policy.put({ disabled: ['command-sources'] });
    const source = { kind: 'aws-sigv4' as const, region: 'eu-central-1', service: 'x' };
    const profile = { ...source, profile: 'default' };
    await expect(
      drawbridge.control.addServer({ id: 'two', url: server.url, source: profile }),
    ).rejects.toMatchObject(forbidden('command-sources'));
    await expect(readFile(ran)).rejects.toMatchObject({ code: 'ENOENT' });
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  it('command-sources: no program is run for a credential, and the one that was got is not used', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'drawbridge-'));
    await using server = await startMcpServer({
      admits: ({ headers }) => headers.authorization === 'Bearer canary-from-a-program',
    });
    const ran = path.join(folder, 'ran');
    const source = {
      kind: 'command' as const,
      command: [
        process.execPath,
        '-e',
        `require('fs').appendFileSync(${JSON.stringify(ran)}, 'x'); console.log('canary-from-a-program')`,
      ],
    };
    await drawbridge.control.addServer({ id: 'one', url: server.url, source });
    await using client = await openClient('SDK 1.x', await door('one'));
    expect((await client.call('add', { a: 1, b: 2 })).text).toBe('3');
    const runs = (await readFile(ran, 'utf8')).length;
    policy.put({ disabled: ['command-sources'] });
    expect(await client.call('add', { a: 1, b: 2 }).catch(refusalOf)).toEqual(
      failing('command-sources'),
    );
    await expect(drawbridge.control.token(key)).rejects.toMatchObject(forbidden('command-sources'));
    await expect(drawbridge.control.renew(key)).rejects.toMatchObject(forbidden('command-sources'));
    await expect(
      drawbridge.control.addServer({ id: 'two', url: `${server.url}?two`, source }),
    ).rejects.toMatchObject(forbidden('command-sources'));
    expect((await readFile(ran, 'utf8')).length).toBe(runs);
    expect(server.count({ method: 'tools/call' })).toBe(1);
    await rm(folder, { recursive: true });
  });

  it('http-door: whoever is there is sent away, nobody comes in, and the shim still does', async () => {
    await using server = await startMcpServer();
    await drawbridge.addServer('one', server.url);
    const way = await door('one');
    if (!('url' in way)) throw new Error('not the HTTP door');
    await using client = await openClient('SDK 1.x', way);
    expect((await client.call('add', { a: 1, b: 2 })).text).toBe('3');
    policy.put({ disabled: ['http-door'] });
    await expect(drawbridge.control.makeDoorKey({ aiClient: 'other' })).rejects.toMatchObject(
      forbidden('http-door'),
    );
    const ask = async (): Promise<unknown> => {
      const answer = await fetch(way.url, {
        ...{ method: 'POST', body: '{}' },
        headers: { authorization: `Bearer ${way.key}`, 'content-type': 'application/json' },
      });
      return [answer.status, await answer.text()];
    };
    // A connection that was there has ended with the permission, and one that is new is told why.
    await expect
      .poll(() => ask().catch(() => 'ended'), eventually)
      .toEqual([403, expect.stringContaining('http-door')]);
    await expect
      .poll(() => drawbridge.broker.snapshot().doors, eventually)
      .toMatchObject({
        problem: forbidden('http-door'),
      });
    expect(drawbridge.broker.snapshot().doors.http).toBeUndefined();
    await using shim = await openClient('SDK 1.x', shimCommand(drawbridge.dataFolder, 'one'));
    expect((await shim.call('add', { a: 2, b: 2 })).text).toBe('4');
    policy.remove();
    await using back = await openClient('SDK 1.x', way);
    expect((await back.call('add', { a: 3, b: 3 })).text).toBe('6');
  });

  it('capture: none begins, and what was kept is gone', async () => {
    await using server = await startMcpServer();
    await drawbridge.addServer('one', server.url);
    await drawbridge.control.startCapture({});
    await using client = await openClient('SDK 1.x', await door('one'));
    await client.call('echo', { message: 'canary-kept' });
    expect(JSON.stringify(await drawbridge.control.allCaptured())).toContain('canary-kept');
    policy.put({ disabled: ['capture'] });
    await expect(drawbridge.control.startCapture({})).rejects.toMatchObject(forbidden('capture'));
    expect(await drawbridge.control.allCaptured()).toEqual({ captured: [] });
    expect(drawbridge.broker.snapshot().capture).toBeUndefined();
  });
});

describe('what is switched off of signing in', () => {
  let signInService: AuthorizationServer;
  let server: McpTestServer;
  beforeEach(async () => {
    signInService = await startAuthorizationServer({ device: true });
    server = await startMcpServer({ authorizationServer: signInService });
  });
  afterEach(async () => {
    await server.close();
    await signInService.close();
  });
  const lastProblem = () => viewOf('one')?.accounts[0]?.lastSignIn?.problem?.code;

  it('sign-in-exceptions: none is made, and those on record count no more', async () => {
    await drawbridge.addServer('one', server.url);
    signInService.misbehave.metadata('no-pkce');
    const allow = { set: { exceptions: ['pkce-unadvertised' as const] } };
    await drawbridge.control.configureSignIn(key, allow);
    policy.put({ disabled: ['sign-in-exceptions'] });
    await drawbridge.control.signIn(key, {});
    await expect.poll(lastProblem, eventually).toBe('pkce-unsupported');
    // What is there may stay there with other settings beside it; what is new may not come.
    await drawbridge.control.configureSignIn(key, {
      set: { exceptions: ['pkce-unadvertised'], scopes: ['mcp:read'] },
    });
    await expect(
      drawbridge.control.configureSignIn(key, {
        set: { exceptions: ['pkce-unadvertised', 'issuer-slash'] },
      }),
    ).rejects.toMatchObject(forbidden('sign-in-exceptions'));
    await expect(
      drawbridge.control.addServer({
        url: `${server.url}?two`,
        signIn: { exceptions: ['resource-omitted'] },
      }),
    ).rejects.toMatchObject(forbidden('sign-in-exceptions'));
    expect(signInService.count({ endpoint: 'token' })).toBe(0);
  });

  it('device-sign-in: the browser is the only way', async () => {
    await drawbridge.addServer('one', server.url);
    policy.put({ disabled: ['device-sign-in'] });
    await expect(drawbridge.control.signIn(key, { onDevice: true })).rejects.toMatchObject(
      forbidden('device-sign-in'),
    );
    await drawbridge.control.signIn(key, {});
    await expect.poll(() => stateOf('one'), eventually).toBe('signed-in');
    expect(signInService.count({ endpoint: 'device' })).toBe(0);
  });

  it('print-token: no command gets one, and AI clients are served', async () => {
    await drawbridge.signInTo('one', server.url);
    policy.put({ disabled: ['print-token'] });
    await expect(drawbridge.control.token(key)).rejects.toMatchObject(forbidden('print-token'));
    await using client = await openClient('SDK 1.x', await door('one'));
    expect((await client.call('add', { a: 1, b: 2 })).text).toBe('3');
  });
});
