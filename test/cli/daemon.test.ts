/** Does `serve` start, stop, refuse a second one and come back after a crash, leaving nothing that is in the way? */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Problem } from '../../shared/contract/problems.ts';
import { eventually } from '../doubles/eventually.ts';
import { command } from '../scenarios/running-drawbridge.ts';
import { createDesk, type Desk, type Serving } from './commands.ts';

const Listening = z.object({ window: z.url(), link: z.url(), door: z.url() });
const listening = ({ firstLine }: Serving) => Listening.parse(JSON.parse(firstLine));

const leftovers = async ({ dataFolder }: Desk): Promise<string[]> => {
  const sockets = await readdir(path.join(dataFolder, 'run')).catch(() => []);
  return [
    ...sockets,
    ...(existsSync(path.join(dataFolder, 'instance.json')) ? ['instance.json'] : []),
  ];
};

describe('serve', () => {
  it('says first where it listens, and what it leaves in its folder is for its owner only', async () => {
    await using desk = await createDesk();
    const serving = await desk.serve();
    const { window, link, door } = listening(serving);
    expect([
      link.startsWith(`${window}/enter?code=`),
      (await fetch(window)).status,
      (await fetch(door)).status,
    ]).toEqual([true, 200, 404]);
    const files = await readdir(desk.dataFolder, { recursive: true, withFileTypes: true });
    const open = await Promise.all(
      files
        .filter((entry) => !entry.isSocket())
        .map(async (entry) => {
          const file = path.join(entry.parentPath, entry.name);
          return ((await stat(file)).mode & 0o077) === 0 ? [] : [file];
        }),
    );
    // The folder was made by the test; what is in it was made by the daemon.
    expect(open.flat()).toEqual([]);
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'ends cleanly on %s within 3 s, although a window and a shim are connected',
    async (signal) => {
      await using desk = await createDesk();
      const serving = await desk.serve();
      const { link, window } = listening(serving);
      const entered = await fetch(link, { redirect: 'manual' });
      const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? '';
      const events = await fetch(`${window}/api/events`, { headers: { cookie } });
      const { door } = JSON.parse(
        await readFile(path.join(desk.dataFolder, 'instance.json'), 'utf8'),
      ) as {
        door: { socket: string };
      };
      const shim = createConnection(door.socket);
      shim.on('error', () => undefined);
      const began = Date.now();
      const { code, stderr } = await serving.stop(signal);
      expect([events.status, code, Date.now() - began < 3_000, await leftovers(desk)]).toEqual([
        200,
        0,
        true,
        [],
      ]);
      expect(stderr).toMatch(/stopping \.\.\.\n$/);
      await events.text().catch(() => undefined);
    },
  );

  it('a second time says that another one runs, ends with 1, and harms nothing', async () => {
    await using desk = await createDesk();
    const first = await desk.serve();
    const before = await readFile(path.join(desk.dataFolder, 'instance.json'), 'utf8');
    const second = await (await desk.serve()).ended;
    const { error } = z.object({ error: Problem }).parse(JSON.parse(second.stdout));
    expect([second.code, error.code]).toEqual([1, 'already-running']);
    expect(second.stderr).toContain('Drawbridge already runs on this data folder');
    expect([
      await readFile(path.join(desk.dataFolder, 'instance.json'), 'utf8'),
      (await desk.run('list')).code,
      (await first.stop('SIGTERM')).code,
    ]).toEqual([before, 0, 0]);
  });

  it('starts again after kill -9, over the sockets left behind, at the same door', async () => {
    await using desk = await createDesk();
    const first = await desk.serve();
    await first.stop('SIGKILL');
    expect(await leftovers(desk)).toEqual(
      expect.arrayContaining(['control.sock', 'door.sock', 'instance.json']),
    );
    expect((await desk.run('list')).code).toBe(4);
    const second = await desk.serve();
    expect([listening(second).door, (await desk.run('list')).code]).toEqual([
      listening(first).door,
      0,
    ]);
  });

  it('takes the port it is given, and says so when somebody has it', async () => {
    await using desk = await createDesk();
    await using other = await createDesk();
    const { window } = listening(await desk.serve());
    const { port } = new URL(window);
    const refused = await (await other.serve('--port', port)).ended;
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining(`port ${port} cannot be used for the window`),
    ]);
    expect(await leftovers(other)).toEqual([]);
  });

  it('does not open its vault with another passphrase, and says so', async () => {
    await using desk = await createDesk();
    await (await desk.serve()).stop('SIGTERM');
    const wrong = path.join(desk.dataFolder, 'wrong');
    await writeFile(wrong, 'another passphrase');
    const serving = await desk.serve('--passphrase-file', wrong);
    await expect
      .poll(async () => (await desk.run('list')).stderr, eventually)
      .toContain('vault-wrong-key');
    const { stderr } = await serving.stop('SIGTERM');
    expect(stderr).toMatch(
      /passphrase does not open the vault \(vault-wrong-key\)\nhint: give the one it was sealed with last: .*\nstopping/,
    );
  });

  it('says nothing of a vault that opens, and warns of a passphrase that others can read', async () => {
    await using desk = await createDesk();
    const quiet = await (await desk.serve()).stop('SIGTERM');
    const readable = path.join(desk.dataFolder, 'readable');
    await writeFile(readable, 'fake passphrase');
    await chmod(readable, 0o644);
    const warned = await (await desk.serve('--passphrase-file', readable)).stop('SIGTERM');
    expect([quiet.stderr, warned.stderr]).toEqual([
      expect.not.stringMatching(/warning|vault/),
      expect.stringMatching(/^warning: other users can read the secret in .*: chmod 600\n/),
    ]);
  });

  it.skipIf(process.platform !== 'linux')(
    'without a keychain and a passphrase says that sign-ins will not last, and what to do',
    async () => {
      await using desk = await createDesk();
      const env = { ...desk.env, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/bus' };
      const child = spawn(process.execPath, [command, 'serve'], { env });
      let stderr = '';
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      const ended = new Promise((resolve) => child.once('close', resolve));
      await expect
        .poll(() => stderr, eventually)
        .toMatch(/in memory only and end when Drawbridge stops.*\nhint: .*--passphrase-file/);
      child.kill('SIGTERM');
      await ended;
    },
  );
});

