/** Terminal escape injection: does text that a server chose reach the terminal as text only? */

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { createTerminal, oneLine } from '../../cli/terminal.ts';
import type { Problem } from '../../shared/contract/problems.ts';
import { createDesk } from './commands.ts';

/** Sets the title, clears the screen, turns the line around, begins a new one, and hides behind a tag character. */
const HOSTILE = 'a\x1b]0;x\x07\x9b2Jb\u202ec\r\u{e0041}d\x7f';
const CONTROLS = /(?!\n)[\p{Cc}\p{Cf}]/u;

const printed = (): string[] => {
  const written: string[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      written.push(String(text));
      return true;
    });
  }
  return written;
};
afterEach(() => vi.restoreAllMocks());

it('no form of output lets a control character through, and our own lines stay lines', () => {
  const problem: Problem = { code: 'bad-answer', message: HOSTILE, hint: HOSTILE };
  const written = printed();
  const [text, json] = [createTerminal(false), createTerminal(true)];
  text.facts(`${HOSTILE}\nsecond`, {});
  text.say(HOSTILE);
  text.problem(problem);
  json.facts('', { title: HOSTILE });
  json.problem(problem);
  vi.restoreAllMocks();
  expect(written.filter((part) => CONTROLS.test(part))).toEqual([]);
  expect(written[0]).toBe('a]0;x2Jbcd\nsecond\n');
});

it('JSON is the same text to a script, character for character', () => {
  const written = printed();
  createTerminal(true).facts('', { title: HOSTILE });
  vi.restoreAllMocks();
  expect(JSON.parse(written.join(''))).toEqual({ title: HOSTILE });
});

it('a line break in a message or a label forges no line', () => {
  const written = printed();
  createTerminal(false).warn({ code: 'bad-answer', message: 'a\nhint: run this' });
  vi.restoreAllMocks();
  expect([written, oneLine('a\r\nb')]).toEqual([
    ['drawbridge: a hint: run this (bad-answer)\n'],
    'a b',
  ]);
});

it('a hostile title in the list stays text, and stays itself in JSON', async () => {
  await using desk = await createDesk();
  const hostile = {
    ...{ id: 'one', title: HOSTILE, url: 'https://mcp.example.com/mcp', tokenSource: 'oauth' },
    ...{ zone: 'public', accounts: ['default'], addedAt: 1 },
  };
  await writeFile(
    path.join(desk.dataFolder, 'settings.json'),
    JSON.stringify({ servers: [hostile] }),
    { mode: 0o600 },
  );
  await desk.serve();
  const runs = await Promise.all([
    desk.run('list'),
    desk.run('list', '--json'),
    desk.run('add', hostile.url),
  ]);
  const everything = runs.flatMap(({ stdout, stderr }) => [stdout, stderr]);
  expect(everything.filter((part) => CONTROLS.test(part))).toEqual([]);
  const { servers } = JSON.parse(runs[1].stdout) as { servers: { title: string }[] };
  expect(servers[0]?.title).toBe(HOSTILE);
});
