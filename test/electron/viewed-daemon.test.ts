/** The app over a daemon that runs already, and that goes and comes back: both as they are shipped, but for Electron itself. */
import path from 'node:path';
import { powerMonitor } from 'electron';
import { expect, it } from 'vitest';
import { addInWindow } from '../browser/stage.ts';
import { trayLabels } from '../doubles/electron/control.ts';
import { life } from '../doubles/electron/life.ts';
import { eventually } from '../doubles/eventually.ts';
import { textIn } from '../doubles/files-in.ts';
import { runDrawbridge } from '../scenarios/running-drawbridge.ts';
import { chromiumAvailable } from '../servers/chromium.ts';
import { startMcpServer } from '../servers/mcp-server.ts';
import { appOfTests, PASSPHRASE } from './running-app.ts';
import { thePage } from './running-shell.ts';

const app = appOfTests();

const away = 'Drawbridge is not answering';

it.skipIf(!chromiumAvailable()).each([
  ['is started again', true],
  ['does not come back', false],
])(
  'shows one that %s: the page says so meanwhile, and goes on without a reload',
  { timeout: 60_000 },
  async (_what, comesBack) => {
    await using server = await startMcpServer();
    await using daemon = await runDrawbridge({
      dataFolder: app.dataFolder(),
      passphrase: PASSPHRASE,
    });
    let decided = Promise.resolve();
    await app.run(() => decided);
    const page = await thePage();
    await addInWindow(page, server.url);
    await page.getByRole('article', { name: 'drawbridge-test-server' }).waitFor();
    expect((await daemon.snapshot()).servers).toHaveLength(1);
    await page.evaluate(() => Object.assign(window, { sameDocument: true }));
    powerMonitor.emit('resume', {});
    await expect
      .poll(() => textIn(path.join(app.dataFolder(), 'log')), eventually)
      .toMatch(/power-event.*wake/);

    const { promise, resolve } = Promise.withResolvers<void>();
    decided = promise;
    await daemon.stop('SIGKILL');
    await page.getByText(away).waitFor();
    await expect
      .poll(() => trayLabels().join(), eventually)
      .toContain('Waiting for the background service');
    // The app begins a broker of its own where nobody else has: it is told late, so that somebody may.
    if (comesBack) await daemon.start();
    resolve();

    await page.getByText(away).waitFor({ state: 'detached' });
    await page.getByRole('article', { name: 'drawbridge-test-server' }).waitFor();
    expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true);
    await page
      .getByRole('button', { name: /^Rename: |^Remove: / })
      .first()
      .waitFor();
    await expect.poll(() => trayLabels().join(), eventually).toContain('drawbridge-test-server');
    expect((await daemon.snapshot()).servers).toHaveLength(1);
    expect(life().errorBoxes).toEqual([]);
  },
);
