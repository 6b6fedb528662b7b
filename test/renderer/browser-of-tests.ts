/** The browser in which the tests of a file look at the window. */
import { beforeAll, vi } from 'vitest';
import { type Browser, startBrowser } from './window.ts';

/** Files that are run one after the other in one process share it. It ends with that process. */
const shared: { started?: Promise<Browser> | undefined } = {};

const sharedBrowser = (): Promise<Browser> => {
  const forget = (): void => {
    shared.started = undefined;
  };
  shared.started ??= startBrowser().then(
    (browser) => {
      browser.onGone(forget);
      return browser;
    },
    (error: unknown) => {
      forget();
      throw error;
    },
  );
  return shared.started;
};

/** Every test of the file gets the time that a real browser needs on a busy machine. */
export const browserOfTests = (): Pick<Browser, 'open'> => {
  let browser: Browser;
  vi.setConfig({ testTimeout: 120_000 });
  beforeAll(async () => {
    browser = await sharedBrowser();
  }, 60_000);
  return { open: (...how) => browser.open(...how) };
};
