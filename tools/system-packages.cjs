// The Debian packages that some tests need: a real browser, a real keychain, certificates, and who holds a port.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

/** One row a package: the command that shows it is there, and one that does instead where it cannot be had. */
const needed = [
  { name: 'chromium-headless-shell', command: 'chromium-headless-shell', instead: 'chromium' },
  { name: 'gnome-keyring', command: 'gnome-keyring-daemon' },
  { name: 'dbus', command: 'dbus-daemon' },
  { name: 'libsecret-tools', command: 'secret-tool' },
  { name: 'openssl', command: 'openssl' },
  { name: 'procps', command: 'ps' },
  { name: 'iproute2', command: 'ss' },
];

/** Installs what is missing where that is allowed. Returns the names of what is missing still. */
function installSystemPackages(say) {
  const wanted = namesOf(({ command }) => !isThere(command));
  const asRoot = wanted.length > 0 && rootPrefix();
  if (asRoot) {
    say(`installing Debian packages: ${wanted.join(', ')}`);
    // Old lists name versions that the mirror no longer has. A failing update may still leave usable lists.
    apt(asRoot, ['update', '-qq']);
    apt(asRoot, ['install', '-y', '-qq', '--no-install-recommends', ...wanted]);
  }
  const missing = namesOf(({ command, instead }) => !isThere(command) && !isThere(instead));
  if (missing.length > 0) {
    say(`NOT INSTALLED: ${missing.join(', ')}. The tests that need them are skipped.`);
    say(`  to run them: sudo apt-get install ${missing.join(' ')}`);
  }
  return missing;
}

const namesOf = (which) => needed.filter(which).map(({ name }) => name);

function isThere(command) {
  if (command === undefined) return false;
  if (command.startsWith('chromium') && process.env.CHROMIUM) return true;
  const folders = (process.env.PATH ?? '').split(path.delimiter).concat('/usr/bin', '/usr/sbin');
  return folders.some((folder) => folder !== '' && fs.existsSync(path.join(folder, command)));
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
