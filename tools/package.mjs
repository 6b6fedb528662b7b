// `npm run package`: packs the desktop app with electron-builder, then reads back what it packed.
// Where Electron's binary cannot be had, it packs around a stand-in: that proves the layout, never that it starts.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { extractFile, listPackage, statFile } from '@electron/asar';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { fetchElectron, installedElectron } from './electron-binary.cjs';
import { root } from './host.cjs';

const require = createRequire(import.meta.url);
const manifest = require('../package.json');
const electronVersion = require('electron/package.json').version;

const real = process.env.CI
  ? installedElectron()
  : (installedElectron() ?? fetchElectron(process.execPath, console.log));
const output = path.join(root, 'release', real ? '' : 'stand-in');

run([path.join(root, 'tools', 'build.mjs'), '--quiet'], 'the build failed');
fs.rmSync(output, { recursive: true, force: true });
if (!real) console.log("Electron's binary is not available here: packing around a stand-in");
run(
  [
    path.join(root, 'node_modules', 'electron-builder', 'cli.js'),
    ...(real ? [] : ['--linux']),
    '--dir',
    '--publish=never',
    `-c.directories.output=${output}`,
    `-c.electronVersion=${electronVersion}`,
    `-c.electronDist=${real ? electronFolder() : makeStandIn()}`,
  ],
  'electron-builder failed',
);

const findings = [...(await checkFuses()), ...checkArchive()];
for (const { ok, what } of findings) console.log(`${ok ? 'ok      ' : 'WRONG   '}${what}`);
if (findings.some(({ ok }) => !ok)) process.exitCode = 1;
if (!real) console.log('not proved: that the packed app starts, because its program is a stand-in');

function run(args, failure) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
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

// What electron-builder looks for in an Electron folder: names, and a program with a fuse wire to flip.
function makeStandIn() {
  const folder = path.join(root, '.cache', 'stand-in-electron');
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(path.join(folder, 'resources'), { recursive: true });
  fs.mkdirSync(path.join(folder, 'locales'), { recursive: true });
  // Fuse wire version 1 with nine fuses, in the state in which Electron ships them.
  const wire = Buffer.concat([Buffer.from([1, 9]), Buffer.from('101100110')]);
  const sentinel = Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX');
  const elf = Buffer.from('7f454c46', 'hex');
  const program = [elf, Buffer.alloc(4096), sentinel, wire, Buffer.alloc(4096)];
  fs.writeFileSync(path.join(folder, 'electron'), Buffer.concat(program), { mode: 0o755 });
  const rest = ['chrome_crashpad_handler', 'chrome-sandbox', 'icudtl.dat', 'LICENSE'];
  rest.push('LICENSES.chromium.html', 'resources.pak', 'v8_context_snapshot.bin');
  rest.push('snapshot_blob.bin', 'locales/en-US.pak');
  for (const name of rest) fs.writeFileSync(path.join(folder, name), 'stand-in');
  fs.writeFileSync(path.join(folder, 'version'), electronVersion);
  return folder;
}

async function checkFuses() {
  const wanted = {
    RunAsNode: false,
    EnableNodeOptionsEnvironmentVariable: false,
    EnableNodeCliInspectArguments: false,
    EnableEmbeddedAsarIntegrityValidation: true,
    OnlyLoadAppFromAsar: true,
    GrantFileProtocolExtraPrivileges: false,
  };
  const wire = await getCurrentFuseWire(packedProgram());
  return Object.entries(wanted).map(([name, on]) => ({
    ok: wire[FuseV1Options[name]] === (on ? FuseState.ENABLE : FuseState.DISABLE),
    what: `fuse ${name} is ${on ? 'on' : 'off'}`,
  }));
}

function checkArchive() {
  const resources = packedResources();
  const archive = path.join(resources, 'app.asar');
  const names = new Set(listPackage(archive).map((name) => name.replaceAll('\\', '/').slice(1)));
  const packed = JSON.parse(extractFile(archive, 'package.json').toString());
  const has = (name) => ({ ok: names.has(name), what: `app.asar has ${name}` });
  const modules = Object.keys(manifest.dependencies).map((name) => `node_modules/${name}`);
  const native = [...names].filter((name) => name.endsWith('.node'));
  const strays = [...names].filter(
    (name) =>
      /^(test|tools|docs|bin|broker|cli|shared)(\/|$)/.test(name) ||
      /^dist\/.*\.map$/.test(name) ||
      /^node_modules\/(electron|node-|typescript|vite|oidc-provider)(\/|$)/.test(name),
  );
  return [
    { ok: packed.main === manifest.main, what: `app.asar starts with ${packed.main}` },
    ...[
      manifest.main,
      'dist/electron/preload.cjs',
      'dist/keychain-child.cjs',
      'dist/renderer/index.html',
    ].map(has),
    {
      ok: modules.every((name) => names.has(`${name}/package.json`)),
      what: `app.asar has all ${modules.length} runtime dependencies`,
    },
    {
      ok: strays.length === 0,
      what: `app.asar has no sources, tests, maps or tools${strays.map((name) => `\n  ${name}`).join('')}`,
    },
    {
      ok: native.length > 0 && native.every((name) => statFile(archive, name).unpacked),
      what: `native code is unpacked: ${native.map((name) => path.basename(name)).join(', ')}`,
    },
    ...native.map((name) => ({
      ok: loads(path.join(resources, 'app.asar.unpacked', name)),
      what: `${path.basename(name)} loads`,
    })),
    { ok: fs.existsSync(path.join(resources, 'shim.cjs')), what: 'shim.cjs lies beside app.asar' },
  ];
}

function loads(file) {
  try {
    require(file);
    return true;
  } catch (error) {
    console.error(error.message);
    return false;
  }
}

function packedFolder() {
  const [name] = fs.readdirSync(output).filter((each) => /unpacked$|^mac/.test(each));
  return path.join(output, name);
}

function packedProgram() {
  // The stand-in is packed for Linux wherever this runs.
  const platform = real ? process.platform : 'linux';
  const program = { darwin: 'Drawbridge.app', win32: 'Drawbridge.exe' }[platform] ?? manifest.name;
  return path.join(packedFolder(), program);
}

function packedResources() {
  const inside =
    real && process.platform === 'darwin'
      ? ['Drawbridge.app', 'Contents', 'Resources']
      : ['resources'];
  return path.join(packedFolder(), ...inside);
}
