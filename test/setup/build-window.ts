/** Builds the window as it is now, once for all tests that look at it. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the built window is. */
    windowFolder: string;
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** In a folder of its own, with the way to take it away again. */
export const buildWindow = async (
  config = 'renderer/vite.config.ts',
): Promise<{ folder: string; remove: () => Promise<void> }> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'drawbridge-window-'));
  const vite = 'node_modules/vite/bin/vite.js';
  const args = [vite, 'build', '--config', config, '--outDir', folder];
  // In a process of its own: under Vitest, NODE_ENV=test would make it a development build.
  const env = { ...process.env, NODE_ENV: 'production' };
  await promisify(execFile)(process.execPath, args, { cwd: root, env });
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
};

export default async (project: TestProject): Promise<() => Promise<void>> => {
  const { folder, remove } = await buildWindow();
  project.provide('windowFolder', folder);
  return remove;
};
