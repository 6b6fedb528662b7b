// Whether Electron's program is on this machine, and fetching it with a time limit when it is not.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { root } = require('./host.cjs');

const electronFolder = path.join(root, 'node_modules', 'electron');
const tried = path.join(root, '.cache', 'electron-tried');
const timeLimit = 60_000;
const retryAfter = 60 * 60_000;

/** The program's path, or undefined when it was never fetched. */
function installedElectron() {
  const elsewhere = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const plain = process.platform === 'win32' ? 'electron.exe' : 'electron';
  try {
    const file = elsewhere
      ? path.join(elsewhere, plain)
      : path.join(
          electronFolder,
          'dist',
          fs.readFileSync(path.join(electronFolder, 'path.txt'), 'utf8'),
        );
    return fs.existsSync(file) ? file : undefined;
  } catch {
    // No path.txt: nothing was downloaded yet.
    return undefined;
  }
}

/** Runs Electron's own download. Undefined when that failed, or failed within the last hour. */
function fetchElectron(node, say) {
  if (triedLately()) return undefined;
  say(`fetching Electron's binary (${timeLimit / 1000} s at most)`);
  spawnSync(node, [path.join(electronFolder, 'install.js')], {
    cwd: root,
    stdio: 'ignore',
    timeout: timeLimit,
    killSignal: 'SIGKILL',
  });
  const fetched = installedElectron();
  if (!fetched) {
    fs.mkdirSync(path.dirname(tried), { recursive: true });
    fs.writeFileSync(tried, '');
    say('could not fetch it: `npx install-electron` tries again');
  }
  return fetched;
}

// Without a network the attempt takes its full time; nobody wants that on every start.
function triedLately() {
  try {
    return Date.now() - fs.statSync(tried).mtimeMs < retryAfter;
  } catch {
    // Never tried.
    return false;
  }
}

module.exports = { installedElectron, fetchElectron };
