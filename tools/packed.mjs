// Reads back what electron-builder packed for one platform: fuses, archive, native code, checksums, links.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { extractFile, getRawHeader, listPackage, statFile } from '@electron/asar';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { NtExecutable, NtExecutableResource } from 'resedit';

const require = createRequire(import.meta.url);
const manifest = require('../package.json');

const layouts = {
  linux: { folder: /^linux.*unpacked$/, program: 'drawbridge', resources: 'resources' },
  win32: { folder: /^win.*unpacked$/, program: 'Drawbridge.exe', resources: 'resources' },
  darwin: {
    folder: /^mac/,
    program: 'Drawbridge.app',
    resources: 'Drawbridge.app/Contents/Resources',
  },
};

/** What holds of the package in `output`, a row each. Native code is tried where it is this machine's. */
export async function readBack(output, platform, { installers }) {
  const layout = layouts[platform];
  const folder = fs.readdirSync(output).find((name) => layout.folder.test(name));
  if (folder === undefined) return [{ ok: false, what: `${output} holds no package` }];
  const packed = {
    program: path.join(output, folder, layout.program),
    resources: path.join(output, folder, layout.resources),
  };
  const archive = path.join(packed.resources, 'app.asar');
  return [
    ...(await fuses(packed)),
    ...contents(archive),
    ...native(archive, packed, platform === process.platform),
    ...beside(packed, ['shim.cjs', ...(installers ? ['app-update.yml'] : [])]),
    ...(platform === 'darwin' ? appleFacts(packed, archive) : []),
    ...(platform === 'win32' ? windowsFacts(packed, archive) : []),
  ];
}

async function fuses({ program }) {
  const wanted = {
    RunAsNode: false,
    EnableNodeOptionsEnvironmentVariable: false,
    EnableNodeCliInspectArguments: false,
    EnableEmbeddedAsarIntegrityValidation: true,
    OnlyLoadAppFromAsar: true,
    GrantFileProtocolExtraPrivileges: false,
  };
  const wire = await getCurrentFuseWire(program);
  return Object.entries(wanted).map(([name, on]) => ({
    ok: wire[FuseV1Options[name]] === (on ? FuseState.ENABLE : FuseState.DISABLE),
    what: `fuse ${name} is ${on ? 'on' : 'off'}`,
  }));
}

const namesIn = (archive) =>
  listPackage(archive).map((name) => name.replaceAll('\\', '/').slice(1));

function contents(archive) {
  const names = new Set(namesIn(archive));
  const packed = JSON.parse(extractFile(archive, 'package.json').toString());
  const has = (name) => ({ ok: names.has(name), what: `app.asar has ${name}` });
  const modules = Object.keys(manifest.dependencies).map((name) => `node_modules/${name}`);
  const needed = ['dist/electron/preload.cjs', 'dist/keychain-child.cjs'];
  needed.push('dist/renderer/index.html');
  const unpictured = trayIcons().filter((name) => !names.has(`dist/assets/tray/${name}`));
  const strays = [...names].filter(
    (name) =>
      /^(test|tools|docs|bin|broker|cli|shared|packaging|assets)(\/|$)/.test(name) ||
      /^dist\/.*\.map$/.test(name) ||
      /^node_modules\/(electron|node-|typescript|vite|oidc-provider)(\/|$)/.test(name),
  );
  return [
    { ok: packed.main === manifest.main, what: `app.asar starts with ${packed.main}` },
    ...[manifest.main, ...needed].map(has),
    {
      ok: unpictured.length === 0,
      what: `app.asar has the tray's icons${unpictured.map((name) => `\n  not ${name}`).join('')}`,
    },
    {
      ok: modules.every((name) => names.has(`${name}/package.json`)),
      what: `app.asar has all ${modules.length} runtime dependencies`,
    },
    {
      ok: strays.length === 0,
      what: `app.asar has no sources, tests, maps or tools${strays.map((name) => `\n  ${name}`).join('')}`,
    },
  ];
}

/** Each state in each tone that a system asks for, and whatever else was drawn: numbers, and sizes for sharper screens. */
function trayIcons() {
  const folder = path.join(import.meta.dirname, '..', 'assets', 'tray');
  const drawn = fs
    .readdirSync(folder, { recursive: true })
    .map((name) => name.replaceAll('\\', '/'));
  const asked = ['template', 'light', 'dark', 'light-22', 'dark-22'].flatMap((tone) =>
    ['well', 'renewing', 'needs-you', 'offline', 'paused'].map((state) => `${tone}/${state}.png`),
  );
  return [...new Set([...asked, ...drawn.filter((name) => name.endsWith('.png'))])];
}

function native(archive, { resources }, isHere) {
  const names = namesIn(archive).filter((name) => name.endsWith('.node'));
  return [
    {
      ok: names.length > 0 && names.every((name) => statFile(archive, name).unpacked),
      what: `native code is unpacked: ${names.map((name) => path.basename(name)).join(', ')}`,
    },
    ...(isHere ? names : []).map((name) => ({
      ok: loads(path.join(resources, 'app.asar.unpacked', name)),
      what: `${path.basename(name)} loads`,
    })),
  ];
}

function beside({ resources }, wanted) {
  return wanted.map((name) => ({
    ok: fs.existsSync(path.join(resources, name)),
    what: `${name} lies beside app.asar`,
  }));
}

function appleFacts({ program, resources }, archive) {
  const plist = fs.readFileSync(path.join(program, 'Contents', 'Info.plist'), 'utf8');
  const [, icon = ''] = /<key>CFBundleIconFile<\/key>\s*<string>([^<]*)/.exec(plist) ?? [];
  const ours = fs.readFileSync(path.join(import.meta.dirname, '..', 'assets', 'icon.icns'));
  return [
    { ok: plist.includes(checksumOf(archive)), what: 'Info.plist holds the checksum of app.asar' },
    {
      ok: /<key>CFBundleURLSchemes<\/key>\s*<array>\s*<string>drawbridge</.test(plist),
      what: 'Info.plist names drawbridge:// links',
    },
    { ok: fs.readFileSync(path.join(resources, icon)).equals(ours), what: `${icon} is our icon` },
  ];
}

function windowsFacts({ program }, archive) {
  const main = extractFile(archive, path.normalize(manifest.main)).toString();
  const id = appId();
  const { entries } = NtExecutableResource.from(
    NtExecutable.from(fs.readFileSync(program), { ignoreCert: true }),
  );
  const entry = entries.find(({ type, id }) => type === 'INTEGRITY' && id === 'ELECTRONASAR');
  const text = entry === undefined ? '' : Buffer.from(entry.bin).toString('utf8');
  return [
    { ok: text.includes(checksumOf(archive)), what: 'the program holds the checksum of app.asar' },
    { ok: entries.some(({ type }) => type === 14), what: 'the program has our icon' },
    {
      // Toasts of a program that calls itself otherwise than its shortcut does may not show.
      ok: id !== undefined && main.includes(`"${id}"`),
      what: `the program tells Windows that it is ${id}, as the installer does`,
    },
  ];
}

/** What electron-builder writes on the shortcut. */
function appId() {
  const settings = path.join(import.meta.dirname, '..', 'electron-builder.yml');
  return /^appId: (\S+)$/m.exec(fs.readFileSync(settings, 'utf8'))?.[1];
}

const checksumOf = (archive) =>
  createHash('sha256').update(getRawHeader(archive).headerString).digest('hex');

function loads(file) {
  try {
    require(file);
    return true;
  } catch (error) {
    console.error(error.message);
    return false;
  }
}
