/** Brings a window to one of its states, and waits until nothing moves there. */
import type { Page } from 'playwright-core';
import type { Snapshot } from '../../shared/contract/snapshot.ts';
import type { Browser, Look, OpenWindow } from './window.ts';

export interface Scene {
  readonly shows: Snapshot;
  /** CSS pixels; `WIDTH` where nothing is said. */
  readonly width?: number;
  readonly before?: (open: OpenWindow) => Promise<void>;
}

export const WIDTH = 760;

export const showScene = async (
  browser: Pick<Browser, 'open'>,
  { shows, width = WIDTH, before }: Scene,
  look: Look,
): Promise<OpenWindow> => {
  const open = await browser.open(shows, { ...look, viewport: { width, height: 600 } });
  try {
    await settle(open.page);
    await before?.(open);
    await settle(open.page);
    return open;
  } catch (error) {
    await open[Symbol.asyncDispose]();
    throw error;
  }
};

const settle = async (page: Page): Promise<void> => {
  await page.locator('h1, h2').first().waitFor();
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter((one) => one instanceof CSSTransition)
        .map((one) => one.finished),
    ).then(() => undefined),
  );
};

/** What is loaded by itself comes a moment after the rest. */
export const partsLoaded = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    const count = (): number => performance.getEntriesByType('resource').length;
    // The rest begins to come when the first list has been drawn.
    const isEarly = (): boolean => performance.now() < 500;
    for (let before = -1; before !== count() || isEarly(); ) {
      before = count();
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
  });
