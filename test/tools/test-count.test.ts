import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const { countTests, summary } = createRequire(import.meta.url)('../../tools/test-count.cjs') as {
  countTests: (report: string, outcome: { code: number }) => Counts;
  summary: (counts: Counts) => string;
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'drawbridge-count-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const count = (files: { status: string; tests: string[] }[], code: number): string => {
  const report = path.join(folder, 'report.json');
  const testResults = files.map(({ status, tests }) => ({
    status,
    assertionResults: tests.map((each) => ({ status: each })),
  }));
  writeFileSync(report, JSON.stringify({ testResults }));
  return summary(countTests(report, { code }));
};

describe('the last line of npm test', () => {
  it('counts passed, failed and skipped tests', () => {
    const files = [
      { status: 'failed', tests: ['passed', 'failed', 'failed'] },
      { status: 'passed', tests: ['passed', 'skipped', 'pending', 'todo'] },
    ];
    expect(count(files, 1)).toBe('2 passed, 2 failed, 3 skipped');
  });

  it('leaves skipped tests out when there are none', () => {
    expect(count([{ status: 'passed', tests: ['passed'] }], 0)).toBe('1 passed, 0 failed');
  });

  it('counts a file that could not be loaded as a failure', () => {
    const files = [
      { status: 'passed', tests: ['passed'] },
      { status: 'failed', tests: [] },
    ];
    expect(count(files, 1)).toBe('1 passed, 1 failed');
  });

  it('counts an unhandled error after the last test as a failure', () => {
    expect(count([{ status: 'passed', tests: ['passed'] }], 1)).toBe('1 passed, 1 failed');
  });

  it('takes no tests at all for a failure', () => {
    expect(count([], 0)).toBe('0 passed, 1 failed');
  });

  it('takes a missing report for a failure', () => {
    const counts = countTests(path.join(folder, 'none.json'), { code: 0 });
    expect(summary(counts)).toBe('0 passed, 1 failed');
  });
});
