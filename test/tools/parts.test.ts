/** Does a command that only asks the running broker load no other one? */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { command } from '../scenarios/running-drawbridge.ts';

/** What a file cannot begin without, itself included, by name, and the packages among that. */
const loadedWith = async (file: string, found = new Map<string, string>()) => {
  const text = await readFile(file, 'utf8');
  found.set(path.basename(file), text);
  for (const [, name = ''] of text.matchAll(/^(?:import|export)\b[^;'"(]*["']\.\/([^"']+)["']/gm))
    if (!found.has(name)) await loadedWith(path.join(path.dirname(file), name), found);
  return found;
};
const packagesIn = (text: string): string[] =>
  Array.from(
    text.matchAll(/^import\b[^;'"(]*["']((?!\.|node:)[^"']+)["']/gm),
    ([, name = '']) => name,
  );

it('of the packages only those that it takes to ask', async () => {
  const parts = await loadedWith(command);
  const packages = new Set([...parts.values()].flatMap(packagesIn));
  expect([...packages].toSorted()).toEqual(['jsonc-parser', 'open', 'undici', 'zod']);
  const [, broker = ''] =
    /import\("\.\/(broker-[^"]+)"\)/.exec(parts.get('drawbridge.mjs') ?? '') ?? [];
  expect([
    parts.has(broker),
    await readFile(path.join(path.dirname(command), broker), 'utf8'),
  ]).toEqual([false, expect.stringContaining('oauth4webapi')]);
});