describe('the served window', () => {
  it.each(['evil.example', 'localhost:PORT', '127.0.0.1:1'])(
    'DNS rebinding: does not answer to the Host %s',
    async (host) => {
      await using desk = await createDesk();
      const { port } = new URL(listening(await desk.serve()).window);
      const answer = await new Promise<string>((resolve) => {
        const socket = createConnection({ host: '127.0.0.1', port: Number(port) });
        socket.once('data', (chunk) => {
          resolve(chunk.toString());
          socket.destroy();
        });
        socket.write(`GET / HTTP/1.1\r\nHost: ${host.replace('PORT', port)}\r\n\r\n`);
      });
      expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    },
  );

  it('survives addresses that cannot be parsed and bodies that never end', async () => {
    await using desk = await createDesk();
    const { window, link } = listening(await desk.serve());
    const { port } = new URL(window);
    const cookie =
      (await fetch(link, { redirect: 'manual' })).headers.get('set-cookie')?.split(';')[0] ?? '';
    const raw = (head: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = createConnection({ host: '127.0.0.1', port: Number(port) });
        let text = '';
        socket.on('error', () => undefined);
        socket.on('data', (chunk) => (text += chunk.toString()));
        socket.on('close', () => resolve(text));
        socket.write(`${head} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`);
      });
    const answers = await Promise.all(
      ['GET //', 'GET //[', 'GET /%', 'GET http://[', 'OPTIONS *'].map(raw),
    );
    const huge = await fetch(`${window}/api/vault/open`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json' },
      body: 'x'.repeat(4 * 1024 * 1024),
    });
    expect(answers.map((text) => /^HTTP\/1\.1 40[04]/.test(text))).toEqual(Array(5).fill(true));
    expect([huge.status, (await fetch(window)).status]).toEqual([400, 200]);
  });
});
