/** Who the app is to Windows: what it says of itself, and what its installer says. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { APP_ID, introduceToWindows } from '../../electron/introduce-to-windows.ts';
import { beginAnew } from '../doubles/electron/control.ts';
import { life } from '../doubles/electron/life.ts';
import { endShell, runShell } from './running-shell.ts';

afterEach(endShell);

const root = path.resolve(import.meta.dirname, '../..');

it('is what the installer writes on the shortcut', () => {
  expect(readFileSync(path.join(root, 'electron-builder.yml'), 'utf8')).toContain(
    `\nappId: ${APP_ID}\n`,
  );
});

it('is said before Electron is ready, and what a click on a toast leads to comes first', async () => {
  life().isPackaged = true;
  const before = Object.getOwnPropertyDescriptor(process, 'platform') ?? {};
  Object.defineProperty(process, 'platform', { ...before, value: 'win32' });
  process.argv.push('--hidden');
  try {
    await runShell();
  } finally {
    process.argv.pop();
    Object.defineProperty(process, 'platform', before);
  }

  expect(life().toWindows).toEqual([
    {
      id: expect.stringMatching(/^\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}$/),
      wasReady: false,
    },
    { id: APP_ID, wasReady: false },
  ]);
  expect(life().errorBoxes).toEqual([]);
});

it.each([
  ['by a clone, which would take the toasts of an installed app', 'win32', false],
  ['to another system', 'linux', true],
] as const)('is not said %s', async (_what, platform, isPackaged) => {
  life().isPackaged = isPackaged;

  introduceToWindows(platform);

  expect(life().toWindows).toEqual([]);
  await beginAnew();
});
