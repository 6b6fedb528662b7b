/** The browser in which the tests of a file look at the window. */
import { afterAll, beforeAll, vi } from 'vitest';
import { type Browser, startBrowser } from './window.ts';

/** One for the whole file, whose tests get the time that a real browser needs on a busy machine. */
export const browserOfTests = (): Pick<Browser, 'open'> => {
  let browser: Browser;
  vi.setConfig({ testTimeout: 120_000 });
  beforeAll(async () => {
    browser = await startBrowser();
  }, 60_000);
  afterAll(() => browser.close());
  return { open: (...how) => browser.open(...how) };
};
