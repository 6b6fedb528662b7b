/** The application menu: only what a platform needs for copy and paste to work. */
import { Menu } from 'electron';

/** macOS routes its shortcuts through the menu; elsewhere Electron's own menu would only offer developer tools. */
export const setAppMenu = (): void =>
  Menu.setApplicationMenu(
    process.platform === 'darwin'
      ? Menu.buildFromTemplate([{ role: 'appMenu' }, { role: 'editMenu' }, { role: 'windowMenu' }])
      : null,
  );
