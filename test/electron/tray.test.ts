import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { showTray } from '../../electron/tray.ts';
import { trayIcon } from '../../electron/tray-icon.ts';
import type { Snapshot } from '../../shared/contract/snapshot.ts';
import { app } from '../doubles/electron/app.ts';
import {
  becomeReady,
  beginAnew,
  chooseInTray,
  theTray,
  trayLabels,
} from '../doubles/electron/control.ts';
import { fileOf, type NativeImage } from '../doubles/electron/image.ts';
import { life } from '../doubles/electron/life.ts';
import { nativeTheme } from '../doubles/electron/system.ts';
import { faceOf } from '../doubles/electron/tray.ts';
import { createDrawn } from './drawn.ts';
import { createFakeClock } from './fake-clock.ts';
import { aServer, aSnapshot, ended } from './snapshots.ts';

beforeEach(becomeReady);
afterEach(beginAnew);

const icons = path.resolve(import.meta.dirname, '../../assets/tray');
const MINUTE = 60_000;

const draw = (first: Parameters<typeof createDrawn>[0]) => {
  const clock = createFakeClock();
  const drawn = createDrawn(first);
  const stop = showTray({ ...drawn, clock, icons });
  return { ...drawn, clock, stop };
};

const eleven = Array.from({ length: 11 }, (_, n) => aServer(`s${n}`, ended));
const scenes: readonly [name: string, snapshot: Snapshot][] = [
  ['well', aSnapshot(aServer('linear', {}))],
  ['renewing', aSnapshot(aServer('linear', { state: 'renewing' }))],
  ['needs-you-1', aSnapshot(aServer('linear', ended))],
  ['needs-you-many', aSnapshot(...eleven)],
  ['offline', aSnapshot(aServer('linear', { state: 'offline' }))],
  ['paused', { ...aSnapshot(aServer('linear', {})), pause: { since: 0 } }],
];

it.each(scenes)('shows the %s icon, which exists', (name, snapshot) => {
  draw(snapshot);

  const { image } = faceOf(theTray());

  expect(path.basename(fileOf(image) ?? '')).toBe(`${name}.png`);
  expect(image.isEmpty()).toBe(false);
});

describe('the picture', () => {
  const sizeOf = (file: string): number => readFileSync(file).readUInt32BE(16);
  const all = ['well', 'renewing', 'needs-you', 'offline', 'paused'];
  const numbered = [
    ...all,
    ...['1', '2', '3', '4', '5', '6', '7', '8', '9', 'many'].map((n) => `needs-you-${n}`),
  ];
  const small = { '': 16, '@1.25x': 20, '@1.5x': 24, '@2x': 32 };
  const ofLinux = { '': 22, '@2x': 44 };

  it.each([
    ['template', all, { '': 16, '@2x': 32 }],
    ['light', numbered, small],
    ['dark', numbered, small],
    ['light-22', numbered, ofLinux],
    ['dark-22', numbered, ofLinux],
  ])('of every state in %s is there in every size', (set, names, sizes) => {
    for (const name of names)
      for (const [suffix, px] of Object.entries(sizes))
        expect(sizeOf(path.join(icons, set, `${name}${suffix}.png`))).toBe(px);
  });

  it.each([
    ['darwin', '', true, 'template/needs-you.png'],
    ['win32', '', true, 'light/needs-you-3.png'],
    ['win32', '', false, 'dark/needs-you-3.png'],
    ['linux', 'KDE', false, 'dark-22/needs-you-3.png'],
    ['linux', 'KDE', true, 'light-22/needs-you-3.png'],
    ['linux', 'ubuntu:GNOME', false, 'light-22/needs-you-3.png'],
  ] as const)('can be seen on %s %s, dark %s: %s', (platform, desktop, isDark, file) => {
    nativeTheme.shouldUseDarkColors = isDark;
    nativeTheme.shouldUseDarkColorsForSystemIntegratedUI = isDark;
    const image = trayIcon(icons, { icon: 'needs-you', count: 3 }, platform, desktop);
    expect(fileOf(image as unknown as NativeImage)).toBe(path.join(icons, file));
  });

  it('follows a change of the theme', () => {
    draw(aSnapshot(aServer('linear', {})));
    nativeTheme.shouldUseDarkColors = true;
    nativeTheme.shouldUseDarkColorsForSystemIntegratedUI = true;

    nativeTheme.emit('updated');

    expect(fileOf(faceOf(theTray()).image)).toMatch(/(light(-22)?|template)\/well\.png$/);
  });
});

