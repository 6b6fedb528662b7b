/** Starting with the person's session, with the tray alone. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { app } from 'electron';
import { launchAgain } from './launch.ts';

export interface LoginItem {
  readonly isOn: () => boolean;
  /** Throws what the system says against it. */
  readonly set: (on: boolean) => void;
}

/** Undefined where it would start something else than this app: a clone is no place to start from. */
export const loginItem = (): LoginItem | undefined => {
  if (!app.isPackaged) return undefined;
  return process.platform === 'linux' ? autostartFile() : ofTheSystem();
};

const ofTheSystem = (): LoginItem => {
  const { program, args } = launchAgain();
  const ours = process.platform === 'win32' ? { path: program, args } : {};
  return {
    isOn: () => app.getLoginItemSettings(ours).openAtLogin,
    set: (on) => app.setLoginItemSettings({ ...ours, openAtLogin: on }),
  };
};

/** Electron does nothing on Linux, where desktops agree on a file. */
const autostartFile = (): LoginItem => {
  const file = path.join(app.getPath('appData'), 'autostart', 'drawbridge.desktop');
  const write = (): void => {
    const { program, args } = launchAgain();
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, entry([program, ...args].map(quoted).join(' ')), { mode: 0o600 });
  };
  // An AppImage that was updated may lie elsewhere now.
  if (existsSync(file)) write();
  return {
    isOn: () => existsSync(file),
    set: (on) => (on ? write() : rmSync(file, { force: true })),
  };
};

const entry = (command: string): string => `[Desktop Entry]
Type=Application
Name=Drawbridge
Exec=${command}
Terminal=false
X-GNOME-Autostart-enabled=true
`;

/** Quoted for the command, then escaped as any value of such a file is, and no `%` is a field of it. */
const quoted = (word: string): string =>
  `"${word.replaceAll(/["`$\\]/g, '\\$&')}"`.replaceAll('\\', '\\\\').replaceAll('%', '%%');
