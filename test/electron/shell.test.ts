import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { ProblemError } from '../../shared/contract/problems.ts';
import { app } from '../doubles/electron/app.ts';
import { closeChromium } from '../doubles/electron/chromium.ts';
import {
  becomeReady,
  beginAnew,
  chooseInTray,
  theTray,
  trayLabels,
} from '../doubles/electron/control.ts';
import { life } from '../doubles/electron/life.ts';
import { until } from '../doubles/eventually.ts';
import { createFakeBroker } from './fake-broker.ts';
import { endShell, runShell, thePage, theWindow } from './running-shell.ts';
import { aServer, aSnapshot, ended } from './snapshots.ts';

afterEach(endShell);
afterAll(closeChromium);

describe('starting', () => {
  it('declares the scheme and the sandbox before Electron is ready', async () => {
    await runShell();

    expect(life().schemes).toEqual([
      {
        scheme: 'drawbridge',
        privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true },
      },
    ]);
    expect(life().sandboxed).toBe(true);
  });

  it('keeps the window data beside the broker data, so that the lock is one a data folder', async () => {
    await runShell();

    expect(app.getPath('userData')).toBe(path.join(life().folder, 'data', 'window'));
  });

  it('leaves a second copy with nothing', async () => {
    life().isFirstCopy = false;
    const startBroker = vi.fn(async () => createFakeBroker());

    await runShell({ startBroker });

    expect(startBroker).not.toHaveBeenCalled();
    expect(life()).toMatchObject({ phase: 'ended', windows: [], trays: [] });
  });

  it('brings the window of the first copy up when a second one starts', async () => {
    await runShell();
    await thePage();
    theWindow().minimize();

    app.emit('second-instance', {}, []);

    expect(theWindow().isMinimized()).toBe(false);
    expect(theWindow().isFocused()).toBe(true);
    expect(life().windows).toHaveLength(1);
  });

  it('says why it cannot start, and ends', async () => {
    await runShell({
      startBroker: async () => {
        throw new ProblemError('door-unavailable', 'the port is taken', { hint: 'Free it.' });
      },
    });

    expect(life().errorBoxes).toEqual([
      { title: 'Drawbridge cannot start', content: 'the port is taken\n\nFree it.' },
    ]);
    await until(() => expect(life().phase).toBe('ended'));
  });

  it('does not show a person the text of an unknown error', async () => {
    await runShell({
      startBroker: async () => {
        throw new Error('secret-canary-1');
      },
    });

    expect(JSON.stringify(life().errorBoxes)).not.toContain('canary');
    await until(() => expect(life().phase).toBe('ended'));
  });

  it('is remembered as what shims start when none runs: this app, with its tray alone', async () => {
    process.argv.push('--hidden');
    try {
      await runShell();
    } finally {
      process.argv.pop();
    }

    const file = path.join(life().folder, 'data', 'launch.json');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      program: process.execPath,
      args: [app.getAppPath(), '--hidden'],
    });
    expect(life().windows).toEqual([]);
  });

  it('stays in the tray when the person wants it to start hidden', async () => {
    const folder = path.join(life().folder, 'data', 'window');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'preferences.json'), '{ "startHidden": true }');

    await runShell();

    expect(life().windows).toEqual([]);
    chooseInTray('Open Drawbridge');
    await thePage();
    expect(theWindow().isVisible()).toBe(true);
  });
});

