// `npm run check`: everything that can be said about the sources without running them, one line a step.
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);

const steps = [
  { name: 'types', command: 'tsc', args: ['-b'] },
  { name: 'lint', command: 'oxlint', args: ['--deny-warnings'] },
  { name: 'format', command: 'biome', args: ['check', '--error-on-warnings'] },
  { name: 'dead code', command: 'knip', args: ['--no-progress'] },
  { name: 'build', command: 'node', args: ['tools/build.mjs', '--quiet'] },
];

const failed = steps.filter((step) => !passes(step)).map(({ name }) => name);
if (failed.length > 0) {
  console.log(`check failed: ${failed.join(', ')}`);
  process.exitCode = 1;
}

function passes({ name, command, args }) {
  const started = performance.now();
  // Only package scripts reach this file, so PATH begins with node_modules/.bin and `node` is Node 24.
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const ok = status === 0;
  console.log(`${name.padEnd(10)}${ok ? 'ok' : 'FAILED'}  ${seconds} s`);
  if (!ok) console.log([error?.message, stdout, stderr].filter(Boolean).join('\n'));
  return ok;
}
