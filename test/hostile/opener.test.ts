/** Does an address that is full of commands reach the browser as one argument, past every shell? */
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createOpener } from '../../cli/open-browser.ts';
import { eventually } from '../doubles/eventually.ts';
import { makeFolder } from '../doubles/folder.ts';

/** Where the command in each would leave its mark; there is no blank in an address, so `$IFS` stands for one. */
const addresses: readonly (readonly [name: string, address: (mark: string) => string])[] = [
  ['a command in its host', () => 'https://$(touch$IFS-t)/'],
  ['a command in backticks in its host', () => 'https://`touch`/'],
  ['a command between quotes and & in its host', () => 'https://evil.example"&touch&"/'],
  ['a command in its path', (mark) => `https://evil.example/$(touch$IFS${mark})`],
  ['a command behind a semicolon', (mark) => `https://evil.example/;touch$IFS${mark};`],
  ['a command behind an &', (mark) => `https://evil.example/?a=b&touch$IFS${mark}&`],
  ['a command behind a quote', (mark) => `https://evil.example/';touch$IFS${mark};'`],
  ['a command in its query', (mark) => `https://evil.example/?a=$(touch$IFS${mark})`],
  ['a command in its fragment', (mark) => `https://evil.example/#$(touch$IFS${mark})`],
];

afterEach(() => {
  vi.unstubAllEnvs();
});

describe.skipIf(process.platform !== 'linux')('an address with', () => {
  it.each(addresses)('%s is one argument, and runs nothing', async (_name, address) => {
    using folder = makeFolder();
    const [browser, record] = [folder.of('browser'), folder.of('argv')];
    await writeFile(
      browser,
      `#!/bin/sh\nprintf '%s\\n' "$@" > '${record}.part'\nmv '${record}.part' '${record}'\n`,
    );
    await chmod(browser, 0o700);
    const home = folder.path;
    const desktop = { HOME: home, XDG_DATA_HOME: home, XDG_DATA_DIRS: home, XDG_CONFIG_HOME: home };
    // No display answers there; it is only asked whether there is one.
    const env = { ...desktop, DISPLAY: ':99', BROWSER: browser, XDG_CURRENT_DESKTOP: '' };
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    const page = new URL(address(folder.of('mark')));

    await createOpener(folder.of('data')).open(page);

    await expect
      .poll(() => readFile(record, 'utf8').catch(() => ''), eventually)
      .toBe(`${page.href}\n`);
    expect(folder.names()).toEqual(['argv', 'browser']);
  });
});
