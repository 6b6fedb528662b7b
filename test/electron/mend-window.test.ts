/** What becomes of a window whose page dies or hangs, on the whole shell. */
import { BrowserWindow } from 'electron';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createMending } from '../../electron/mend-window.ts';
import { closeChromium } from '../doubles/electron/chromium.ts';
import { becomeReady } from '../doubles/electron/control.ts';
import { life } from '../doubles/electron/life.ts';
import { createFakeClock } from './fake-clock.ts';
import { endShell, runShell, thePage, theWindow } from './running-shell.ts';

afterEach(endShell);
afterAll(closeChromium);

const living = () => life().windows.filter((window) => !window.isDestroyed());
const crash = (): void =>
  void theWindow().webContents.emit('render-process-gone', {}, { reason: 'crashed' });

const crashUntilAsked = async (): Promise<void> => {
  for (let count = 1; count <= 4; count += 1) {
    await expect.poll(() => living().length).toBe(1);
    await thePage();
    crash();
  }
};

describe('a page that dies', () => {
  it('comes back by itself, and the broker does not notice', async () => {
    const broker = await runShell();
    await thePage();

    crash();
    expect(living()).toEqual([]);

    await expect.poll(() => living().length).toBe(1);
    await thePage();
    expect(theWindow().isVisible()).toBe(true);
    expect(life().questions).toEqual([]);
    expect(broker.stops()).toBe(0);
  });

  it('out of sight stays away until somebody opens the window', async () => {
    becomeReady();
    const clock = createFakeClock();
    const window = new BrowserWindow({ show: false });
    createMending(clock, () => undefined).watch(window);

    window.webContents.emit('render-process-gone', {}, {});

    expect(window.isDestroyed()).toBe(true);
    expect(clock.waiting()).toBe(0);
  });

  it('for the fourth time ends in a question instead of a loop', async () => {
    await runShell();

    await crashUntilAsked();

    await expect.poll(() => life().questions.length).toBe(1);
    expect(life().questions[0]?.message).toBe('The window of Drawbridge keeps closing by itself');
    expect(living()).toEqual([]);
    life().questions[0]?.answer('Open again');
    await expect.poll(() => living().length).toBe(1);
  });

  it('stays away when the person wants that', async () => {
    await runShell();
    await crashUntilAsked();
    await expect.poll(() => life().questions.length).toBe(1);

    life().questions[0]?.answer('Not now');

    await expect.poll(() => life().questions.length).toBe(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(living()).toEqual([]);
  });

  it('is asked about no more once the person quits', async () => {
    await runShell();
    await crashUntilAsked();
    await expect.poll(() => life().questions.length).toBe(1);
    const { questions, windows } = life();

    await endShell();

    expect(questions).toEqual([]);
    expect(windows.every((window) => window.isDestroyed())).toBe(true);
  });
});

describe('a page that hangs', () => {
  it('is asked about once, and made anew when the person says so', async () => {
    await runShell();
    await thePage();
    const hanging = theWindow();

    hanging.emit('unresponsive');
    hanging.emit('unresponsive');

    await expect.poll(() => life().questions.length).toBe(1);
    expect(life().questions[0]?.message).toBe('The window of Drawbridge does not answer');
    life().questions[0]?.answer('Open again');
    await expect.poll(() => hanging.isDestroyed()).toBe(true);
    await expect.poll(() => living().length).toBe(1);
  });

  it('and answers after all is left as it is', async () => {
    await runShell();
    await thePage();
    const hanging = theWindow();

    hanging.emit('unresponsive');
    await expect.poll(() => life().questions.length).toBe(1);
    hanging.emit('responsive');

    await expect.poll(() => life().questions.length).toBe(0);
    expect(hanging.isDestroyed()).toBe(false);
  });
});
