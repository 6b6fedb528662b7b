/** Order among deeds on the same thing: joining the one under way, or waiting for it. */

export interface SingleFlight {
  /** Joins the run under way for `key`, or starts one. */
  readonly join: (key: string, run: () => Promise<void>) => Promise<void>;
  /** Resolves once none is under way. Never rejects. */
  readonly idle: () => Promise<void>;
}

export const createSingleFlight = (): SingleFlight => {
  const flights = new Map<string, Promise<void>>();
  return {
    join: (key, run) => {
      const under = flights.get(key);
      if (under !== undefined) return under;
      const flight = run().finally(() => flights.delete(key));
      flights.set(key, flight);
      return flight;
    },
    idle: async () => void (await Promise.allSettled(flights.values())),
  };
};

/** A function that runs the deeds of each `key` one after the other, failed ones included. */
export const createTurns = () => {
  const last = new Map<string, Promise<unknown>>();
  return <T>(key: string, run: () => Promise<T>): Promise<T> => {
    const turn = (last.get(key) ?? Promise.resolve()).then(run, run);
    // The map holds only keys with something under way.
    const settled: Promise<void> = turn.then(
      () => forget(),
      () => forget(),
    );
    const forget = (): void => {
      if (last.get(key) === settled) last.delete(key);
    };
    last.set(key, settled);
    return turn;
  };
};
