/** For `expect.poll`: what will be so soon, on a machine that may be busy with other tests. */
export const eventually = { timeout: 10_000, interval: 20 };
