/** How much does the window load before its first list, and is all of it the finished product? */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, inject, test } from 'vitest';

const LIMIT = 120_000;
/** What is loaded once the list is drawn counts too: it is read from disk at every start. */
const MOST_OF_ALL = 210_000;
const assets = path.join(inject('windowFolder'), 'assets');

const scriptsIn = (html: string): string[] =>
  Array.from(html.matchAll(/<script[^>]+src="\.\/assets\/([^"]+\.js)"/g), ([, name = '']) => name);

/** What a script cannot begin without, as opposed to what it loads when that is needed. */
const importsIn = (script: string): string[] =>
  Array.from(
    script.matchAll(/\b(?:from|import)\s*["']\.\/([^"']+\.js)["']/g),
    ([, name = '']) => name,
  );

const read = (name: string): Promise<string> => readFile(path.join(assets, name), 'utf8');

/** By name, each with its text. */
const beforeTheFirstList = async (): Promise<Map<string, string>> => {
  const html = await readFile(path.join(assets, '..', 'index.html'), 'utf8');
  const found = new Map<string, string>();
  const add = async (name: string): Promise<void> => {
    if (found.has(name)) return;
    found.set(name, await read(name));
    for (const imported of importsIn(found.get(name) ?? '')) await add(imported);
  };
  for (const name of scriptsIn(html)) await add(name);
  return found;
};

test('what is loaded before the first list stays under 120 kB, compressed', async () => {
  const first = await beforeTheFirstList();
  const text = [...first.values()].join('');
  // All of it was found: what draws, what checks, and the list itself.
  expect(text).toContain('react.dev/errors');
  expect(text).toContain('jitless');
  expect(text).toContain('No servers yet');
  const bytes = [...first.values()].map((script) => gzipSync(script, { level: 9 }).length);
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(LIMIT);
});

test('all parts together stay under 210 kB, compressed', async () => {
  const sizes = (await scripts()).map(({ text }) => gzipSync(text, { level: 9 }).length);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MOST_OF_ALL);
});

test('words of later screens come with those screens', async () => {
  const first = [...(await beforeTheFirstList()).values()].join('');
  const all = (await scripts()).map(({ text }) => text).join('');
  for (const words of ['Remove this rule?', 'Client id from the operator', 'Show as a table']) {
    expect(all).toContain(words);
    expect(first).not.toContain(words);
  }
});

test('no part of it is a development build', async () => {
  const development = await readFile(
    'node_modules/react-dom/cjs/react-dom-client.development.js',
    'utf8',
  );
  const telling = ['Invalid hook call', 'Check the render method', 'Cannot update a component'];
  for (const { name, text } of await scripts()) {
    for (const words of telling) {
      expect(development).toContain(words);
      expect(text.includes(words), `${name}: ${words}`).toBe(false);
    }
    expect(/jsxDEV|process\.env\.|import\.meta\.hot|sourceMappingURL/.exec(text)?.[0]).toBe(
      undefined,
    );
  }
});

const scripts = async () => {
  const names = (await readdir(assets)).filter((name) => name.endsWith('.js'));
  return Promise.all(names.map(async (name) => ({ name, text: await read(name) })));
};
