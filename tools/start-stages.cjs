// The stages of `npm start`: install, build, then the Electron app, or the headless daemon where there is none.
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const {
  endLike,
  foreground,
  install,
  node24,
  noNode24,
  root,
  toolEnvironment,
} = require('./host.cjs');
const { fetchElectron, installedElectron } = require('./electron-binary.cjs');
const { isBuilt } = require('./freshness.cjs');

main();

async function main() {
  // For the daemon alone: no install or build step may see it.
  const { DRAWBRIDGE_PASSPHRASE: passphrase } = process.env;
  delete process.env.DRAWBRIDGE_PASSPHRASE;
  if (!install(say)) fail('npm ci failed: see above');
  const node = node24();
  if (!node) fail(noNode24);

  if (!isBuilt()) {
    say('building');
    const built = spawnSync(node, [path.join(__dirname, 'build.mjs'), '--quiet'], {
      cwd: root,
      stdio: 'inherit',
    });
    if (built.status !== 0) fail('the build failed: see above');
  }

  const args = process.argv.slice(2);
  const headless = args.includes('--headless');
  const rest = args.filter((arg) => arg !== '--headless');

  const electron = headless ? undefined : electronBinary(node);
  if (electron && hasDisplay()) {
    say('starting the Electron app');
    const env = { ...process.env };
    // Terminals inside Electron programs set this, and it would turn the app into a plain Node.
    delete env.ELECTRON_RUN_AS_NODE;
    endLike(await foreground(electron, [root, ...rest], { env }));
    return;
  }
  if (headless) say('starting the headless daemon');
  else if (electron) say('there is no display here: starting the headless daemon');
  else say("Electron's binary is not available here: starting the headless daemon");
  const cli = path.join(root, 'dist', 'cli', 'drawbridge.mjs');
  const secret = passphrase === undefined ? {} : { DRAWBRIDGE_PASSPHRASE: passphrase };
  endLike(
    await foreground(node, [cli, 'serve', '--open', ...rest], { env: toolEnvironment(secret) }),
  );
}

// Fetching 100 MB is worth it only where the app could then show itself.
function electronBinary(node) {
  const present = installedElectron();
  if (present || process.env.CI || !hasDisplay()) return present;
  return fetchElectron(node, say);
}

function hasDisplay() {
  if (process.platform !== 'linux') return true;
  return Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

// Progress is for people: standard output stays the daemon's.
function say(line) {
  console.error(line);
}

function fail(line) {
  say(line);
  process.exit(1);
}
