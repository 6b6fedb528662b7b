/** The settings with everything that can be in them: in the app, with a network of a company, a door and secrets. */
import type { ShellView } from '../../shared/contract/shell.ts';
import { networkSet, verifiedDoor } from './scenes.ts';
import { inApp, type OpenWindow } from './window.ts';

export const ownApp: ShellView = {
  ...{ startAtLogin: true, startHidden: false },
  notices: { on: true, quietAbout: ['back'] },
  updates: { wanted: true, state: 'idle' },
};

/** Loads the page anew. */
export const everySetting = async ({ page, drawbridge }: OpenWindow): Promise<void> => {
  drawbridge.on('preferences', networkSet);
  drawbridge.on('door', verifiedDoor);
  drawbridge.on('secrets', () => ({ names: ['SEARCH_KEY'] }));
  await inApp(page, ownApp);
};
