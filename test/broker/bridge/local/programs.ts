/** Programs for tests of local servers: what runs them, and which of them still run. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AddLocalServer } from '../../../../shared/contract/local-server.ts';

const servers = fileURLToPath(new URL('../../../servers', import.meta.url));

export type Wish = AddLocalServer['command'];

const script = (file: string, ...args: string[]): Wish => ({
  program: process.execPath,
  args: [file, ...args],
  env: {},
  processes: 'own',
});

/** The official "everything" server, of the legacy era. */
export const everything = script(
  fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-everything/dist/index.js')),
  'stdio',
);
export const bothEras = script(path.join(servers, 'stdio-program.ts'), 'both');
export const modernOnly = script(path.join(servers, 'stdio-program.ts'), 'modern');
export const odd = (habit = 'none', ...args: string[]): Wish =>
  script(path.join(servers, 'odd-program.ts'), habit, ...args);

/** The processes whose command line has this word in it. */
export const pidsWith = (word: string): number[] => {
  try {
    return execFileSync('pgrep', ['-f', '--', word]).toString().trim().split('\n').map(Number);
  } catch {
    // It ends with 1 when there is none.
    return [];
  }
};

export const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
