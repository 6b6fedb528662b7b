/** How large the page is: by keys, wheel and menu, within limits, and again after a new start. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BrowserWindow } from 'electron';
import { afterAll, afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { setAppMenu } from '../../electron/app-menu.ts';
import { openPreferences } from '../../electron/preferences.ts';
import { createZoom, type Zoom } from '../../electron/zoom.ts';
import { app } from '../doubles/electron/app.ts';
import { optionsOf } from '../doubles/electron/browser-window.ts';
import { closeChromium } from '../doubles/electron/chromium.ts';
import { becomeReady, beginAnew } from '../doubles/electron/control.ts';
import { life, preventable } from '../doubles/electron/life.ts';
import { createFakeClock } from './fake-clock.ts';
import { endShell, runShell, thePage, theWindow } from './running-shell.ts';

afterAll(closeChromium);

/** Electron's window, or its double. */
interface Window {
  readonly webContents: {
    readonly emit: (name: string, ...given: unknown[]) => boolean;
    readonly getZoomFactor: () => number;
  };
}

/** A key that goes down with control, unless it is said otherwise; returns whether the page was spared it. */
const press = (
  { webContents }: Window,
  key: string,
  more: Partial<Electron.Input> = {},
): boolean => {
  const event = preventable({});
  const plain = { type: 'keyDown', control: true, meta: false, alt: false, shift: false };
  webContents.emit('before-input-event', event, { ...plain, key, code: '', ...more });
  return event.defaultPrevented;
};

const percentOf = ({ webContents }: Window): number =>
  Math.round(webContents.getZoomFactor() * 100);

describe('a zoom', () => {
  beforeEach(becomeReady);
  afterEach(beginAnew);

  const begin = (
    platform: NodeJS.Platform = 'linux',
    preferences = openPreferences(createFakeClock()),
  ) => {
    const zoom = createZoom(preferences, platform);
    const window = new BrowserWindow({ show: false });
    zoom.watch(window);
    return { zoom, window };
  };

  const times = (count: number, zoom: Zoom, deed: 'in' | 'out'): void => {
    for (let done = 0; done < count; done += 1) zoom.change(deed);
  };

  it.each([
    ['+', {}, 110],
    ['=', {}, 110],
    ['+', { shift: true, code: 'Equal' }, 110],
    ['+', { code: 'NumpadAdd' }, 110],
    ['-', {}, 90],
    ['-', { code: 'NumpadSubtract' }, 90],
  ])('follows control and %s %o', (key, more, percent) => {
    const { window } = begin();

    expect(press(window, key, more)).toBe(true);

    expect(percentOf(window)).toBe(percent);
  });

  it.each([
    ['0', {}],
    ['0', { code: 'Numpad0' }],
    ['à', { code: 'Digit0' }],
  ])('goes back with control and %s %o', (key, more) => {
    const { zoom, window } = begin();
    times(3, zoom, 'in');

    press(window, key, more);

    expect(percentOf(window)).toBe(100);
  });

  it.each([
    ['a key that comes up', { type: 'keyUp' }],
    ['a key alone', { control: false }],
    ['AltGr', { alt: true }],
    ['the Windows key', { meta: true }],
    ['what is command elsewhere', { control: false, meta: true }],
  ])('leaves %s to the page', (_what, more) => {
    const { window } = begin();

    expect(press(window, '+', more)).toBe(false);

    expect(percentOf(window)).toBe(100);
  });

  it('follows command on macOS, and leaves control to the page', () => {
    const { window } = begin('darwin');

    expect(press(window, '+')).toBe(false);
    expect(press(window, '+', { control: false, meta: true })).toBe(true);

    expect(percentOf(window)).toBe(110);
  });

  it('follows the wheel', () => {
    const { window } = begin();

    window.webContents.emit('zoom-changed', {}, 'in');
    window.webContents.emit('zoom-changed', {}, 'in');
    window.webContents.emit('zoom-changed', {}, 'out');

    expect(percentOf(window)).toBe(110);
  });

  it('ends at half and at three times, and comes by twice', () => {
    const { zoom, window } = begin();
    const seen = new Set<number>();
    for (let count = 0; count < 20; count += 1) {
      zoom.change('in');
      seen.add(percentOf(window));
    }
    expect(percentOf(window)).toBe(300);
    expect(seen).toContain(200);

    times(20, zoom, 'out');

    expect(percentOf(window)).toBe(50);
  });

  it('holds also when it cannot be kept', () => {
    const full = {
      ...openPreferences(createFakeClock()),
      set: () => {
        throw new Error('ENOSPC');
      },
    };
    const { zoom, window } = begin('linux', full);

    zoom.change('in');

    expect(percentOf(window)).toBe(110);
  });

  it('goes on from what somebody wrote in the file', () => {
    const preferences = openPreferences(createFakeClock());
    preferences.set('zoom', 140);
    const { zoom } = begin('linux', preferences);

    zoom.change('out');

    expect(zoom.factor()).toBe(1.25);
  });

  it('touches no window that is gone', () => {
    const { zoom, window } = begin();
    const touched = vi.spyOn(window.webContents, 'setZoomFactor');
    window.destroy();

    zoom.change('in');

    expect(touched).not.toHaveBeenCalled();
  });

  it('is in the menu of macOS, with its keys', () => {
    const { zoom, window } = begin('darwin');
    setAppMenu(zoom, 'darwin');
    const view = life().appMenu?.items.find(({ label }) => label === 'View')?.submenu;
    const choose = (label: string) => view?.items.find((item) => item.label === label)?.click();

    choose('Zoom In');
    choose('Zoom In');
    expect(percentOf(window)).toBe(125);
    choose('Zoom Out');
    expect(percentOf(window)).toBe(110);
    choose('Actual Size');
    expect(percentOf(window)).toBe(100);
  });

  it('is in no menu elsewhere, where there is none', () => {
    setAppMenu(begin().zoom, 'win32');

    expect(life().appMenu).toBeNull();
  });
});

describe('the window', () => {
  afterEach(endShell);

  const width = () => window.innerWidth;

  it('at 200 % lays itself out by half of its pixels, also when it is made anew', async () => {
    await runShell();
    const page = await thePage();
    expect(await page.evaluate(width)).toBe(760);

    while (percentOf(theWindow()) < 200) press(theWindow(), '+');

    await expect.poll(() => page.evaluate(width)).toBe(380);
    theWindow().destroy();
    app.emit('activate', {});
    const anew = await thePage();
    await expect.poll(() => anew.evaluate(width)).toBe(380);
    expect(optionsOf(theWindow()).webPreferences?.zoomFactor).toBe(2);
  });

  it('is drawn as large when the app is started again', async () => {
    const dataFolder = mkdtempSync(path.join(tmpdir(), 'drawbridge-zoom-'));
    onTestFinished(() => rmSync(dataFolder, { recursive: true, force: true }));
    await runShell({ dataFolder });
    await thePage();
    press(theWindow(), '-');
    await endShell();

    await runShell({ dataFolder });

    const page = await thePage();
    await expect.poll(() => page.evaluate(width)).toBe(844);
  });

  it('keeps to it over what Electron remembers of the page', async () => {
    await runShell();
    await thePage();
    const { webContents } = theWindow();

    webContents.setZoomFactor(3);
    webContents.emit('did-finish-load');

    expect(percentOf(theWindow())).toBe(100);
  });
});
