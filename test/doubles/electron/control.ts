/** How a test plays Electron, the system and the person. */
import { app } from './app.ts';
import { life, replaceLife } from './life.ts';
import { defaultSession, handlers } from './session.ts';
import { ipcMain, nativeTheme, powerMonitor } from './system.ts';
import { faceOf } from './tray.ts';

/** Ends the pretended program and everything it left behind, and begins another that is not ready yet. */
export const beginAnew = async (): Promise<void> => {
  await replaceLife();
  for (const emitter of [app, ipcMain, nativeTheme, powerMonitor, defaultSession])
    emitter.removeAllListeners();
  Object.assign(nativeTheme, {
    shouldUseDarkColors: false,
    shouldUseDarkColorsForSystemIntegratedUI: false,
  });
  Object.assign(handlers, {
    request: null,
    check: null,
    device: null,
    beforeRequest: null,
    spellChecker: true,
  });
};

/** Electron is up. */
export const becomeReady = (): void => {
  life().becomeReady();
  app.emit('ready', {});
};

/** What the tray's menu says, line by line; a separator is `---`. */
export const trayLabels = (): string[] =>
  trayMenu().map(({ type, label }) => (type === 'separator' ? '---' : label));

/** The person chooses a line of the tray's menu, or of the submenus that lead to it. */
export const chooseInTray = (label: string, ...within: string[]): void => {
  let items = trayMenu();
  for (const menu of within)
    items = items.find((candidate) => candidate.label === menu)?.submenu?.items ?? [];
  const item = items.find((candidate) => candidate.label === label);
  if (item === undefined) throw new Error(`no ${label} among ${trayLabels().join(', ')}`);
  if (!item.enabled) throw new Error(`${label} is greyed out`);
  item.click();
};

export const theTray = () => {
  const tray = life().trays.at(-1);
  if (tray === undefined) throw new Error('there is no tray');
  return tray;
};

const trayMenu = () => faceOf(theTray()).menu?.items ?? [];
