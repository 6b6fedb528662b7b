/** One AI client's way to one server, message by message: what it says goes in, what is answered comes back. */
import type { ProblemError } from '../../shared/contract/problems.ts';
import type { Envelope } from './json-rpc.ts';
import type { Peeked } from './peek.ts';

/** A message from an AI client: its text as it came, and the little that was read of it. */
export interface Message {
  readonly text: string;
  readonly envelope: Envelope;
  /** Headers that its sender made of its arguments: what a server wants of them, it alone may know (T31). */
  readonly mirrored?: Readonly<Record<string, string>>;
}

/** A message that the bridge itself says. */
export const messageOf = (envelope: Envelope): Message => ({
  text: JSON.stringify(envelope),
  envelope,
});

/** How what was said came to its end. */
export interface End {
  /** There: a request has had no answer, and gets none. */
  readonly problem?: ProblemError | undefined;
  /** Of HTTP, where the server itself refused. */
  readonly status?: number | undefined;
  /**
   * For want of a sign-in the server has done nothing of it: said again, it is done once. Only who knows says so; a problem
   * alone may also come in the middle of an answer.
   */
  readonly unsent?: true;
  /** The server has shown that it speaks another era, as one that is no HTTP server shows it (T4). */
  readonly otherEra?: true;
}

/** For an exchange that ended before the server began to answer. */
export const unsentFor = (problem: ProblemError | undefined): Pick<End, 'unsent'> =>
  problem?.code === 'needs-sign-in' ? { unsent: true } : {};

/** Who hears what a message brings about. */
export interface Hearer {
  /** What the server says on the way to the answer, and the answer itself, in order. */
  readonly message: (json: string, peeked: Peeked) => void;
  /** Once, after everything else; not for what was given up. */
  readonly done: (end: End) => void;
}

export interface Leg {
  /** Says a message of the leg's own era. Returns a function that gives it up, of which the server learns. */
  readonly say: (message: Message, hearer: Hearer) => () => void;
  /** The AI client reads too slowly: nothing more, please, until `resume`. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** The AI client is gone: everything it waited for is given up. */
  readonly close: () => void;
}

/** Opens a leg; `unasked` gets what the server says that belongs to no message. */
export type OpenLeg = (unasked: (json: string, peeked: Peeked) => void) => Leg;
