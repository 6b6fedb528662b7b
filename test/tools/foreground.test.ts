import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';

const { foreground } = createRequire(import.meta.url)('../../tools/host.cjs') as {
  foreground: (program: string, args: string[]) => Promise<{ code: number }>;
};

/** Ends with 0 when the descriptor holds the text, with 9 when it is not open. */
const looking = (descriptor: number): string =>
  `try { process.exit(require('node:fs').readFileSync(${descriptor}, 'utf8') === 'phrase' ? 0 : 8) } catch { process.exit(9) }`;

it('a program in the foreground is handed the descriptor of a passphrase, and no other', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'drawbridge-'));
  const file = path.join(folder, 'phrase');
  writeFileSync(file, 'phrase');
  const open = openSync(file, 'r');
  const codes = await Promise.all(
    [
      ['--passphrase-fd', `${open}`],
      [`--passphrase-fd=${open}`],
      ['--port', `${open}`],
      ['--passphrase-fd'],
    ].map(async (option, place) => {
      // A descriptor read once is at its end: each look has one of its own.
      const own = place < 2 ? openSync(file, 'r') : open;
      const args = option.map((word) => word.replace(`${open}`, `${own}`));
      const { code } = await foreground(process.execPath, ['-e', looking(own), '--', ...args]);
      if (own !== open) closeSync(own);
      return code;
    }),
  );
  closeSync(open);
  rmSync(folder, { recursive: true });
  expect(codes).toEqual([0, 0, 9, 9]);
});
