import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLogFile } from '../../../broker/log/log-file.ts';

const clock = { now: () => 0, steady: () => 0, after: () => () => undefined };

describe('the log file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'drawbridge-log-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const read = (name: string) => readFileSync(path.join(folder, name), 'utf8');

  it('is appended to, for its owner only', () => {
    writeFileSync(path.join(folder, 'drawbridge.log'), 'before\n', { mode: 0o600 });
    const log = openLogFile(folder, clock);

    log.write('{"event":"one"}');
    log.close();

    expect(read('drawbridge.log')).toBe('before\n{"event":"one"}\n');
    expect(statSync(path.join(folder, 'drawbridge.log')).mode & 0o777).toBe(0o600);
  });

  it('never grows past its limit, and keeps the file before', () => {
    const log = openLogFile(folder, clock, 20);

    for (const line of ['1234567890', 'abcdefgh', 'third']) log.write(line);
    log.close();

    expect(read('drawbridge.1.log')).toBe('1234567890\nabcdefgh\n');
    expect(read('drawbridge.log')).toBe('third\n');
  });

  it('keeps the text of foreign errors out', () => {
    const log = openLogFile(folder, clock);

    log.warn('host-trouble', new Error('canary-secret-2'));
    log.close();

    expect(read('drawbridge.log')).toContain('"event":"host-trouble","code":"internal"');
    expect(read('drawbridge.log')).not.toContain('canary');
  });

  it('does not stop the program when it can no longer be written', () => {
    const log = openLogFile(folder, clock, 5);
    log.write('first');
    rmSync(folder, { recursive: true });

    expect(() => log.write('second')).not.toThrow();
    expect(() => log.write('third')).not.toThrow();
  });
});
