import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loginItem } from '../../electron/login-item.ts';
import { app } from '../doubles/electron/app.ts';
import { becomeReady, beginAnew } from '../doubles/electron/control.ts';
import { life } from '../doubles/electron/life.ts';

beforeEach(becomeReady);
afterEach(() => void vi.unstubAllEnvs());
afterEach(beginAnew);

const file = () => path.join(app.getPath('appData'), 'autostart', 'drawbridge.desktop');

describe('starting at login', () => {
  it('is not offered in a clone', () => {
    expect(loginItem()).toBeUndefined();
  });

  it.skipIf(process.platform !== 'linux')(
    'is off until the person turns it on, and off again',
    () => {
      life().isPackaged = true;
      const login = loginItem();

      expect(login?.isOn()).toBe(false);
      expect(existsSync(file())).toBe(false);
      login?.set(true);
      expect(login?.isOn()).toBe(true);
      expect(statSync(file()).mode & 0o777).toBe(0o600);
      login?.set(false);
      login?.set(false);
      expect(login?.isOn()).toBe(false);
    },
  );

  it.skipIf(process.platform !== 'linux')(
    'starts the app with its tray alone, whatever its path is made of',
    () => {
      life().isPackaged = true;
      vi.stubEnv('APPIMAGE', '/home/ada/My "Apps"/100% $HOME\\Drawbridge.AppImage');
      loginItem()?.set(true);

      const [, exec = ''] = /^Exec=(.*)$/m.exec(readFileSync(file(), 'utf8')) ?? [];
      // As the standard has a reader do it: first the escapes of values, then quotes as a shell does, then the fields.
      const command = exec.replaceAll('\\\\', '\\').replaceAll('%%', '%');
      const { stdout } = spawnSync('sh', ['-c', `printf '%s\\n' ${command}`], { encoding: 'utf8' });
      expect(stdout.split('\n')).toEqual([
        '/home/ada/My "Apps"/100% $HOME\\Drawbridge.AppImage',
        '--hidden',
        '',
      ]);
    },
  );

  it.skipIf(process.platform !== 'linux')(
    'follows an AppImage that lies elsewhere since an update',
    () => {
      life().isPackaged = true;
      vi.stubEnv('APPIMAGE', '/home/ada/Drawbridge-1.AppImage');
      loginItem()?.set(true);

      vi.stubEnv('APPIMAGE', '/home/ada/Drawbridge-2.AppImage');
      loginItem();

      expect(readFileSync(file(), 'utf8')).toContain('Drawbridge-2.AppImage');
    },
  );
});
