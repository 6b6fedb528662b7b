/** The handshake of an AI client with a server that could not be reached for it: it is said again when it can be. */
import { ProblemError } from '../../../shared/contract/problems.ts';
import { type Leg, type Message, messageOf } from '../leg.ts';
import type { Peeked } from '../peek.ts';
import { LATEST_MS, tooSlow } from './ask.ts';
import { type Identity, readIdentity } from './identity.ts';

export interface Handshake {
  /** The AI client says `initialize`, which counts from now on. */
  readonly begin: (initialize: Message) => void;
  /** It says `notifications/initialized`. */
  readonly initialized: (message: Message) => void;
  readonly isInitialized: () => boolean;
  /** The AI client has been answered, and the server has not. */
  readonly isAhead: (initialize: Message) => void;
  /** What came of that: without a problem the server has taken it late, with one it is parked. */
  readonly cameTo: (initialize: Message, problem?: ProblemError) => void;
  /** The server has not taken it yet. */
  readonly isOpen: () => boolean;
  /** And is not about to. */
  readonly isParked: () => boolean;
  /**
   * Waits for a handshake that is under way, and says a parked one again, unheard; `then` gets what came of it. Those who
   * ask at the same time share it. A request may ask for it once a second, and is given the last problem in between.
   */
  readonly retry: (by: 'request' | 'news', then: (problem?: ProblemError) => void) => void;
}

export interface HandshakeDeps {
  readonly title: string;
  readonly steady: () => number;
  readonly after: (ms: number, deed: () => void) => () => void;
  /** The server has taken it at last. */
  readonly through: (identity: Identity) => void;
  /** What the server says on the way to an answer that nobody waits for. */
  readonly aside: (json: string, peeked: Peeked) => void;
}

const LEAST_BETWEEN_MS = 1_000;

export const createHandshake = (inner: Leg, deps: HandshakeDeps): Handshake => {
  const { title, steady, after, through, aside } = deps;
  let initialize: Message | undefined;
  let initialized: Message | undefined;
  /** There while it is parked. */
  let parked: ProblemError | undefined;
  let triedAt = 0;
  let waiting: ((problem?: ProblemError) => void)[] | undefined;

  const settle = (problem?: ProblemError): void => {
    const them = waiting ?? [];
    waiting = undefined;
    parked = problem;
    // Before everything that waits for it.
    if (problem === undefined && initialized !== undefined) inner.say(initialized, unheard);
    for (const then of them) then(problem);
  };

  const sayAgain = (message: Message): void => {
    triedAt = steady();
    let isThrough = false;
    const stopWaiting = after(LATEST_MS, () => {
      giveUp();
      settle(tooSlow(title));
    });
    const giveUp = inner.say(message, {
      message: (json, peeked) => {
        if (peeked.method !== undefined || peeked.id !== message.envelope.id)
          return aside(json, peeked);
        const identity = readIdentity(json);
        if (identity === undefined) return;
        isThrough = true;
        stopWaiting();
        settle();
        through(identity);
      },
      done: ({ problem }) => {
        stopWaiting();
        if (!isThrough) settle(problem ?? refused(title));
      },
    });
  };

  return {
    begin: (message) => {
      initialize = message;
      initialized = undefined;
      settle();
    },
    initialized: (message) => {
      initialized = message;
    },
    isInitialized: () => initialized !== undefined,
    isAhead: (message) => {
      if (message === initialize) waiting ??= [];
    },
    cameTo: (message, problem) => {
      if (message !== initialize) return;
      triedAt = steady();
      settle(problem);
    },
    isOpen: () => parked !== undefined || waiting !== undefined,
    isParked: () => parked !== undefined && waiting === undefined,
    retry: (by, then) => {
      if (waiting !== undefined) return void waiting.push(then);
      if (parked === undefined || initialize === undefined) return then();
      if (by === 'request' && steady() - triedAt < LEAST_BETWEEN_MS) return then(parked);
      waiting = [then];
      sayAgain(initialize);
    },
  };
};

/** The server answered the handshake with an error. */
export const refused = (title: string): ProblemError =>
  new ProblemError('server-trouble', `${title} refused the handshake`);

/** What follows an `initialize` of the bridge's own. */
export const initializedMessage: Message = messageOf({
  jsonrpc: '2.0',
  method: 'notifications/initialized',
});

const nothing = (): void => undefined;
export const unheard = { message: nothing, done: nothing };
