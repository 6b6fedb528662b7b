/** How far a person is who began without a server, wherever in the window they go meanwhile. */
export const steps = ['add', 'sign-in', 'connect'] as const;
export type Step = (typeof steps)[number];

export interface FirstRunState {
  readonly began: boolean;
  readonly skipped: readonly Step[];
}

export interface FirstRun {
  readonly state: () => FirstRunState;
  readonly subscribe: (listener: () => void) => () => void;
  /** There is no server: a beginning like the first. */
  readonly begin: () => void;
  readonly skip: (...skipped: readonly Step[]) => void;
}

export const createFirstRun = (): FirstRun => {
  const listeners = new Set<() => void>();
  let state: FirstRunState = { began: false, skipped: [] };
  const change = (next: FirstRunState): void => {
    state = next;
    for (const listener of listeners) listener();
  };
  return {
    state: () => state,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    begin: () => change({ began: true, skipped: [] }),
    skip: (...skipped) => change({ ...state, skipped: [...state.skipped, ...skipped] }),
  };
};
