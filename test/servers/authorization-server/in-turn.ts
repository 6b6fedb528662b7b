/** How do two deeds that arrive together become one after the other? */

/** Runs each deed when the one before it has ended, however it ended. */
export const createTurns = (): ((deed: () => Promise<void>) => Promise<void>) => {
  let last: Promise<void> = Promise.resolve();
  return (deed) => {
    const mine = last.then(deed);
    last = mine.catch(() => undefined);
    return mine;
  };
};
