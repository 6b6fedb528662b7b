// The Debian packages that some tests need: a real browser, a real keychain, certificates, and who holds a port.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { chromiumPath } = require('./chromium.cjs');

/** One row a need: the packages that meet it, the best first, and whether it is met. */
const needed = [
  {
    packages: ['chromium-headless-shell', 'chromium'],
    isMet: () => chromiumPath() !== undefined,
  },
  ...Object.entries({
    'gnome-keyring': 'gnome-keyring-daemon',
    dbus: 'dbus-daemon',
    'libsecret-tools': 'secret-tool',
    openssl: 'openssl',
    procps: 'ps',
    iproute2: 'ss',
  }).map(([name, command]) => ({ packages: [name], isMet: () => isThere(command) })),
];

/** Installs what is missing where that is allowed. Returns the names of what is missing still. */
function installSystemPackages(say) {
  const missing = () => needed.filter(({ isMet }) => !isMet());
  const best = (rows) => rows.map(({ packages: [name] }) => name);
  const asRoot = missing().length > 0 && rootPrefix();
  if (asRoot) {
    say(`installing Debian packages: ${best(missing()).join(', ')}`);
    const install = (names) =>
      apt(asRoot, ['install', '-y', '-qq', '--no-install-recommends', ...names]);
    // Old lists name versions that the mirror no longer has. A failing update may still leave usable lists.
    apt(asRoot, ['update', '-qq']);
    install(best(missing()));
    // One that a system does not have keeps all the others from being installed with it.
    for (const { packages, isMet } of missing())
      for (const name of packages) if (!isMet()) install([name]);
  }
  const names = best(missing());
  if (names.length > 0) {
    say(`NOT INSTALLED: ${names.join(', ')}. The tests that need them are skipped.`);
    say(`  to run them: sudo apt-get install ${names.join(' ')}`);
  }
  return names;
}

function isThere(command) {
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
