/** A browser that tests may click with: Debian's Chromium, headless, driven by playwright-core. */
import { type Browser, chromium } from 'playwright-core';
import { isExecutable } from './on-path.ts';

export interface Chromium extends AsyncDisposable {
  readonly browser: Browser;
  readonly close: () => Promise<void>;
}

/** Without a window it starts in a third of the time. `CHROMIUM` names another browser than Debian's. */
const executable = (): string | undefined =>
  [process.env.CHROMIUM ?? '/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find(
    isExecutable,
  );

export const chromiumAvailable = (): boolean => executable() !== undefined;

export const openChromium = async (): Promise<Chromium> => {
  const browser = await chromium.launch({
    executablePath: executable() ?? 'chromium',
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