it('says the same as the model, and follows the snapshot', () => {
  const { change } = draw(aSnapshot());
  expect(trayLabels()).toEqual(['No servers yet', '---', 'Open Drawbridge', 'Quit']);

  change(aSnapshot(aServer('linear', {}), aServer('notion', ended)));

  expect(faceOf(theTray()).toolTip).toBe('Drawbridge: 1 of 2 need you');
  expect(trayLabels()).toEqual([
    'Notion: needs sign-in',
    'Sign in to Notion',
    'Linear: signed in',
    '---',
    'Copy entry for an AI client',
    'Pause all calls',
    '---',
    'Open Drawbridge',
    'Quit',
  ]);
});

it('does what its lines say', () => {
  const { change, done } = draw(aSnapshot(aServer('notion', ended)));

  chooseInTray('Sign in to Notion');
  change(aSnapshot(aServer('notion', { state: 'signing-in' })));
  chooseInTray('Cancel sign-in to Notion');
  chooseInTray('Open Drawbridge');
  chooseInTray('Quit');

  expect(done).toEqual(['sign-in notion/default', 'cancel-sign-in notion/default', 'open-window']);
  expect(life().phase).toBe('ended');
});

it('pauses, resumes, renews and copies', () => {
  const { change, done } = draw(aSnapshot(aServer('linear', { renewable: true })));

  chooseInTray('For an hour', 'Pause all calls');
  chooseInTray('Until I resume', 'Pause all calls');
  chooseInTray('Renew all sign-ins');
  chooseInTray('Linear', 'Copy entry for an AI client', 'Cursor');
  change({ ...aSnapshot(aServer('linear', {})), pause: { since: 0 } });
  chooseInTray('Resume');

  expect(done).toEqual([
    'pause 3600000',
    'pause undefined',
    'renew-all',
    'copy cursor linear',
    'resume',
  ]);
});

it('greys nothing out, which keyboards and screen readers would pass over', () => {
  const { done } = draw(aSnapshot(aServer('linear', {})));

  chooseInTray('Linear: signed in');

  expect(done).toEqual(['open-window linear']);
});

it('counts a pause down without a new snapshot', () => {
  const clock = createFakeClock();
  const until = clock.now() + 4.5 * MINUTE;
  const drawn = createDrawn({ ...aSnapshot(aServer('linear', {})), pause: { since: 0, until } });
  showTray({ ...drawn, clock, icons });

  clock.pass(MINUTE);

  expect(trayLabels()[0]).toBe('Paused, 3 min left');
});

it('counts the time down without a new snapshot', () => {
  const clock = createFakeClock();
  const drawn = createDrawn(
    aSnapshot(aServer('linear', { expiresAt: clock.now() + 4.5 * MINUTE })),
  );
  showTray({ ...drawn, clock, icons });
  expect(trayLabels()[0]).toBe('Linear: signed in, 4 min left');

  clock.pass(MINUTE);
  expect(trayLabels()[0]).toBe('Linear: signed in, 3 min left');

  clock.pass(2 * MINUTE);
  expect(trayLabels()[0]).toBe('Linear: signed in, 90 s left');
});

it('leaves an open menu alone while nothing in it changes', () => {
  const { change } = draw(aSnapshot(aServer('linear', {})));

  change({ ...aSnapshot(aServer('linear', {})), revision: 7 });

  expect(faceOf(theTray()).drawings).toBe(1);
});

it('promises nothing while no broker answers', () => {
  const { change } = draw(aSnapshot(aServer('linear', {})));

  change(undefined);

  expect(trayLabels()).toEqual([
    'Waiting for the background service',
    '---',
    'Open Drawbridge',
    'Quit',
  ]);
});

it('shows a title literally, whatever Electron would make of its &', () => {
  draw(aSnapshot({ ...aServer('rd', {}), title: 'R&D' }));

  expect(trayLabels()[0]).toBe('R&&D: signed in');
});

it('leaves nothing behind', () => {
  const { clock, listening, stop } = draw(aSnapshot(aServer('linear', { expiresAt: 2e12 })));

  stop();

  expect(listening()).toBe(0);
  expect(clock.waiting()).toBe(0);
  expect(life().trays[0]?.isDestroyed()).toBe(true);
  expect(app.listenerCount('before-quit')).toBe(0);
  expect(nativeTheme.listenerCount('updated')).toBe(0);
});
