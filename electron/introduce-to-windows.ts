/** Who this app is to Windows: the one whose shortcut the installer made. Toasts of anybody else may not show. */
import { app } from 'electron';

/** `appId` of electron-builder.yml, which the installer writes on the shortcut; `npm run package` compares them. */
export const APP_ID = 'dev.drawbridge.app';
/** By it Windows finds the program of a toast that is clicked. Without, Electron makes one up and leaves each in the registry. */
const TOAST_ACTIVATOR = '{A0ED2D07-2A2A-4319-AB41-432CF39E5AD6}';

/** Must run before the first notice, and in the package alone: a clone must not answer for an installed app. */
export const introduceToWindows = (platform: NodeJS.Platform = process.platform): void => {
  if (platform !== 'win32' || !app.isPackaged) return;
  app.setToastActivatorCLSID(TOAST_ACTIVATOR);
  app.setAppUserModelId(APP_ID);
};
