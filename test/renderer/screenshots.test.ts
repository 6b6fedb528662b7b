/** Can every state that is drawn for a person to look at be come to, without a complaint of the browser, and does it fit? */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { aroundScenes } from './around-scenes.ts';
import { scenes } from './screenshot-scenes.ts';
import { showScene } from './show-scene.ts';
import { type Browser, startBrowser } from './window.ts';

// A real browser on a busy machine needs longer than the five seconds of a plain test.
vi.setConfig({ testTimeout: 60_000 });

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
}, 60_000);
afterAll(() => browser.close());

/** One of each way that there is to a scene: a snapshot alone is drawn as it is, and has no way that could be lost. */
const ways = new Map(
  Object.entries(scenes).flatMap(([name, scene]) =>
    scene.before === undefined || scene.width !== undefined || name in aroundScenes
      ? []
      : [[scene.before, [name, scene] as const] as const],
  ),
);

test.each([...ways.values()])('%s', async (_name, scene) => {
  await using open = await showScene(browser, scene, { reducedMotion: 'reduce' });
  const width = await open.page.evaluate(() => document.documentElement.scrollWidth);
  expect({ width, complaints: open.complaints }).toEqual({ width: 760, complaints: [] });
});
