/** When may a program that ended by itself be started again? */
import { beforeEach, expect, it } from 'vitest';
import {
  createRestarts,
  MOST_ENDS,
  type Restarts,
  WITHIN_MS,
} from '../../../../broker/bridge/upstream/stdio/restarts.ts';

let now = 0;
let restarts: Restarts;
beforeEach(() => {
  now = 1_000;
  restarts = createRestarts({ steady: () => now });
});

const endTimes = (times: number, hadSpoken = true): void => {
  for (let count = 0; count < times; count += 1) restarts.ended(100, hadSpoken);
};

it('at once for the first time, and ever later after that', () => {
  const waits = [restarts.wait()];
  for (let count = 1; count < MOST_ENDS; count += 1) {
    endTimes(1);
    waits.push(restarts.wait());
  }
  expect(waits).toEqual([0, 0, 1_000, 2_000, 4_000]);
  now += 3_000;
  expect(restarts.wait()).toBe(1_000);
});

it('not at all after so many ends, until the first of them is long ago', () => {
  endTimes(1);
  now += 60_000;
  endTimes(MOST_ENDS - 1);
  expect(restarts.wait()).toBeUndefined();
  expect(restarts.againIn()).toBe(WITHIN_MS - 60_000);
  now += WITHIN_MS - 60_000;
  expect(restarts.wait()).toBe(0);
});

it('at once when a person has looked after it', () => {
  endTimes(MOST_ENDS);
  restarts.forgive();
  expect(restarts.wait()).toBe(0);
});

it('an end after a long run is no failure to start', () => {
  for (let count = 0; count < MOST_ENDS; count += 1) restarts.ended(WITHIN_MS, true);
  expect(restarts.wait()).toBe(0);
});

it('ends without a word count no longer once it speaks, but crashes do', () => {
  endTimes(3, false);
  expect(restarts.isMute()).toBe(true);
  restarts.spoke();
  expect([restarts.isMute(), restarts.wait()]).toEqual([false, 0]);
  endTimes(MOST_ENDS);
  restarts.spoke();
  expect(restarts.wait()).toBeUndefined();
});
