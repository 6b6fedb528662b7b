/** A policy that a test writes as an administrator would: in a folder that is the test's own, exchanged in one step. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { PolicyPlace } from '../../broker/policy/place.ts';

export interface PolicyFile extends Disposable {
  /** For the options of a broker. */
  readonly place: PolicyPlace;
  readonly file: string;
  readonly put: (rules: unknown) => void;
  /** As it is to stand there, letter by letter. */
  readonly putText: (text: string) => void;
  readonly remove: () => void;
}

export const createPolicyFile = (rules?: unknown): PolicyFile => {
  const root = mkdtempSync(path.join(tmpdir(), 'drawbridge-policy-'));
  const folder = path.join(root, 'drawbridge');
  mkdirSync(folder, { mode: 0o755 });
  const file = path.join(folder, 'policy.json');
  const putText = (text: string): void => {
    writeFileSync(`${file}.new`, text, { mode: 0o644 });
    renameSync(`${file}.new`, file);
  };
  const put = (wished: unknown): void => putText(JSON.stringify(wished));
  if (rules !== undefined) put(rules);
  return {
    place: { folder, administrator: process.getuid?.() ?? 0 },
    ...{ file, put, putText },
    remove: () => rmSync(file, { force: true }),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
};
