/** Which picture stands for a state of the tray, in the tone that can be seen where it stands? */
import path from 'node:path';
import { nativeImage, nativeTheme } from 'electron';
import type { TrayModel } from '../shared/tray-model.ts';

/** `folder` is what `tools/tray-icons.mjs` writes into; Electron finds the larger ones beside the file by itself. */
export const trayIcon = (
  folder: string,
  { icon, count }: Pick<TrayModel, 'icon' | 'count'>,
  platform: NodeJS.Platform = process.platform,
  desktop: string = process.env['XDG_CURRENT_DESKTOP'] ?? '',
): Electron.NativeImage => {
  if (platform === 'darwin') {
    const image = nativeImage.createFromPath(path.join(folder, 'template', `${icon}.png`));
    // macOS colours it for its menu bar, and has room for the number beside it.
    image.setTemplateImage(true);
    return image;
  }
  const tone = isOnDark(platform, desktop) ? 'light' : 'dark';
  const set = platform === 'linux' ? `${tone}-22` : tone;
  const number = count > 9 ? 'many' : String(count);
  const name = icon === 'needs-you' && count > 0 ? `${icon}-${number}` : icon;
  return nativeImage.createFromPath(path.join(folder, set, `${name}.png`));
};

const isOnDark = (platform: NodeJS.Platform, desktop: string): boolean => {
  // The taskbar has a theme of its own there, and the panel of GNOME is dark whatever the theme.
  if (platform === 'win32') return nativeTheme.shouldUseDarkColorsForSystemIntegratedUI;
  return /gnome|unity/i.test(desktop) || nativeTheme.shouldUseDarkColors;
};
