import { expect, it, vi } from 'vitest';
import { createPause } from '../../../broker/state/pause.ts';
import { createVirtualClock } from '../../doubles/clock.ts';

const MINUTE = 60_000;

const open = () => {
  const clock = createVirtualClock();
  const onChange = vi.fn<() => void>();
  const onEnd = vi.fn<() => void>();
  return { clock, onChange, onEnd, pause: createPause({ clock, onChange, onEnd }) };
};

it('is shown, and told to AI clients, until it is ended', () => {
  const { clock, pause, onChange, onEnd } = open();
  expect([pause.view(), pause.problem()]).toEqual([undefined, undefined]);

  pause.begin({});

  expect(pause.view()).toEqual({ since: clock.now() });
  expect(pause.problem()?.problem).toMatchObject({
    code: 'paused',
    message: 'the person has paused Drawbridge, so nothing was done',
    hint: expect.stringContaining('drawbridge resume'),
  });
  expect([onChange.mock.calls.length, onEnd.mock.calls.length]).toEqual([1, 0]);

  pause.end();

  expect([pause.view(), pause.problem()]).toEqual([undefined, undefined]);
  expect([onChange.mock.calls.length, onEnd.mock.calls.length]).toEqual([2, 1]);
});

it('ends by itself after its time, once', async () => {
  const { clock, pause, onEnd } = open();
  pause.begin({ forMs: 30 * MINUTE });
  expect(pause.problem()?.message).toContain('(30 min left)');

  await clock.advance(30 * MINUTE);

  expect(pause.view()).toBeUndefined();
  pause.end();
  expect(onEnd).toHaveBeenCalledTimes(1);
});

it('gives way to another one, and remembers since when it is', async () => {
  const { clock, pause, onEnd } = open();
  const since = clock.now();
  pause.begin({ forMs: 10 * MINUTE });
  await clock.advance(5 * MINUTE);

  pause.begin({});
  await clock.advance(60 * MINUTE);

  expect(pause.view()).toEqual({ since });
  expect(onEnd).not.toHaveBeenCalled();
});

it('leaves no timer behind, and tells nobody of the end of the program', async () => {
  const { clock, pause, onEnd } = open();
  pause.begin({ forMs: MINUTE });

  pause.close();
  await clock.advance(2 * MINUTE);

  expect(onEnd).not.toHaveBeenCalled();
});
