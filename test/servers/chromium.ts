/** A browser that tests may click with: Debian's Chromium, headless, driven by playwright-core. */
import { createRequire } from 'node:module';
import { type Browser, chromium } from 'playwright-core';

export interface Chromium extends AsyncDisposable {
  readonly browser: Browser;
  readonly close: () => Promise<void>;
}

const { chromiumPath } = createRequire(import.meta.url)('../../tools/chromium.cjs') as {
  /** Without a window it starts in a third of the time. `CHROMIUM` names another browser than Debian's. */
  readonly chromiumPath: () => string | undefined;
};

export const chromiumAvailable = (): boolean => chromiumPath() !== undefined;

export const openChromium = async (): Promise<Chromium> => {
  const browser = await chromium.launch({
    executablePath: chromiumPath() ?? 'chromium',
    args: [
      // Tests run as root in containers, where Chromium's sandbox cannot start.
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      // A browser that phones home on start would spoil every test of what leaves the machine.
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const close = (): Promise<void> => browser.close();
  return { browser, close, [Symbol.asyncDispose]: close };
};
