/** A disk that fills up: nothing is lost, and the person is told what to do. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startAuthorizationServer } from '../servers/authorization-server.ts';
import { startMcpServer } from '../servers/mcp-server.ts';
import { type RunningDrawbridge, runDrawbridge, until } from './running-drawbridge.ts';

/** A file system of its own that is small enough to fill; only root may mount one. */
const disk = mkdtempSync(path.join(tmpdir(), 'drawbridge-disk-'));
const mount = (): boolean => {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k,mode=700', 'tmpfs', disk], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
};
const mounted = mount();

beforeAll(() => {
  if (!mounted) console.warn('no small disk can be mounted here: the full disk is not tested');
});
afterAll(() => {
  if (mounted) execFileSync('umount', [disk]);
  rmSync(disk, { recursive: true, force: true });
});

const ballast = path.join(disk, 'ballast');
const fill = (): void => {
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(ballast, Buffer.alloc(bavail * bsize));
};
const free = (): void => rmSync(ballast);

const account = async (drawbridge: RunningDrawbridge) =>
  (await drawbridge.snapshot()).servers[0]?.accounts[0];

it.skipIf(!mounted)(
  'is told, keeps nothing half, and goes on once there is room',
  { timeout: 60_000 },
  async () => {
    await using signInService = await startAuthorizationServer({ accessTokenSeconds: 6 });
    await using server = await startMcpServer({ authorizationServer: signInService });
    await using drawbridge = await runDrawbridge({ dataFolder: disk });

    const vault = async () => (await drawbridge.snapshot()).vault.state;
    await until(
      async () => ((await vault()) === 'open' ? true : undefined),
      10_000,
      'an open vault',
    );
    fill();
    const added = await drawbridge.run('add', server.url, '--id', 'there', '--json');
    expect(JSON.parse(added.stdout)).toMatchObject({
      error: { code: 'cannot-save', hint: expect.stringContaining('room') },
    });
    expect((await drawbridge.snapshot()).servers).toEqual([]);

    free();
    expect((await drawbridge.run('add', server.url, '--id', 'there')).code).toBe(0);
    fill();
    await expect(drawbridge.signIn('there')).rejects.toThrow('cannot-save');
    expect(await account(drawbridge)).toMatchObject({
      state: 'needs-sign-in',
      problem: { code: 'cannot-save' },
    });

    free();
    await drawbridge.signIn('there');
    fill();
    const unsaved = await until(
      async () => {
        const now = await account(drawbridge);
        return now?.state === 'cannot-save' ? now : undefined;
      },
      15_000,
      'a renewal that cannot be saved',
    );
    expect(unsaved.problem?.hint).toContain('room');
    expect((await drawbridge.run('token', 'there')).code).toBe(0);

    free();
    await until(
      async () => ((await account(drawbridge))?.state === 'signed-in' ? true : undefined),
      20_000,
      'a saved grant',
    );
    await drawbridge.stop('SIGKILL');
    await drawbridge.start();
    await until(
      async () => ((await account(drawbridge))?.state === 'signed-in' ? true : undefined),
      10_000,
      'the grant after a crash',
    );
    expect((await drawbridge.run('token', 'there')).code).toBe(0);
    expect(
      signInService.count({ endpoint: 'token', grantType: 'authorization_code', status: 200 }),
    ).toBe(1);
  },
);
