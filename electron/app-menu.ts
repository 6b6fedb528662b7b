/** The application menu: only what a platform needs for copy and paste to work, and to find the zoom. */
import { Menu, type MenuItemConstructorOptions } from 'electron';
import { strings } from './strings.ts';
import type { Zoom } from './zoom.ts';

/** macOS routes its shortcuts through the menu; elsewhere Electron's own menu would only offer developer tools. */
export const setAppMenu = (zoom: Zoom, platform: NodeJS.Platform = process.platform): void =>
  Menu.setApplicationMenu(
    platform === 'darwin'
      ? Menu.buildFromTemplate([
          { role: 'appMenu' },
          { role: 'editMenu' },
          viewMenu(zoom),
          { role: 'windowMenu' },
        ])
      : null,
  );

/** Not by Electron's roles for it, which know no limit and would not be remembered. */
const viewMenu = ({ change }: Zoom): MenuItemConstructorOptions => ({
  label: strings.view.title,
  submenu: [
    { label: strings.view.reset, accelerator: 'CommandOrControl+0', click: () => change('reset') },
    { label: strings.view.in, accelerator: 'CommandOrControl+Plus', click: () => change('in') },
    { label: strings.view.out, accelerator: 'CommandOrControl+-', click: () => change('out') },
  ],
});
