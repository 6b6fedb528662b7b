/** The one Chromium that all windows of a test file share. */
import type { Browser } from 'playwright-core';
import { type Chromium, openChromium } from '../../servers/chromium.ts';

const running: { chromium?: Promise<Chromium> } = {};

export const theChromium = async (): Promise<Browser> =>
  (await (running.chromium ??= openChromium())).browser;

export const closeChromium = async (): Promise<void> => {
  const { chromium } = running;
  delete running.chromium;
  await (await chromium)?.close();
};
