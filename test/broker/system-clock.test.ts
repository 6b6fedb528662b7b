import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../broker/system-clock.ts';

describe('the system clock', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('waits longer than a timer can hold', () => {
    const deed = vi.fn();
    const days = 60 * 24 * 60 * 60 * 1000;

    systemClock.after(days, deed);

    vi.advanceTimersByTime(days - 1);
    expect(deed).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(deed).toHaveBeenCalledOnce();
  });

  it('takes a long wait back in its second stretch too', () => {
    const deed = vi.fn();
    const cancel = systemClock.after(2 ** 32, deed);

    vi.advanceTimersByTime(2 ** 31 + 10);
    cancel();
    vi.advanceTimersByTime(2 ** 32);

    expect(deed).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });
});
