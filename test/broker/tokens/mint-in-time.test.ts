/** Is a source that never comes to an end waited for no longer than two minutes, and told to stop? */
import { expect, it } from 'vitest';
import { mintInTime } from '../../../broker/tokens/mint-in-time.ts';
import type { Minted } from '../../../broker/tokens/sources/source.ts';
import { createVirtualClock } from '../../doubles/clock.ts';

it('a source that does not end, and does not heed that it is to stop', async () => {
  const clock = createVirtualClock();
  let told: AbortSignal | undefined;
  const source = {
    isCheap: false,
    mint: (signal: AbortSignal): Promise<Minted> => {
      told = signal;
      return new Promise(() => undefined);
    },
  };
  const outcome = mintInTime(source, clock).catch((error: unknown) => error);
  await clock.advance(2 * 60_000 - 1);
  expect(told?.aborted).toBe(false);
  await clock.advance(1);
  expect(await outcome).toMatchObject({
    code: 'source-failed',
    message: 'no credential was got in time',
  });
  expect(told?.aborted).toBe(true);
});

it('a failure is said as it is, and no timer is left', async () => {
  const clock = createVirtualClock();
  const source = { isCheap: false, mint: () => Promise.reject(new Error('its own words')) };
  await expect(mintInTime(source, clock)).rejects.toThrow('its own words');
  expect(clock.waits()).toEqual([]);
});
