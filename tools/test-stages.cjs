// The stages of `npm test`: install, build, run every test, count. Arguments go to Vitest: `npm test -- test/vault`.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { foreground, install, node24, noNode24, root, toolEnvironment } = require('./host.cjs');
const { installSystemPackages } = require('./system-packages.cjs');
const { countTests, summary } = require('./test-count.cjs');

const report = path.join(root, '.cache', 'test-report.json');

main();

async function main() {
  const said = [];
  const fail = (line) => {
    console.log(line);
    end({ passed: 0, failed: 1, skipped: 0 }, said);
  };
  if (!install(console.log)) return fail('npm ci failed: see above');
  const node = node24();
  if (!node) return fail(noNode24);
  installSystemPackages((line) => {
    console.log(line);
    if (line.startsWith('NOT INSTALLED')) said.push(line);
  });

  const built = spawnSync(node, [path.join(__dirname, 'build.mjs'), '--quiet'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (built.status !== 0)
    said.push('the build failed, which counts as one failed test: see the top');

  // A report left from another run must not be counted if this run dies before writing its own.
  fs.rmSync(report, { force: true });
  const outcome = await foreground(
    node,
    [
      path.join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...process.argv.slice(2),
    ],
    { stdio: ['ignore', 'inherit', 'inherit'], env: toolEnvironment() },
  );
  const counts = countTests(report, outcome);
  if (built.status !== 0) counts.failed += 1;
  end(counts, said);
}

// Everything loud comes again here, because nobody scrolls up; the counts stay the very last line.
function end(counts, said) {
  for (const line of said) console.log(line);
  console.log(summary(counts));
  process.exitCode = counts.failed > 0 ? 1 : 0;
}
