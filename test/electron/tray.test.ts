import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { showTray } from '../../electron/tray.ts';
import { app } from '../doubles/electron/app.ts';
import {
  becomeReady,
  beginAnew,
  chooseInTray,
  theTray,
  trayLabels,
} from '../doubles/electron/control.ts';
import { fileOf } from '../doubles/electron/image.ts';
import { life } from '../doubles/electron/life.ts';
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

it.each([
  ['well', {}],
  ['busy', { state: 'renewing' }],
  ['attention', ended],
] as const)('shows the %s icon, which exists', (name, account) => {
  draw(aSnapshot(aServer('linear', account)));

  const { image } = faceOf(theTray());

  expect(fileOf(image)).toBe(path.join(icons, `${name}.png`));
  expect(image.isEmpty()).toBe(false);
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
});
