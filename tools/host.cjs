// What this clone and this machine have: its dependencies, a Node 24, and how to run things with it.
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.dirname(__dirname);
const modules = path.join(root, 'node_modules');

/** True when node_modules holds exactly what package-lock.json says. */
function isInstalled() {
  // npm writes its own record last, so an interrupted install has none and counts as missing.
  const wanted = packagesIn(path.join(root, 'package-lock.json'));
  const present = packagesIn(path.join(modules, '.package-lock.json'));
  if (!wanted || !present) return false;
  const names = new Set([...Object.keys(wanted), ...Object.keys(present)]);
  for (const name of names) {
    if (name === '') continue;
    const [there, here] = [wanted[name], present[name]];
    if (!there) return false;
    // Packages for other platforms are in the lockfile and rightly not on disk.
    if (!here && !there.optional) return false;
    if (here && (here.version !== there.version || here.link !== there.link)) return false;
  }
  return true;
}

function packagesIn(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')).packages;
  } catch {
    // Missing or unreadable means the same here: install.
    return undefined;
  }
}

/** Brings node_modules in line with package-lock.json; true when it is. Says nothing when it already was. */
function install(say) {
  const installed = isInstalled() || installNow(say);
  if (installed) linkNode();
  return installed;
}

// npm 10, which Node 20 brings, leaves the clone's Node out of node_modules/.bin, where npm 11 puts it.
// Without it every installed command would run on the host's Node.
function linkNode() {
  const own = ownNode();
  const link = path.join(modules, '.bin', 'node');
  if (process.platform === 'win32' || fs.existsSync(link) || !fs.existsSync(own)) return;
  fs.rmSync(link, { force: true });
  fs.symlinkSync(path.relative(path.dirname(link), own), link);
}

function installNow(say) {
  say('installing dependencies (npm ci, about 20 s)');
  const inherited = { ...process.env };
  // `npm test -- x` and friends leave settings of the outer npm behind that must not steer this one.
  for (const name of Object.keys(inherited)) {
    if (/^npm_config_(omit|include|production|ignore_scripts)$/i.test(name)) delete inherited[name];
  }
  // --loglevel=error: on a Node 20 host npm would warn about engines in some 65 lines. Node 24 comes with the install.
  const result = npm(['ci', '--loglevel=error', '--no-audit', '--no-fund'], inherited);
  if (result.error) say(`npm could not be started: ${result.error.message}`);
  return result.status === 0;
}

// The npm that is running us, on the Node it runs on: `npm ci` deletes node_modules/.bin/node, which PATH may name.
function npm(args, env) {
  const options = { cwd: root, env, stdio: ['ignore', 'ignore', 'inherit'] };
  const { npm_execpath: cli, npm_node_execpath: node } = process.env;
  if (cli && node && /npm-cli\.c?js$/.test(cli)) return spawnSync(node, [cli, ...args], options);
  const outside = (env.PATH ?? '')
    .split(path.delimiter)
    .filter((folder) => !folder.startsWith(modules))
    .join(path.delimiter);
  return spawnSync('npm', args, {
    ...options,
    env: { ...env, PATH: outside },
    shell: process.platform === 'win32',
  });
}

/** A Node 24 to run the product and its tools with: the clone's own, else the running one, else undefined. */
function node24() {
  const own = ownNode();
  if (fs.existsSync(own)) return own;
  return Number(process.versions.node.split('.')[0]) >= 24 ? process.execPath : undefined;
}

function ownNode() {
  const windows = process.platform === 'win32';
  const name = `node-${windows ? 'win' : process.platform}-${process.arch}`;
  return path.join(modules, name, 'bin', windows ? 'node.exe' : 'node');
}

const noNode24 = `there is no Node 24 package for ${process.platform} ${process.arch}: install Node 24 from https://nodejs.org and try again`;

/** The environment in which `node` and the installed commands are the clone's own. */
function toolEnvironment(extra = {}) {
  const folders = [path.join(modules, '.bin'), process.env.PATH ?? ''];
  return { ...process.env, ...extra, PATH: folders.join(path.delimiter) };
}

/** Runs one program in the foreground: same terminal, signals passed on. Resolves with its exit code or signal. */
function foreground(program, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: stdioFor(args), ...options });
    // A terminal gives Ctrl-C to the whole group, so passing it on as well would deliver it twice.
    const passOn = (signal) => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, passOn);
    const done = (outcome) => {
      for (const signal of signals) process.off(signal, passOn);
      resolve(outcome);
    };
    child.once('error', (error) => done({ error }));
    child.once('exit', (code, signal) => done({ code, signal }));
  });
}

// The terminal, and the descriptor of a passphrase: what is not named here does not reach the child.
function stdioFor(args) {
  const at = args.findIndex((arg) => /^--passphrase-fd(=|$)/.test(arg));
  const [, value = args[at + 1]] = at === -1 ? [] : args[at].split('=');
  const stdio = ['inherit', 'inherit', 'inherit'];
  if (!/^\d{1,3}$/.test(value ?? '') || Number(value) < stdio.length) return stdio;
  while (stdio.length < Number(value)) stdio.push('ignore');
  return [...stdio, Number(value)];
}

/** Ends this process as the child ended. */
function endLike({ code, signal, error }) {
  if (error) {
    console.error(error.message);
    process.exit(1);
  }
  if (signal) process.kill(process.pid, signal);
  else process.exit(code);
}

module.exports = {
  root,
  isInstalled,
  install,
  node24,
  noNode24,
  toolEnvironment,
  foreground,
  endLike,
};
