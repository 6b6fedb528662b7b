/** Links from elsewhere, on the whole shell: they open the window, and do nothing else. */
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { app } from '../doubles/electron/app.ts';
import { closeChromium } from '../doubles/electron/chromium.ts';
import { life } from '../doubles/electron/life.ts';
import { until } from '../doubles/eventually.ts';
import { createFakeBroker } from './fake-broker.ts';
import { endShell, runShell, thePage, theWindow } from './running-shell.ts';

afterEach(endShell);
afterAll(closeChromium);

const link = 'drawbridge://add?url=https%3A%2F%2Fmcp.example.com%2Fmcp';
const fragment = '#add=https%3A%2F%2Fmcp.example.com%2Fmcp';
const openUrl = (address: string): boolean => {
  let prevented = false;
  app.emit('open-url', { preventDefault: () => void (prevented = true) }, address);
  return prevented;
};

describe('a link', () => {
  it('that starts the app as an argument waits for the window', async () => {
    process.argv.push('--', link);
    try {
      await runShell();
    } finally {
      process.argv.splice(-2);
    }

    const page = await thePage();
    expect(new URL(page.url()).hash).toBe(fragment);
    expect(life().windows).toHaveLength(1);
  });

  it('that comes as an event while the app starts waits for the window', async () => {
    const broker = createFakeBroker();
    await runShell({
      startBroker: async () => {
        openUrl(link);
        return broker;
      },
    });

    const page = await thePage();
    expect(new URL(page.url()).hash).toBe(fragment);
    expect(life().windows).toHaveLength(1);
    expect(broker.deeds).toEqual([]);
  });

  it('of a second copy comes to the window that is open, and its page stays', async () => {
    const broker = await runShell();
    const page = await thePage();
    await page.locator('#revision', { hasText: '1' }).waitFor();
    await page.evaluate(() => Reflect.set(window, 'mark', 'the same page'));
    theWindow().close();

    app.emit('second-instance', {}, ['/opt/Drawbridge/drawbridge', '--', link]);

    await expect.poll(() => new URL(page.url()).hash).toBe(fragment);
    expect(await page.evaluate(() => Reflect.get(window, 'mark'))).toBe('the same page');
    expect(theWindow().isVisible()).toBe(true);
    expect(life().windows).toHaveLength(1);
    expect(broker.deeds).toEqual([]);
    expect(life().opened).toEqual([]);
  });

  it('opens the window of an app that was started with its tray alone', async () => {
    process.argv.push('--hidden');
    try {
      await runShell();
    } finally {
      process.argv.pop();
    }
    expect(life().windows).toEqual([]);

    expect(openUrl('drawbridge://open')).toBe(true);

    const page = await thePage();
    expect(new URL(page.url()).hash).toBe('');
    expect(theWindow().isVisible()).toBe(true);
  });

  it.each([
    'drawbridge://app/api/servers',
    'drawbridge://add?url=javascript:alert(1)',
    'drawbridge://sign-in?server=linear',
    'file:///etc/passwd',
    'https://evil.example/',
  ])('such as %s is neither followed nor shown', async (hostile) => {
    const broker = await runShell();
    const page = await thePage();
    const home = page.url();

    openUrl(hostile);
    app.emit('second-instance', {}, ['drawbridge', hostile]);
    app.emit('second-instance', {}, ['drawbridge', link, hostile.replace(/^\w+:/, 'drawbridge:')]);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));

    expect(page.url()).toBe(home);
    expect(broker.deeds).toEqual([]);
    expect(life()).toMatchObject({ opened: [], escapes: [], errorBoxes: [] });
  });

  it('is claimed by an installed app alone, and nothing in it can be an option', async () => {
    await runShell();
    expect(life().claims).toEqual([]);
    await endShell();

    life().isPackaged = true;
    await runShell();

    await until(() =>
      expect(life().claims).toEqual([
        { scheme: 'drawbridge', program: process.execPath, args: ['--'] },
      ]),
    );
  });
});
