/** How long the page keeps a person waiting, as the browser's own performance trace has it. */
import type { Page } from 'playwright-core';

export interface Waits {
  /** How long each interaction took until the next frame was drawn, ms. */
  readonly interactions: readonly number[];
  /** How long the tasks took that kept the page busy for more than 50 ms, ms. */
  readonly longTasks: readonly number[];
  /** What nobody should have to wait for, ms: 100 on a machine that is idle, and more while it is busy with other things. */
  readonly most: number;
}

/** From here on the browser notes what takes long. */
export const watchWaits = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const noted = { interactions: [] as number[], longTasks: [] as number[] };
    Object.assign(window, { noted });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as PerformanceEventTiming[]) {
        if (entry.interactionId !== 0) noted.interactions.push(entry.duration);
      }
    }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit);
    new PerformanceObserver((list) => {
      noted.longTasks.push(...list.getEntries().map(({ duration }) => duration));
    }).observe({ type: 'longtask' });
  });

/** What has been noted since. */
export const waitsOf = async (page: Page): Promise<Waits> => {
  const most = TENTH_MS * Math.max(1, (await knownLoad(page)) / IDLE_LOAD_MS);
  const seen = await page.evaluate(
    () => (window as unknown as { noted: Omit<Waits, 'most'> }).noted,
  );
  return { ...seen, most };
};

const TENTH_MS = 100;
/** What an idle machine takes for the known load. */
const IDLE_LOAD_MS = 50;

/** How long the machine takes just now for a piece of work that is always the same, ms: the middle one of several tries. */
const knownLoad = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const times = Array.from({ length: 9 }, () => {
      const began = performance.now();
      let sum = 0;
      for (let place = 0; place < 10_000_000; place += 1) sum = (Math.imul(sum, 31) + place) | 0;
      return performance.now() - began + (sum === 1 ? 1 : 0);
    });
    return times.toSorted((a, b) => a - b)[4] ?? 0;
  });
