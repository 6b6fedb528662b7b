/** What stands around the screens, and before there is one, for everyone: in every look. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { aroundScenes } from './around-scenes.ts';
import { faults } from './axe.ts';
import { showScene } from './show-scene.ts';
import { type Browser, startBrowser } from './window.ts';

const alike = new Set(['everyday', 'update-found', 'update-ready']);

// A real browser on a busy machine needs longer than the five seconds of a plain test.
vi.setConfig({ testTimeout: 60_000 });

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
}, 60_000);
afterAll(() => browser.close());

/** Each look has both widths, and these have all that the others have. */
const scenes = Object.entries(aroundScenes).filter(
  ([name, { width }]) => width === undefined && !alike.has(name),
);

test.each(scenes)('%s', async (_name, scene) => {
  await using open = await showScene(browser, scene, { reducedMotion: 'reduce' });
  expect(await faults(open.page)).toEqual([]);
});
