// `npm run dev`: rebuilds on every change, and restarts the daemon when its own code changed.
// The window is served by the daemon, under the same rules as in the product: reload the page to see a change.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { context } from 'esbuild';
import { buildWindow, bundles, howToBundle, removeOldParts } from './build.mjs';

const root = path.dirname(import.meta.dirname);
const cli = path.join(root, 'dist', 'cli', 'drawbridge.mjs');
const args = process.argv.slice(2);

let daemon;
let opened = false;
let starting = Promise.resolve();

await buildWindow({ build: { watch: {} }, logLevel: 'info' });
for (const row of bundles) {
  if (row.entry.startsWith('electron/')) continue;
  const first = row.output === 'cli/drawbridge.mjs';
  await watch(row, first ? restart : () => {});
}

process.on('SIGINT', () => void end());
process.on('SIGTERM', () => void end());

async function watch(row, then) {
  const told = {
    name: 'told',
    setup(build) {
      build.onEnd(({ errors, metafile }) => {
        for (const { text, location } of errors) {
          console.error(`${location ? `${location.file}:${location.line}: ` : ''}${text}`);
        }
        if (errors.length > 0) return;
        if (row.inParts) removeOldParts(row.output, metafile);
        then();
      });
    },
  };
  const watching = await context({ ...howToBundle(row), plugins: [told] });
  await watching.watch();
}

// One restart after another: two daemons would fight over the data folder.
function restart() {
  starting = starting.then(async () => {
    await stop();
    const serve = ['serve', ...(opened ? [] : ['--open']), ...args];
    opened = true;
    daemon = spawn(process.execPath, ['--enable-source-maps', cli, ...serve], {
      cwd: root,
      stdio: 'inherit',
    });
  });
}

async function stop() {
  const old = daemon;
  if (!old || old.exitCode !== null || old.signalCode !== null) return;
  await new Promise((resolve) => {
    old.once('exit', resolve);
    old.kill('SIGTERM');
  });
}

async function end() {
  await starting;
  await stop();
  process.exit(0);
}
