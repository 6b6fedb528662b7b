/**
 * A stand-in for the `electron` module, for tests of the shell on machines that cannot have the binary.
 *
 * It holds only what Drawbridge uses; `conforms.ts` keeps it from holding what Electron does not have.
 */
import { app } from './app.ts';
import { BrowserWindow } from './browser-window.ts';
import { NativeImage } from './image.ts';
import { Menu, MenuItem } from './menu.ts';
import { Notification } from './notification.ts';
import { protocol } from './protocol.ts';
import { session } from './session.ts';
import { clipboard, dialog, ipcMain, nativeTheme, net, powerMonitor, shell } from './system.ts';
import { Tray } from './tray.ts';
import { UtilityProcess } from './utility-process.ts';

const electron = {
  app,
  BrowserWindow,
  clipboard,
  dialog,
  ipcMain,
  Menu,
  MenuItem,
  nativeImage: NativeImage,
  nativeTheme,
  net,
  Notification,
  powerMonitor,
  protocol,
  session,
  shell,
  Tray,
  utilityProcess: UtilityProcess,
};

export default electron;
export {
  app,
  BrowserWindow,
  clipboard,
  dialog,
  ipcMain,
  Menu,
  MenuItem,
  NativeImage as nativeImage,
  Notification,
  nativeTheme,
  net,
  powerMonitor,
  protocol,
  session,
  shell,
  Tray,
  UtilityProcess as utilityProcess,
};
