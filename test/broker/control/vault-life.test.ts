/** Changing the key of the vault, accepting an older file, and wiping everything, over the control plane. */
import { cp, mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProblemError } from '../../../shared/contract/problems.ts';
import { eventually } from '../../doubles/eventually.ts';
import { startInProcessBroker } from '../../doubles/in-process-broker.ts';
import { createKeychainDouble } from '../../doubles/keychain.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../servers/authorization-server.ts';
import { type McpTestServer, startMcpServer } from '../../servers/mcp-server.ts';

const key = { server: 'guarded', account: 'default' };

let signInService: AuthorizationServer;
let guarded: McpTestServer;
beforeAll(async () => {
  signInService = await startAuthorizationServer();
  guarded = await startMcpServer({ authorizationServer: signInService });
});
afterAll(async () => {
  await guarded.close();
  await signInService.close();
});

const aFolder = () => mkdtemp(path.join(tmpdir(), 'drawbridge-'));
const refusal = (error: unknown): unknown => (error instanceof ProblemError ? error.code : error);

describe('a change of key', () => {
  it('moves sign-ins out of memory, and the next start finds them', async () => {
    const keychain = createKeychainDouble();
    const dataFolder = await aFolder();
    {
      keychain.failWith('no keychain is available');
      await using memory = await startInProcessBroker({ keychain: keychain.keychain, dataFolder });
      await memory.control.openVault({});
      await memory.signInTo('guarded', guarded.url);
      expect((await memory.control.snapshot()).vault.kind).toBe('memory');
      expect(await memory.control.sealVault({ kind: 'keychain' }).catch(refusal)).toBe(
        'vault-no-keychain',
      );
      keychain.failWith(undefined);

      expect(await memory.control.sealVault({ kind: 'keychain' })).toEqual({
        kind: 'keychain',
        state: 'open',
      });
      expect(memory.broker.snapshot().vault.kind).toBe('keychain');
      await cp(dataFolder, `${dataFolder}-copy`, {
        recursive: true,
        filter: (source) => !/run|instance/.test(path.basename(source)),
      });
    }
    await using again = await startInProcessBroker({
      keychain: keychain.keychain,
      dataFolder: `${dataFolder}-copy`,
    });
    await expect.poll(() => again.stateOf('guarded'), eventually).toBe('signed-in');
  });

  it('takes a passphrase from the window as well, and refuses an empty one', async () => {
    await using drawbridge = await startInProcessBroker();
    const send = async (passphrase: string): Promise<number> =>
      (
        await drawbridge.broker.desktop(
          new Request('http://drawbridge.invalid/api/vault/seal', {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ kind: 'passphrase', passphrase }),
          }),
        )
      ).status;
    expect([await send('another fake passphrase'), await send('')]).toEqual([200, 400]);
    expect(drawbridge.log.join()).not.toContain('another fake passphrase');
  });
});

it('a vault without its passphrase is opened from the window, and the passphrase is nowhere', async () => {
  const typed = 'canary-fake-passphrase-that-is-typed';
  const slip = 'canary-fake-passphrase-with-a-slip';
  const dataFolder = await aFolder();
  const copy = await aFolder();
  {
    await using first = await startInProcessBroker({ dataFolder, passphrase: typed });
    await first.signInTo('guarded', guarded.url);
    await cp(dataFolder, copy, {
      recursive: true,
      filter: (source) => !/run|instance/.test(path.basename(source)),
    });
  }
  const keychain = createKeychainDouble();
  await using drawbridge = await startInProcessBroker({
    keychain: keychain.keychain,
    dataFolder: copy,
  });
  const { broker, stateOf } = drawbridge;
  const places: string[] = [];
  const stop = broker.subscribe((snapshot) => places.push(JSON.stringify(snapshot)));
  const open = async (passphrase: unknown): Promise<{ status: number; body: unknown }> => {
    const answer = await broker.desktop(
      new Request('http://drawbridge.invalid/api/vault/open', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ passphrase }),
      }),
    );
    const text = await answer.text();
    places.push(text);
    return { status: answer.status, body: JSON.parse(text) };
  };

  const problem = { code: 'vault-wrong-key', message: 'this vault is sealed with a passphrase' };
  const closed = { kind: 'passphrase', state: 'closed', problem };
  expect(await open(undefined)).toMatchObject({ status: 503, body: { error: problem } });
  expect(broker.snapshot().vault).toMatchObject(closed);
  expect(await open(slip)).toMatchObject({
    status: 503,
    body: {
      error: { code: 'vault-wrong-key', message: 'this passphrase does not open the vault' },
    },
  });
  expect(broker.snapshot().vault).toMatchObject(closed);
  for (const none of ['', 'x'.repeat(4097), 5]) expect((await open(none)).status).toBe(400);

  expect(await open(typed)).toEqual({ status: 200, body: { kind: 'passphrase', state: 'open' } });
  await expect.poll(() => stateOf('guarded'), eventually).toBe('signed-in');
  await drawbridge.control.renew(key);
  stop();

  const files = await readdir(copy, { recursive: true, withFileTypes: true });
  for (const file of files.filter((entry) => entry.isFile()))
    places.push(await readFile(path.join(file.parentPath, file.name), 'latin1'));
  places.push(...drawbridge.log, ...[...keychain.items].flat());
  expect(places.length).toBeGreaterThan(8);
  expect(places.filter((text) => text.includes(typed) || text.includes(slip))).toEqual([]);
});

