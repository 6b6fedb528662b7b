import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openPreferences } from '../../electron/preferences.ts';
import { app } from '../doubles/electron/app.ts';
import { becomeReady, beginAnew } from '../doubles/electron/control.ts';
import { createFakeClock } from './fake-clock.ts';

beforeEach(becomeReady);
afterEach(beginAnew);

const file = (name = 'preferences.json') => path.join(app.getPath('userData'), name);
const clock = createFakeClock(1234);

it('survive from one run to the next, for their owner only', () => {
  openPreferences(clock).set('windowSize', { width: 900, height: 700 });

  expect(openPreferences(clock).get('windowSize')).toEqual({ width: 900, height: 700 });
  expect(statSync(file()).mode & 0o777).toBe(0o600);
});

it('begin with defaults', () => {
  expect(openPreferences(clock).get('windowSize')).toEqual({ width: 760, height: 640 });
  expect(openPreferences(clock).get('startHidden')).toBe(false);
});

it.each([
  ['half a file', '{ "windowSize": { "wid'],
  ['what is not of the schema', '{ "windowSize": { "width": "wide", "height": 1 } }'],
])('set %s aside and begin anew', (_what, text) => {
  writeFileSync(file(), text);

  expect(openPreferences(clock).get('startHidden')).toBe(false);

  expect(readFileSync(file('preferences.unreadable-1234.json'), 'utf8')).toBe(text);
  openPreferences(clock).set('startHidden', true);
  expect(openPreferences(clock).get('startHidden')).toBe(true);
});

it('leave no other files', () => {
  openPreferences(clock).set('startHidden', true);

  expect(readdirSync(app.getPath('userData'))).toEqual(['preferences.json']);
});
