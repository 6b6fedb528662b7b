/** The doubles of what belongs to the system: network, power, other programs, dialogs. */
import { EventEmitter } from 'node:events';
import { life } from './life.ts';

export const net = { isOnline: (): boolean => life().online };

export const powerMonitor = new EventEmitter();

/** A dark or a light desktop, as a test says. */
export const nativeTheme = Object.assign(new EventEmitter(), {
  shouldUseDarkColors: false,
  shouldUseDarkColorsForSystemIntegratedUI: false,
});

export const clipboard = {
  writeText: (text: string): void => {
    life().clipboard = text;
  },
};

export const ipcMain = new EventEmitter();

export const shell = {
  openExternal: async (address: string): Promise<void> => void life().opened.push(address),
  openPath: async (_file: string): Promise<string> => '',
};

export const dialog = {
  showErrorBox: (title: string, content: string): void =>
    void life().errorBoxes.push({ title, content }),
};
