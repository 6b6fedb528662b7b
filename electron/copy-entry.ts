/** Puts on the clipboard what `drawbridge connect --for` prints, and says where it belongs. */
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { clipboard, Notification } from 'electron';
import { aiClients, anyClient } from '../shared/ai-clients.ts';
import { ALL_ENTRY, ALL_SERVERS, entryName } from '../shared/contract/ids.ts';
import type { CopiedEntry } from '../shared/tray-items.ts';

interface CopyParts {
  /** The shim, as a file of its own. */
  readonly shim: string;
  readonly env: NodeJS.ProcessEnv;
}

export const createCopyEntry =
  ({ shim, env }: CopyParts) =>
  ({ aiClient: name, server }: CopiedEntry): void => {
    const aiClient = (name === undefined ? undefined : aiClients[name]) ?? anyClient;
    const dataFolder = env['DRAWBRIDGE_DATA_DIR'];
    const entry = {
      command: findNode(env),
      args: [shim, server ?? ALL_SERVERS],
      ...(dataFolder === undefined ? {} : { env: { DRAWBRIDGE_DATA_DIR: dataFolder } }),
    };
    const text = aiClient.text(server === undefined ? ALL_ENTRY : entryName(server), entry);
    void Promise.resolve(clipboard.writeText(text)).then(
      () => tell('Copied', sentence(aiClient.put)),
      () => tell('Nothing was copied', 'The clipboard did not take it: try again.'),
    );
  };

const tell = (title: string, body: string): void => {
  if (Notification.isSupported()) new Notification({ title, body }).show();
};

/** Beside what the desktop was started with, which on macOS is hardly anything. */
const usualFolders = ['/usr/local/bin', '/opt/homebrew/bin', '/usr/bin'];

/**
 * The full path of Node: an AI client has a PATH of its own, and Electron itself may not run scripts here. Its bare name
 * where there is none to be found.
 */
const findNode = (env: NodeJS.ProcessEnv): string => {
  const file = process.platform === 'win32' ? 'node.exe' : 'node';
  const folders = [...(env['PATH'] ?? '').split(path.delimiter), ...usualFolders];
  return (
    folders
      .filter((folder) => path.isAbsolute(folder))
      .map((folder) => path.join(folder, file))
      .find(isProgram) ?? 'node'
  );
};

const isProgram = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Not there, or not for us to run.
    return false;
  }
};

/** "put this into x:" as a sentence. */
const sentence = (put: string): string =>
  `${put.charAt(0).toUpperCase()}${put.slice(1).replace(/:$/, '')}.`;
