import { afterEach, expect, it, vi } from 'vitest';
import { onQuit } from '../../electron/quit.ts';
import { app } from '../doubles/electron/app.ts';
import { beginAnew } from '../doubles/electron/control.ts';
import { life } from '../doubles/electron/life.ts';
import { until } from '../doubles/eventually.ts';
import { createFakeClock } from './fake-clock.ts';

afterEach(beginAnew);

it('goes when everything is taken down', async () => {
  const takeDown = vi.fn(async () => undefined);
  const clock = createFakeClock();
  onQuit(clock, takeDown);

  app.quit();
  app.quit();

  await until(() => expect(life().phase).toBe('ended'));
  expect(takeDown).toHaveBeenCalledOnce();
  expect(clock.waiting()).toBe(0);
});

it('does not wait for ever', async () => {
  const clock = createFakeClock();
  onQuit(clock, () => new Promise(() => undefined));

  app.quit();
  clock.pass(7999);
  await Promise.resolve();
  expect(life().phase).toBe('running');
  clock.pass(1);

  await until(() => expect(life().phase).toBe('ended'));
});

it('goes even when taking down fails', async () => {
  onQuit(createFakeClock(), () => Promise.reject(new Error('no')));

  app.quit();

  await until(() => expect(life().phase).toBe('ended'));
});

it('stays while it only has no window', () => {
  onQuit(createFakeClock(), async () => undefined);

  expect(app.emit('window-all-closed')).toBe(true);

  expect(life().phase).toBe('running');
});
