/** Does a browser get to its page without the address passing through arguments that every user can read? */
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../doubles/eventually.ts';
import { runToEnd } from '../scenarios/running-drawbridge.ts';
import { chromiumAvailable, openChromium } from '../servers/chromium.ts';
import { createDesk, type Desk } from './commands.ts';

/** A desktop whose only browser writes down what it was started with. */
const withBrowser = async (desk: Desk) => {
  const home = path.join(desk.dataFolder, 'desktop');
  const [browser, record] = [path.join(home, 'browser'), path.join(home, 'argv')];
  await mkdir(home);
  await writeFile(
    browser,
    `#!/bin/sh\nprintf '%s\\n' "$@" >> '${record}.part'\nmv '${record}.part' '${record}'\n`,
  );
  await chmod(browser, 0o700);
  const env = {
    ...desk.env,
    // No display answers there; it is only asked whether there is one.
    DISPLAY: ':99',
    BROWSER: browser,
    HOME: home,
    XDG_DATA_HOME: home,
    XDG_DATA_DIRS: home,
    XDG_CONFIG_HOME: home,
    XDG_CONFIG_DIRS: home,
    XDG_CURRENT_DESKTOP: '',
  };
  return { env, argv: () => readFile(record, 'utf8').catch(() => '') };
};

describe.skipIf(process.platform !== 'linux')('a one-time link', () => {
  it('is in no argument of the opener, but in a page for its owner only', async () => {
    await using desk = await createDesk();
    await desk.serve();
    const { env, argv } = await withBrowser(desk);
    const { stderr } = await runToEnd(env, ['open']);
    await expect.poll(argv, eventually).not.toBe('');
    const page = (await argv()).trim().replace(/^file:\/\//, '');
    const pages = path.join(desk.dataFolder, 'pages');
    const { code } = /code=(?<code>[\w-]+)/.exec(stderr)?.groups ?? {};
    expect([path.dirname(page), (await argv()).includes(code ?? 'code')]).toEqual([pages, false]);
    expect([(await stat(page)).mode & 0o777, (await stat(pages)).mode & 0o777]).toEqual([
      0o600, 0o700,
    ]);
    expect(await readFile(page, 'utf8')).toContain(`code=${code}`);
  });

  it.skipIf(!chromiumAvailable())(
    'leads a real browser from that page into the window',
    async () => {
      await using desk = await createDesk();
      await desk.serve();
      const { env } = await withBrowser(desk);
      await runToEnd(env, ['open']);
      const pages = path.join(desk.dataFolder, 'pages');
      const [name = ''] = await readdir(pages);
      const { browser, close } = await openChromium();
      try {
        const page = await browser.newPage();
        await page.goto(`file://${path.join(pages, name)}`);
        await page.getByRole('heading', { name: 'No servers yet' }).waitFor();
      } finally {
        await close();
      }
    },
  );

  it('leaves no page behind when the daemon ends', async () => {
    await using desk = await createDesk();
    const serving = await desk.serve();
    await runToEnd((await withBrowser(desk)).env, ['open']);
    await serving.stop('SIGTERM');
    expect(await readdir(desk.dataFolder)).not.toContain('pages');
  });
});
