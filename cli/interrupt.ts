/** What Ctrl-C does to a command that has something to give up. */

/** Aborted by the first Ctrl-C. A second one finds nobody listening, and ends the process at once. */
export const interruptSignal = (): AbortSignal => {
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  return interrupt.signal;
};
