/** Where Drawbridge keeps everything it keeps. */
import path from 'node:path';

/** `DRAWBRIDGE_DATA_DIR` when set, else the platform's place for a person's application data. */
export const dataFolderOf = (
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
  home: string,
): string => {
  const chosen = env['DRAWBRIDGE_DATA_DIR'];
  if (chosen !== undefined && chosen !== '') return path.resolve(chosen);
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support', 'Drawbridge');
  if (platform === 'win32') {
    return path.join(env['LOCALAPPDATA'] ?? path.join(home, 'AppData', 'Local'), 'Drawbridge');
  }
  return path.join(env['XDG_DATA_HOME'] ?? path.join(home, '.local', 'share'), 'drawbridge');
};