describe('running', () => {
  it('shows in tray and window what the broker says', async () => {
    const broker = await runShell();
    const page = await thePage();

    broker.change(aSnapshot(aServer('linear', { state: 'renewing' })));

    expect(trayLabels()[0]).toBe('Linear: renewing');
    await page.locator('#revision', { hasText: '2' }).waitFor();
  });

  it('signs in from the tray over the control plane', async () => {
    const broker = await runShell();
    broker.change(aSnapshot(aServer('linear', ended)));

    chooseInTray('Sign in to Linear');

    await until(() =>
      expect(broker.deeds).toEqual(['POST /api/servers/linear/accounts/default/sign-in']),
    );
  });

  it('opens the window and writes a log line when a deed of the tray fails', async () => {
    const broker = await runShell();
    theWindow().close();
    broker.change(aSnapshot(aServer('linear', ended)));
    broker.refuseDeeds();

    chooseInTray('Sign in to Linear');

    await until(() => expect(theWindow().isVisible()).toBe(true));
    const log = readFileSync(path.join(app.getPath('logs'), 'drawbridge.log'), 'utf8');
    expect(JSON.parse(log)).toMatchObject({ event: 'deed-failed', code: 'offline' });
  });

  it('stays when its window is closed', async () => {
    const broker = await runShell();
    await thePage();

    theWindow().close();

    expect(life().phase).toBe('running');
    expect(broker.stops()).toBe(0);
  });
});

describe('quitting', () => {
  it('stops the broker once, however often it is asked', async () => {
    const broker = await runShell();
    await thePage();
    const letStopEnd = broker.holdStop();

    chooseInTray('Quit');
    app.quit();
    app.quit();
    await until(() => expect(broker.stops()).toBe(1));
    expect(life().phase).toBe('running');
    letStopEnd();

    await until(() => expect(life().phase).toBe('ended'));
    expect(broker.stops()).toBe(1);
  });

  it('takes tray, window and scheme down', async () => {
    await runShell();
    await thePage();
    const window = theWindow();
    const tray = theTray();

    app.quit();
    await until(() => expect(life().phase).toBe('ended'));

    expect(tray.isDestroyed()).toBe(true);
    expect(window.isDestroyed()).toBe(true);
    expect(life().handlers.size).toBe(0);
  });

  it('waits for a start that is under way, and stops what it brought', async () => {
    const broker = createFakeBroker();
    const { promise, resolve } = Promise.withResolvers<void>();
    const running = runShell({ startBroker: () => promise.then(() => broker) });
    await until(() =>
      expect(existsSync(path.join(app.getPath('logs'), 'drawbridge.log'))).toBe(true),
    );

    app.quit();
    resolve();
    await running;

    await until(() => expect(life().phase).toBe('ended'));
    expect(broker.stops()).toBe(1);
  });
});

describe('while a daemon holds the data folder', () => {
  const taken = async () => {
    throw new ProblemError('already-running', 'another Drawbridge runs');
  };

  it('shows the daemon in tray and window and leaves it running at the end', async () => {
    const broker = await runShell({ startBroker: taken });
    const page = await thePage();
    await until(() => expect(broker.openStreams()).toBe(2));

    broker.change(aSnapshot(aServer('linear', ended)));
    await until(() => expect(trayLabels()).toContain('Sign in to Linear'));
    await page.locator('#revision', { hasText: '2' }).waitFor();
    chooseInTray('Sign in to Linear');
    await until(() => expect(broker.deeds).toHaveLength(1));

    app.quit();
    await until(() => expect(life().phase).toBe('ended'));
    expect(broker.stops()).toBe(0);
    await until(() => expect(broker.openStreams()).toBe(0));
  });

  it('opens its window all the same when the daemon does not answer yet', async () => {
    await runShell({
      startBroker: taken,
      reachBroker: async () => {
        throw new ProblemError('not-running', 'nobody answers');
      },
    });
    const page = await thePage();

    const answer = await page.evaluate(async () => {
      const response = await fetch('/api/snapshot');
      return { status: response.status, body: await response.json() };
    });

    expect(answer).toMatchObject({ status: 503, body: { error: { code: 'not-running' } } });
    expect(trayLabels()).toContain('Waiting for the background service');
  });
});

it('nothing of the double is left from one test to the next', async () => {
  becomeReady();
  await beginAnew();
  expect(life()).toMatchObject({ isReady: false, windows: [], trays: [], schemes: [] });
});
