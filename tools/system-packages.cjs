// The Debian packages that some tests need: a real browser, a real keychain, certificates, and who holds a port.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

/** One row a package: the command that shows it is there. */
const needed = [
  { name: 'chromium', command: 'chromium' },
  { name: 'gnome-keyring', command: 'gnome-keyring-daemon' },
  { name: 'dbus', command: 'dbus-daemon' },
  { name: 'libsecret-tools', command: 'secret-tool' },
  { name: 'openssl', command: 'openssl' },
  { name: 'procps', command: 'ps' },
  { name: 'iproute2', command: 'ss' },
];

/** Installs what is missing where that is allowed. Returns the names of what is missing still. */
function installSystemPackages(say) {
  let missing = missingPackages();
  if (missing.length === 0) return missing;
  const asRoot = rootPrefix();
  if (asRoot) {
    say(`installing Debian packages: ${missing.join(', ')}`);
    // Old lists name versions that the mirror no longer has. A failing update may still leave usable lists.
    apt(asRoot, ['update', '-qq']);
    apt(asRoot, ['install', '-y', '-qq', '--no-install-recommends', ...missing]);
    missing = missingPackages();
  }
  if (missing.length > 0) {
    say(`NOT INSTALLED: ${missing.join(', ')}. The tests that need them are skipped.`);
    say(`  to run them: sudo apt-get install ${missing.join(' ')}`);
  }
  return missing;
}

function missingPackages() {
  const folders = (process.env.PATH ?? '').split(path.delimiter).concat('/usr/bin', '/usr/sbin');
  const isThere = (command) =>
    folders.some((folder) => folder !== '' && fs.existsSync(path.join(folder, command)));
  const chosen = process.env.CHROMIUM;
  return needed
    .filter(({ command }) => !isThere(command) && !(command === 'chromium' && chosen))
    .map(({ name }) => name);
}

// What to put before a command so that it runs as root without asking anybody, if there is a way.
function rootPrefix() {
  if (process.platform !== 'linux' || process.env.DRAWBRIDGE_NO_SYSTEM_INSTALL) return undefined;
  if (spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status !== 0) return undefined;
  if (process.getuid() === 0) return ['env'];
  const sudo = spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' });
  return sudo.status === 0 ? ['sudo', '-n', 'env'] : undefined;
}

function apt([program, ...prefix], args) {
  const settings = ['DEBIAN_FRONTEND=noninteractive', 'apt-get'];
  const { status, stderr } = spawnSync(program, [...prefix, ...settings, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 10 * 60_000,
  });
  if (status !== 0) console.error(`apt-get ${args[0]} failed: ${stderr.trim()}`);
}

module.exports = { installSystemPackages };
