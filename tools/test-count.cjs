// How many tests passed, failed and were skipped, by Vitest's report and by how Vitest itself ended.
const fs = require('node:fs');

/** Counts a JSON report. Whatever could hide a failure counts as one. */
function countTests(reportFile, { code }) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of filesIn(reportFile)) {
    let failedHere = 0;
    for (const { status } of file.assertionResults) {
      if (status === 'passed') counts.passed += 1;
      else if (status === 'failed') failedHere += 1;
      else counts.skipped += 1;
    }
    // A file that could not be loaded, or whose hooks failed, has no failed test to show for it.
    if (file.status === 'failed' && failedHere === 0) failedHere = 1;
    counts.failed += failedHere;
  }
  // No report, no tests at all, an unhandled rejection after the last test: Vitest knows, the report does not.
  const nothingRan = counts.passed + counts.failed + counts.skipped === 0;
  if (counts.failed === 0 && (code !== 0 || nothingRan)) counts.failed = 1;
  return counts;
}

function filesIn(reportFile) {
  try {
    return JSON.parse(fs.readFileSync(reportFile, 'utf8')).testResults;
  } catch {
    // Vitest died before it could write one.
    return [];
  }
}

/** The line that people and machines look for at the end. */
function summary({ passed, failed, skipped }) {
  const end = skipped > 0 ? `, ${skipped} skipped` : '';
  return `${passed} passed, ${failed} failed${end}`;
}

module.exports = { countTests, summary };
