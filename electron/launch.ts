/** How this app is started again for an AI client that finds none: with the tray alone. */
import { app } from 'electron';

const HIDDEN = '--hidden';

/** Whether nobody asked for the window. */
export const startsHidden = (): boolean =>
  process.argv.includes(HIDDEN) ||
  // macOS starts it without arguments.
  (process.platform === 'darwin' && app.getLoginItemSettings().wasOpenedAtLogin);

export const launchAgain = () => ({
  // An AppImage runs from a mount that goes with it.
  program: process.env['APPIMAGE'] ?? process.execPath,
  args: app.isPackaged ? [HIDDEN] : [app.getAppPath(), HIDDEN],
});
