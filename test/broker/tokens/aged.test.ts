import { expect, it } from 'vitest';
import { aged } from '../../../broker/tokens/aged.ts';
import { someTokens } from '../../doubles/grants.ts';

const lives = (expiresIn: number | undefined, ms: number): unknown =>
  aged(someTokens('0', expiresIn === undefined ? {} : { expiresIn }), ms).expiresIn;

it.each([
  ['that came at once', 3600, 0, 3600],
  ['that slept for half an hour', 3600, 30 * 60_000, 1800],
  ['that slept for longer than they live', 3600, 8 * 60 * 60_000, 0.001],
  ['whose clock was set back meanwhile', 3600, -60_000, 3600],
  ['that say 0 for no end', 0, 60_000, 0],
])('tokens %s', (_what, expiresIn, ms, left) => {
  expect(lives(expiresIn, ms)).toBe(left);
});

it('a refresh token grows old along with them', () => {
  expect(aged({ ...someTokens('0'), refreshExpiresIn: 7200 }, 3_600_000).refreshExpiresIn).toBe(
    3600,
  );
});
