// `npm run package`: packs the desktop app with electron-builder, then reads back what it packed.
// Where Electron's binary cannot be had, it packs around a stand-in for every platform: that proves the layout, never that it
// starts. `npm run package -- --installers` makes what people install, for this platform, and needs the binary.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fetchElectron, installedElectron } from './electron-binary.cjs';
import { root } from './host.cjs';
import { readBack } from './packed.mjs';
import { makeStandIn } from './stand-in-electron.mjs';

const require = createRequire(import.meta.url);
const electronVersion = require('electron/package.json').version;
const flags = { linux: '--linux', darwin: '--mac', win32: '--win' };

const installers = process.argv.includes('--installers');
const real =
  process.env.CI && !installers
    ? installedElectron()
    : (installedElectron() ?? fetchElectron(process.execPath, console.log));
if (installers && !real) {
  console.error("Electron's binary is not available here, and nothing can be installed without it");
  process.exit(1);
}

run([path.join(root, 'tools', 'build.mjs'), '--quiet'], 'the build failed');
if (!real) console.log("Electron's binary is not available here: packing around stand-ins");
let failed = false;
for (const platform of real ? [process.platform] : Object.keys(flags)) {
  const output = path.join(root, 'release', ...(real ? [] : ['stand-in', platform]));
  fs.rmSync(output, { recursive: true, force: true });
  pack(platform, output);
  for (const { ok, what } of await readBack(output, platform, { installers })) {
    console.log(`${ok ? 'ok      ' : 'WRONG   '}${platform}: ${what}`);
    failed ||= !ok;
  }
}
if (failed) process.exitCode = 1;
if (!real) console.log('not proved: that the packed app starts, because its program is a stand-in');

function pack(platform, output) {
  const standIn = path.join(root, '.cache', 'stand-in-electron', platform);
  const electron = real ? electronFolder() : makeStandIn(standIn, platform, electronVersion);
  run(
    [
      path.join(root, 'node_modules', 'electron-builder', 'cli.js'),
      flags[platform],
      ...(installers ? settings() : ['--dir']),
      '--publish=never',
      `-c.directories.output=${output}`,
      `-c.electronVersion=${electronVersion}`,
      `-c.electronDist=${electron}`,
    ],
    `electron-builder failed for ${platform}`,
  );
}

/** What only who publishes knows: where the project is at home, and where its new versions are and who signs them. */
function settings() {
  const { DRAWBRIDGE_HOMEPAGE, DRAWBRIDGE_MAINTAINER } = process.env;
  const { DRAWBRIDGE_UPDATE_FEED, DRAWBRIDGE_UPDATE_KEY } = process.env;
  const given = {
    'extraMetadata.homepage': DRAWBRIDGE_HOMEPAGE,
    'linux.maintainer': DRAWBRIDGE_MAINTAINER,
    'extraMetadata.updates.feed': DRAWBRIDGE_UPDATE_FEED,
    'extraMetadata.updates.key': DRAWBRIDGE_UPDATE_KEY,
  };
  return Object.entries(given).flatMap(([name, value]) => (value ? [`-c.${name}=${value}`] : []));
}

function run(args, failure) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    // A secret that a workflow does not have comes as an empty variable, which signing would take for one.
    env: Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== '')),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (status === 0) return;
  console.error(`${stdout}${stderr}\n${failure}: see above`);
  process.exit(1);
}

function electronFolder() {
  const elsewhere = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  return elsewhere ?? path.join(root, 'node_modules', 'electron', 'dist');
}