it('an older file stays closed until it is accepted', async () => {
  const keychain = createKeychainDouble();
  const dataFolder = await aFolder();
  const older = await aFolder();
  {
    await using first = await startInProcessBroker({ keychain: keychain.keychain, dataFolder });
    await first.signInTo('guarded', guarded.url);
    await cp(dataFolder, older, {
      recursive: true,
      filter: (source) => !/run|instance/.test(path.basename(source)),
    });
    await first.control.renew(key);
    // The keychain learns of the last save when somebody is there.
    await first.control.openVault({});
    await expect
      .poll(() => [...keychain.items].find(([user]) => user.endsWith('.mark'))?.[1], eventually)
      .toMatch(/^[2-9]/);
  }
  await using drawbridge = await startInProcessBroker({
    keychain: keychain.keychain,
    dataFolder: older,
  });
  const refused = await drawbridge.control.openVault({}).catch(refusal);
  const account = drawbridge.broker.snapshot().servers[0]?.accounts[0];
  expect([refused, account]).toMatchObject([
    'vault-rolled-back',
    { state: 'offline', problem: { code: 'vault-rolled-back' } },
  ]);

  expect(await drawbridge.control.openVault({ acceptOlder: true })).toEqual({
    kind: 'keychain',
    state: 'open',
  });
  expect(drawbridge.stateOf('guarded')).toBe('signed-in');
});

describe('wiping everything', () => {
  it('ends a sign-in under way and the one that is there, and a new one works', async () => {
    await using drawbridge = await startInProcessBroker();
    const { control, dataFolder, broker } = drawbridge;
    await drawbridge.signInTo('guarded', guarded.url);
    const { key: doorKey } = await control.makeDoorKey({ aiClient: 'test' });
    await control.signIn(key, { openBrowser: false });
    await control.signInLink(key);
    const atDoor = async (): Promise<number> => {
      const answer = await fetch(`${broker.snapshot().doors.http}/mcp/guarded`, {
        method: 'POST',
        headers: { authorization: `Bearer ${doorKey}`, 'content-type': 'application/json' },
        body: '{}',
      });
      await answer.body?.cancel();
      return answer.status;
    };

    const outcome = await control.wipe({});

    expect(outcome).toEqual({ accounts: [{ ...key, revoked: 'yes' }], left: [] });
    expect([drawbridge.stateOf('guarded'), await atDoor()]).toEqual(['needs-sign-in', 403]);
    expect(await control.token(key).catch(refusal)).toBe('needs-sign-in');
    const settings = await readFile(path.join(dataFolder, 'settings.json'), 'utf8');
    expect(settings).toContain(guarded.url);
    await control.openVault({});
    expect((await readdir(dataFolder)).filter((name) => name.startsWith('vault.'))).toEqual([
      'vault.sealed',
    ]);
    await control.removeServer({ server: 'guarded' });
    await drawbridge.signInTo('guarded', guarded.url);
  });

  it('tells when a server did not let go, and waits no longer than it says', async () => {
    await using drawbridge = await startInProcessBroker();
    await drawbridge.signInTo('guarded', guarded.url);
    signInService.misbehave.revocation('unavailable', { times: 2 });
    expect(await drawbridge.control.wipe({})).toEqual({
      accounts: [{ ...key, revoked: 'no' }],
      left: [],
    });
    signInService.misbehave.reset();
  });
});
