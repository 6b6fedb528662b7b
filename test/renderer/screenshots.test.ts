/** Can every state that is drawn for a person to look at be come to, without a complaint of the browser, and does it fit? */
import { expect, test } from 'vitest';
import { aroundScenes } from './around-scenes.ts';
import { browserOfTests } from './browser-of-tests.ts';
import { scenes } from './screenshot-scenes.ts';
import { showScene } from './show-scene.ts';

const browser = browserOfTests();

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
