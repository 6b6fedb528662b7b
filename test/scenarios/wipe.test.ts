/** In an emergency: everything that was issued is dead at the server and gone from this machine. */

import { fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { keychainOver, systemClock } from '../../broker/broker.ts';
import { readHeader } from '../../broker/vault/envelope.ts';
import { filesIn } from '../doubles/files-in.ts';
import { startAuthorizationServer } from '../servers/authorization-server.ts';
import { startMcpServer } from '../servers/mcp-server.ts';
import { aiClients } from './ai-clients.ts';
import { httpEntry, runDrawbridge, until } from './running-drawbridge.ts';

/** What the keychain of that session holds under the name. */
const itemOf = (env: NodeJS.ProcessEnv, user: string) =>
  keychainOver(systemClock, () => {
    const program = path.join(import.meta.dirname, '..', '..', 'dist', 'keychain-child.cjs');
    const child = fork(program, { stdio: 'ignore', env, execArgv: [] });
    return {
      send: (request) => void child.send(request as object),
      onMessage: (listener) => void child.once('message', listener),
      onEnd: (listener) => void child.once('error', listener).once('exit', listener),
      kill: () => void child.kill('SIGKILL'),
    };
  })({ deed: 'get', service: 'drawbridge', user }, 10_000);

it('wipes sign-ins, secrets and door keys, here and there, and a new sign-in works', {
  timeout: 90_000,
}, async () => {
  await using signInService = await startAuthorizationServer();
  await using server = await startMcpServer({ authorizationServer: signInService });
  await using drawbridge = await runDrawbridge();
  await drawbridge.run('add', server.url, '--id', 'there');
  await drawbridge.signIn('there');
  const { url, headers } = await httpEntry(drawbridge, 'there');
  const { stdout: token } = await drawbridge.run('token', 'there');
  const atDoor = async (): Promise<number> => {
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        ...headers,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
    });
    await answer.body?.cancel();
    return answer.status;
  };
  const { jti } = JSON.parse(
    Buffer.from(token.trim().split('.')[1] ?? '', 'base64url').toString(),
  ) as { jti: string };
  const sealed = await readFile(path.join(drawbridge.dataFolder, 'vault.sealed'));
  const keyThere = () => itemOf(drawbridge.env, readHeader(sealed, 9).keyId);
  expect([signInService.isLive(jti), await atDoor()]).toEqual([true, 200]);
  if (drawbridge.keychain) expect(await keyThere()).toMatchObject({ value: expect.any(String) });

  const wiped = await drawbridge.run('wipe', '--yes', '--json');

  expect([wiped.code, JSON.parse(wiped.stdout)]).toEqual([
    0,
    { accounts: [{ server: 'there', account: 'default', revoked: 'yes' }], left: [] },
  ]);
  expect([signInService.isLive(jti), await atDoor()]).toEqual([false, 403]);
  if (drawbridge.keychain) expect(await keyThere()).toEqual({ value: null });
  expect((await drawbridge.run('token', 'there')).code).toBe(3);
  const snapshot = await drawbridge.snapshot();
  expect(snapshot.servers.map(({ id, accounts }) => [id, accounts[0]?.state])).toEqual([
    ['there', 'needs-sign-in'],
  ]);

  const contents = [...(await filesIn(drawbridge.dataFolder)).values()];
  const needles = [
    ...signInService.needles(),
    ...Object.values(headers).map((value) => value.replace('Bearer ', '')),
  ];
  expect(needles.length).toBeGreaterThan(3);
  expect(needles.filter((needle) => contents.some((bytes) => bytes.includes(needle)))).toEqual([]);
  expect(contents.some((bytes) => bytes.equals(sealed))).toBe(false);

  await drawbridge.signIn('there');
  const open = aiClients['SDK 2.x (auto) over the shim'];
  if (open === undefined) throw new Error('the client is gone');
  await using client = await open(drawbridge, 'there');
  expect(await client.call('add', { a: 1, b: 1 })).toContain('2');
  await drawbridge.stop();
  await drawbridge.start();
  await until(
    async () =>
      (await drawbridge.snapshot()).servers[0]?.accounts[0]?.state === 'signed-in' || undefined,
    10_000,
    'the new sign-in after a restart',
  );
});
