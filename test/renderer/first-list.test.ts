/** How long does a person look at an empty window? Set against a page of React that shows one word, in the same run. */
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { manyServers } from '../doubles/many-servers.ts';
import { browserOfTests } from './browser-of-tests.ts';

const browser = browserOfTests();

const ROUNDS = 5;
/** What else runs on the machine may hold up one series, a defect of ours each. */
const MOST_SERIES = 4;

/** From the moment the page is asked for until something that fits `selector` is drawn, ms. */
const shownAfter = async (page: Page, address: string, selector: string): Promise<number> => {
  await page.goto(address);
  const at = await page.waitForFunction(
    (wanted) =>
      new Promise<number>((resolve) => {
        const look = (): void => {
          if (document.querySelector(wanted) === null) requestAnimationFrame(look);
          else requestAnimationFrame(() => resolve(performance.now()));
        };
        look();
      }),
    selector,
  );
  return at.jsonValue();
};

const emptyPage = async (): Promise<string> => {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { createElement } from 'react';
        import { createRoot } from 'react-dom/client';
        createRoot(document.getElementById('root')).render(createElement('p', { id: 'word' }, 'Hello'));`,
      resolveDir: process.cwd(),
    },
    ...{ bundle: true, minify: true, format: 'esm', write: false },
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  return outputFiles[0]?.text ?? '';
};

const middle = (times: readonly number[]): number =>
  times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)] ?? 0;

test('the first list is drawn soon after an empty page would be', {
  timeout: 60_000,
}, async () => {
  const script = await emptyPage();
  await using few = await browser.open(manyServers(3));
  await using many = await browser.open(manyServers(300));
  const { page } = few;
  const empty = `${few.drawbridge.url}empty.html`;
  await page.route('**/empty.html', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: '<div id="root"></div><script type="module" src="empty.js"></script>',
    }),
  );
  await page.route('**/empty.js', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: script }),
  );
  const series = async (): Promise<readonly [number, number, number]> => {
    const times = { empty: [] as number[], few: [] as number[], many: [] as number[] };
    for (let round = 0; round < ROUNDS; round += 1) {
      times.empty.push(await shownAfter(page, empty, '#word'));
      times.few.push(await shownAfter(page, few.drawbridge.url, '.servers > li'));
      times.many.push(await shownAfter(many.page, many.drawbridge.url, '.servers > li'));
    }
    return [middle(times.empty), middle(times.few), middle(times.many)];
  };
  // 300 ms, or on a machine that takes long for nothing at all, twice that, and three times for a long list.
  const most = (times: number): number => Math.max(300, times * nothing);
  let [nothing, short, long] = await series();
  for (let more = MOST_SERIES - 1; more > 0 && (short >= most(2) || long >= most(3)); more -= 1)
    [nothing, short, long] = await series();
  console.info(
    `an empty page of React ${nothing.toFixed(0)} ms; 3 servers ${short.toFixed(0)} ms; 300 servers ${long.toFixed(0)} ms`,
  );
  expect(short).toBeLessThan(most(2));
  expect(long).toBeLessThan(most(3));
});
