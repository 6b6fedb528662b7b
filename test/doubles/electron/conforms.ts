/** Fails the type check when a double has a member that Electron does not. Nothing here runs. */
import type * as real from 'electron';
import type * as double from './electron.ts';

type Same<D extends object, R extends object> = Exclude<keyof D, keyof R>;
type Nothing<T extends never> = T;

type Double = Omit<typeof double, 'default'>;
type Real = typeof real;

export type Checks = [
  Nothing<Same<Double, Real>>,
  Nothing<Same<Double['app'], Electron.App>>,
  Nothing<Same<InstanceType<Double['BrowserWindow']>, Electron.BrowserWindow>>,
  Nothing<Same<InstanceType<Double['BrowserWindow']>['webContents'], Electron.WebContents>>,
  Nothing<Same<Double['clipboard'], Electron.Clipboard>>,
  Nothing<Same<Double['nativeTheme'], Electron.NativeTheme>>,
  Nothing<Same<Double['dialog'], Electron.Dialog>>,
  Nothing<Same<Double['ipcMain'], Electron.IpcMain>>,
  Nothing<Same<Double['Menu'], typeof Electron.Menu>>,
  Nothing<Same<InstanceType<Double['Menu']>, Electron.Menu>>,
  Nothing<Same<InstanceType<Double['MenuItem']>, Electron.MenuItem>>,
  Nothing<Same<Double['nativeImage'], typeof Electron.NativeImage>>,
  Nothing<Same<InstanceType<Double['nativeImage']>, Electron.NativeImage>>,
  Nothing<Same<Double['net'], Electron.Net>>,
  Nothing<Same<Double['Notification'], typeof Electron.Notification>>,
  Nothing<Same<InstanceType<Double['Notification']>, Electron.Notification>>,
  Nothing<Same<Double['powerMonitor'], Electron.PowerMonitor>>,
  Nothing<Same<Double['protocol'], Electron.Protocol>>,
  Nothing<Same<Double['session'], typeof Electron.Session>>,
  Nothing<Same<Double['session']['defaultSession'], Electron.Session>>,
  Nothing<Same<Double['shell'], Electron.Shell>>,
  Nothing<Same<Double['Tray'], typeof Electron.Tray>>,
  Nothing<Same<InstanceType<Double['Tray']>, Electron.Tray>>,
  Nothing<Same<Double['utilityProcess'], typeof Electron.UtilityProcess>>,
  Nothing<Same<InstanceType<Double['utilityProcess']>, Electron.UtilityProcess>>,
];
