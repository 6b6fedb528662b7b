/** The service of systemd or launchd: what is written, what is run, and what is left. */
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { launchd } from '../../cli/service/launchd.ts';
import { systemd } from '../../cli/service/systemd.ts';
import { runToEnd } from '../scenarios/running-drawbridge.ts';
import { isOnPath } from '../servers/on-path.ts';
import { createDesk, type Desk } from './commands.ts';

const odd = {
  command: ['/opt/my node', '/home/ada/a "b"/100% $HOME\\x.mjs', 'serve', '--supervised'],
  variables: { DRAWBRIDGE_DATA_DIR: '/home/ada/<data> & more' },
};
const onLinux = process.platform === 'linux';

/** A system whose `systemctl` only writes down what it was asked. */
const withSystemctl = async ({ dataFolder, env }: Desk, exitCode = 0) => {
  const bin = path.join(dataFolder, 'bin');
  const asked = path.join(dataFolder, 'asked');
  await mkdir(bin);
  const program = path.join(bin, 'systemctl');
  await writeFile(program, `#!/bin/sh\necho "$*" >> '${asked}'\nexit ${exitCode}\n`);
  await chmod(program, 0o755);
  const surroundings = {
    ...env,
    PATH: `${bin}${path.delimiter}${env['PATH'] ?? ''}`,
    XDG_CONFIG_HOME: path.join(dataFolder, 'config'),
  };
  return {
    unit: path.join(dataFolder, 'config', 'systemd', 'user', 'drawbridge.service'),
    asked: async () => (await readFile(asked, 'utf8').catch(() => '')).split('\n').filter(Boolean),
    service: (...args: string[]) => runToEnd(surroundings, ['service', ...args]),
  };
};

describe.skipIf(!onLinux)('drawbridge service', () => {
  it('prints what it would write, and writes nothing', async () => {
    await using desk = await createDesk();
    const { service, unit, asked } = await withSystemctl(desk);

    const { code, stdout } = await service('print', '--port', '7777');

    expect(code).toBe(0);
    expect(stdout).toContain('"serve" "--supervised" "--port" "7777"');
    expect(stdout).toContain(`Environment="DRAWBRIDGE_DATA_DIR=${desk.dataFolder}"`);
    expect(await asked()).toEqual([]);
    await expect(stat(unit)).rejects.toThrow('ENOENT');
  });

  it('installs what it prints, starts it, and takes it away again', async () => {
    await using desk = await createDesk();
    const { service, unit, asked } = await withSystemctl(desk);
    const { stdout } = await service('print');

    expect((await service('install')).code).toBe(0);
    expect(await readFile(unit, 'utf8')).toBe(stdout);
    expect(await asked()).toEqual([
      '--user daemon-reload',
      '--user enable --now drawbridge.service',
    ]);

    expect((await service('remove')).code).toBe(0);
    expect((await asked()).at(-1)).toBe('--user disable --now drawbridge.service');
    await expect(stat(unit)).rejects.toThrow('ENOENT');
    const again = await service('remove');
    expect(again.code).not.toBe(0);
    expect(again.stderr).toContain('there is no service');
  });

  it('says what to run by hand when it cannot be started', async () => {
    await using desk = await createDesk();
    const { service, unit } = await withSystemctl(desk, 1);

    const { code, stderr } = await service('install');

    expect(code).not.toBe(0);
    expect(stderr).toContain(unit);
    expect(stderr).toContain('systemctl --user daemon-reload && systemctl --user enable --now');
  });

  it.each([['restart'], ['__proto__']])('knows no %s', async (deed) => {
    await using desk = await createDesk();
    const { service } = await withSystemctl(desk);
    const { stderr } = await service(deed);
    expect(stderr).toContain('install, remove or print');
  });
});

describe('what is written', () => {
  it('is not read by systemd as anything but what it is', () => {
    const text = systemd.text(odd);
    expect(text).toContain('ExecStart="/opt/my node" "/home/ada/a \\"b\\"/100%% $$HOME\\\\x.mjs"');
    expect(text).toContain('Environment="DRAWBRIDGE_DATA_DIR=/home/ada/<data> & more"');
  });

  it.skipIf(!isOnPath('systemd-analyze'))('has no fault that systemd finds', async () => {
    await using desk = await createDesk();
    const file = path.join(desk.dataFolder, 'drawbridge.service');
    await writeFile(file, systemd.text({ ...odd, command: [process.execPath, 'serve'] }));
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--user', file], {
      encoding: 'utf8',
      env: { ...process.env, XDG_RUNTIME_DIR: desk.dataFolder },
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it('is not read by launchd as anything but what it is', () => {
    const text = launchd.text(odd);
    expect(text).toContain('<string>/home/ada/&lt;data&gt; &amp; more</string>');
    expect(text).toContain('<string>/home/ada/a "b"/100% $HOME\\x.mjs</string>');
    expect(launchd.file({ home: '/Users/ada', user: 501, env: {} })).toBe(
      '/Users/ada/Library/LaunchAgents/dev.drawbridge.serve.plist',
    );
    expect(launchd.start({ home: '/Users/ada', user: 501, env: {} }, 'f')).toEqual([
      ['launchctl', 'bootstrap', 'gui/501', 'f'],
    ]);
  });
});
