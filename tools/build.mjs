// `npm run build`: turns the sources into dist/. Builds what it can, names what it could not, and then fails.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as esbuild } from 'esbuild';
import { build as vite } from 'vite';
import { beginBuild, endBuild } from './freshness.cjs';

const root = path.dirname(import.meta.dirname);
const dist = path.join(root, 'dist');

const esm = { format: 'esm', platform: 'node', target: 'node24', packages: 'external' };
const cjs = { format: 'cjs', platform: 'node', target: 'node24', packages: 'external' };

/**
 * One row a bundle. `alone` means that the file must run with no package beside it; `inParts`, that what it imports late
 * is loaded late: it has its folder to itself.
 */
export const bundles = [
  { entry: 'cli/main.ts', output: 'cli/drawbridge.mjs', options: esm, inParts: true },
  {
    entry: 'cli/shim.ts',
    output: 'shim.cjs',
    // Node 20: AI clients start the shim with whatever Node they have, and most have that one.
    // No source map comment, because the file is copied around on its own.
    options: {
      ...cjs,
      target: 'node20',
      minify: true,
      legalComments: 'none',
      sourcemap: 'external',
    },
    alone: true,
  },
  { entry: 'broker/vault/keychain-child.ts', output: 'keychain-child.cjs', options: cjs },
  { entry: 'electron/main.ts', output: 'electron/main.mjs', options: esm },
  // A sandboxed preload has neither ES modules nor packages, only `electron` itself.
  {
    entry: 'electron/preload.ts',
    output: 'electron/preload.cjs',
    options: { ...cjs, packages: 'bundle', external: ['electron'] },
  },
];

/** How esbuild makes one row. */
export function howToBundle({ entry, output, options, inParts }) {
  const { dir, name, ext } = path.parse(output);
  return {
    absWorkingDir: root,
    entryPoints: [{ in: entry, out: name }],
    outdir: path.join(dist, dir),
    outExtension: { '.js': ext },
    splitting: inParts === true,
    bundle: true,
    sourcemap: 'linked',
    charset: 'utf8',
    metafile: true,
    logLevel: 'silent',
    ...options,
  };
}

/** Parts of another build have other names, and would lie there for ever. Afterwards: a build that fails takes nothing away. */
export function removeOldParts(output, { outputs }) {
  const folder = path.join(dist, path.dirname(output));
  const made = new Set(Object.keys(outputs).map((file) => path.join(root, file)));
  for (const name of fs.readdirSync(folder)) {
    const file = path.join(folder, name);
    if (!made.has(file)) fs.rmSync(file);
  }
}

/** Bundles one row; rejects with a readable message. */
export async function bundle(row, extra = {}) {
  const { entry, output, alone, inParts } = row;
  if (!fs.existsSync(path.join(root, entry))) throw new Error(`${entry} does not exist`);
  const result = await esbuild({ ...howToBundle(row), ...extra });
  if (inParts) removeOldParts(output, result.metafile);
  if (alone) refusePackages(entry, output, result.metafile);
  return result;
}

function refusePackages(entry, output, metafile) {
  const foreign = Object.keys(metafile.inputs).filter((file) => file.includes('node_modules/'));
  const left = Object.values(metafile.outputs)
    .flatMap(({ imports }) => imports)
    .filter((imported) => imported.external && !imported.path.startsWith('node:'))
    .map((imported) => imported.path);
  const packages = [...new Set([...foreign, ...left])];
  if (packages.length === 0) return;
  // A file that breaks the rule must not be left lying there as if it were good.
  fs.rmSync(path.join(dist, output), { force: true });
  throw new Error(`${entry} must do without packages, and imports ${packages.join(', ')}`);
}

/** Builds the window into dist/renderer. */
export async function buildWindow(extra = {}) {
  const configFile = path.join(root, 'renderer', 'vite.config.ts');
  if (!fs.existsSync(configFile)) throw new Error('renderer/vite.config.ts does not exist');
  const { build: extraBuild, ...rest } = extra;
  return vite({
    configFile,
    root: path.join(root, 'renderer'),
    logLevel: 'warn',
    build: { outDir: path.join(dist, 'renderer'), emptyOutDir: true, ...extraBuild },
    ...rest,
  });
}

function copyAssets() {
  fs.cpSync(path.join(root, 'assets'), path.join(dist, 'assets'), { recursive: true });
}

async function buildAll({ quiet }) {
  const started = performance.now();
  const began = beginBuild();
  fs.mkdirSync(dist, { recursive: true });
  const deeds = [
    ...bundles.map((row) => ({ name: `dist/${row.output}`, done: bundle(row) })),
    { name: 'dist/renderer', done: buildWindow() },
    { name: 'dist/assets', done: (async () => copyAssets())() },
  ];
  const outcomes = await Promise.allSettled(deeds.map(({ done }) => done));
  const failures = outcomes.flatMap(({ status, reason }, index) =>
    status === 'rejected' ? [`${deeds[index].name}: ${reason.message}`] : [],
  );
  for (const failure of failures) console.error(`not built: ${failure}`);
  if (failures.length > 0) return 1;
  endBuild(began);
  if (!quiet) {
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`built ${deeds.map(({ name }) => name).join(', ')} in ${seconds} s`);
  }
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await buildAll({ quiet: process.argv.includes('--quiet') });
}
