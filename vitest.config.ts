import path from 'node:path';
import { defineConfig } from 'vitest/config';

const root = import.meta.dirname;

export default defineConfig({
  test: {
    root,
    pool: 'forks',
    // One more than a small machine has cores: many tests wait for a moment to come.
    maxWorkers: 3,
    silent: 'passed-only',
    testTimeout: 20_000,
    hookTimeout: 30_000,
    teardownTimeout: 5_000,
    // A page on a busy machine takes its time; what never comes is told as surely.
    expect: { poll: { timeout: 10_000 } },
    env: {
      // Should the real electron package ever be loaded, it fails instead of downloading its binary.
      ELECTRON_OVERRIDE_DIST_PATH: path.join(root, '.cache', 'no-electron'),
      // Hundreds of processes are started that load the same modules: Node compiles them once.
      NODE_COMPILE_CACHE: path.join(root, '.cache', 'compiled'),
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'main',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['test/electron/**', 'test/renderer/**'],
        },
      },
      {
        extends: true,
        test: {
          name: 'renderer',
          // They keep nothing but in a page, so they may share a process, and a browser with it.
          isolate: false,
          include: ['test/renderer/**/*.test.{ts,tsx}'],
          globalSetup: ['test/setup/build-window.ts'],
          setupFiles: ['test/setup/skip-without-chromium.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'electron',
          include: ['test/electron/**/*.test.{ts,tsx}'],
          setupFiles: ['test/setup/skip-without-chromium.ts'],
          alias: { electron: path.join(root, 'test', 'doubles', 'electron', 'electron.ts') },
          // Inlined, so that its `import 'electron'` reaches the stand-in as well.
          server: { deps: { inline: ['electron-store'] } },
        },
      },
    ],
  },
});
