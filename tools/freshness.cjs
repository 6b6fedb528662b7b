// Whether dist/ is what a build of today's sources would give.
const fs = require('node:fs');
const path = require('node:path');

const root = path.dirname(__dirname);
const stamp = path.join(root, 'dist', '.built');
const sources = [
  'shared',
  'broker',
  'cli',
  'electron',
  'renderer',
  'assets',
  'package.json',
  'package-lock.json',
  'tsconfig.base.json',
  'tools/build.mjs',
];

/** True when the last whole build began after the last change to any source. */
function isBuilt() {
  let builtAt;
  try {
    builtAt = fs.statSync(stamp).mtimeMs;
  } catch {
    // Never built, or not to the end.
    return false;
  }
  return sources.every((source) => newest(path.join(root, source)) < builtAt);
}

// A folder's own time counts too: it moves when a file in it is deleted or renamed.
function newest(file) {
  const status = fs.statSync(file, { throwIfNoEntry: false });
  if (!status) return 0;
  if (!status.isDirectory()) return status.mtimeMs;
  const inside = fs.readdirSync(file).map((name) => newest(path.join(file, name)));
  return Math.max(status.mtimeMs, ...inside);
}

/** Takes the stamp away while a build runs, so that a half-made dist never counts. */
function beginBuild() {
  fs.rmSync(stamp, { force: true });
  return new Date();
}

/** Marks dist as whole, as of the moment the build began: what changed meanwhile is newer. */
function endBuild(began) {
  fs.writeFileSync(stamp, '');
  fs.utimesSync(stamp, began, began);
}

module.exports = { isBuilt, beginBuild, endBuild };
