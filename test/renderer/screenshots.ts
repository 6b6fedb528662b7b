/** Draws the window in each state into test/results/screenshots, to be looked at by a person. */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { buildWindow } from '../setup/build-window.ts';
import { scenes } from './screenshot-scenes.ts';
import { partsLoaded, showScene, WIDTH } from './show-scene.ts';
import { startBrowser } from './window.ts';

const folder = fileURLToPath(new URL('../results/screenshots/', import.meta.url));
const wanted = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const built = await buildWindow();
const browser = await startBrowser(built.folder);
try {
  for (const [name, scene] of Object.entries(scenes)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    for (const colorScheme of ['light', 'dark'] as const) {
      await using open = await showScene(browser, scene, {
        colorScheme,
        own: { deviceScaleFactor: 1.5 },
      });
      await partsLoaded(open.page);
      // What is out of sight is not drawn.
      const height = await open.page.evaluate(() => document.documentElement.scrollHeight);
      await open.page.setViewportSize({ width: scene.width ?? WIDTH, height });
      await open.page.screenshot({ path: `${folder}${name}-${colorScheme}.png` });
    }
  }
} finally {
  await browser.close();
  await built.remove();
}
