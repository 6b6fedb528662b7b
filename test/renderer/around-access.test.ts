/** What stands around the screens, and before there is one, for everyone: in every look. */
import { expect, test } from 'vitest';
import { aroundScenes } from './around-scenes.ts';
import { faults } from './axe.ts';
import { browserOfTests } from './browser-of-tests.ts';
import { showScene } from './show-scene.ts';

const alike = new Set(['everyday', 'update-found', 'update-ready']);

const browser = browserOfTests();

/** Each look has both widths, and these have all that the others have. */
const scenes = Object.entries(aroundScenes).filter(
  ([name, { width }]) => width === undefined && !alike.has(name),
);

test.each(scenes)('%s', async (_name, scene) => {
  await using open = await showScene(browser, scene, { reducedMotion: 'reduce' });
  expect(await faults(open.page)).toEqual([]);
});
