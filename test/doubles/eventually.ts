import { vi } from 'vitest';

/** For `expect.poll`: what will be so soon, on a machine that may be busy with other tests. */
export const eventually = { timeout: 10_000, interval: 20 };

/** Waits until `check` no longer fails, and gives what it gives. */
export const until = <T>(
  check: () => T | Promise<T>,
  timeout: number = eventually.timeout,
): Promise<T> => vi.waitFor(check, { ...eventually, timeout });
