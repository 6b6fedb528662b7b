/** Which fault comes next, and for how many requests? */

export interface FaultTerms {
  /** Only the next so many requests; without it, until `reset`. */
  readonly times?: number;
  /** Seconds in the Retry-After header of `too-many-requests` and `unavailable`. */
  readonly retryAfter?: number;
  /** How long `slow` waits. */
  readonly delayMs?: number;
  /** Called when `held` or `answer-held` has stopped the request; it goes on once this resolves. */
  readonly until?: () => Promise<unknown>;
  /** Only token requests of this grant type. */
  readonly grantType?: string;
}

export interface PlannedFault<Name extends string> {
  readonly name: Name;
  readonly terms: FaultTerms;
}

export interface FaultPlan<Name extends string> {
  /** Faults queue up: the first one runs out, then the second starts. */
  readonly add: (name: Name, terms?: FaultTerms) => void;
  /** The fault for this request, spent by asking. */
  readonly take: (grantType?: string) => PlannedFault<Name> | undefined;
  readonly reset: () => void;
}

export const createFaultPlan = <Name extends string>(): FaultPlan<Name> => {
  let queue: { readonly fault: PlannedFault<Name>; left: number }[] = [];
  return {
    add: (name, terms = {}) => {
      queue.push({ fault: { name, terms }, left: terms.times ?? Number.POSITIVE_INFINITY });
    },
    take: (grantType) => {
      const entry = queue.find(
        ({ fault }) => fault.terms.grantType === undefined || fault.terms.grantType === grantType,
      );
      if (entry === undefined) return undefined;
      entry.left -= 1;
      if (entry.left <= 0) queue = queue.filter((other) => other !== entry);
      return entry.fault;
    },
    reset: () => {
      queue = [];
    },
  };
};
