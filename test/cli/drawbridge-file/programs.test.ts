/** Is what a file would have run told so that nothing in it can be taken for something else? (F13) */
import { expect, it } from 'vitest';
import { programsOf } from '../../../cli/drawbridge-file/programs.ts';
import { DrawbridgeFile } from '../../../shared/contract/drawbridge-file.ts';

it('a folder and the value of a variable are one word each, and hide nothing', () => {
  const file = DrawbridgeFile.parse({
    servers: {
      files: {
        command: {
          ...{ program: 'files-mcp', args: ['--root', 'a b'], folder: '/home/me with A=1' },
          env: { MODE: 'x with PATH=/fake', NAME: 'a\u202eb' },
        },
      },
    },
  });
  const step = { path: ['servers', 'files'], does: 'add' as const, changes: [], notes: [] };
  expect(programsOf(file, [step])).toEqual([
    'files: files-mcp --root "a b" in "/home/me with A=1" with MODE="x with PATH=/fake" with NAME="a\\u{202e}b"',
  ]);
});

it.each([
  ['token-exchange', { subjectCommand: ['vouch', '--for', 'a b'] }],
  ['jwt-bearer', { assertionCommand: ['vouch', '--for', 'a b'] }],
  ['client-credentials', { clientId: 'x', clientAssertionCommand: ['vouch', '--for', 'a b'] }],
])('the program that a source of the kind %s asks is told as well', (kind, rest) => {
  const source = { kind, tokenUrl: 'https://login.acme.example/token', ...rest };
  const file = DrawbridgeFile.parse({ servers: { one: { url: 'https://x.example', source } } });
  const step = { path: ['servers', 'one'], does: 'add' as const, changes: [], notes: [] };
  expect(programsOf(file, [step])).toEqual(['one: vouch --for "a b"']);
});
