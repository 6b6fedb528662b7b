/** The one Chromium that all windows of a test file share. */
import { type Browser, chromium } from 'playwright-core';

const running: { browser?: Promise<Browser> } = {};

export const theChromium = (): Promise<Browser> => (running.browser ??= launch());

const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

export const closeChromium = async (): Promise<void> => {
  const { browser } = running;
  delete running.browser;
  await (await browser)?.close();
};
