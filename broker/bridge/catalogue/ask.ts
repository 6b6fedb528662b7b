/** A question to a server that can be answered without it: when it is slow, and when it cannot be asked. */
import type { ProblemError } from '../../../shared/contract/problems.ts';
import type { Hearer, Leg, Message } from '../leg.ts';
import type { Peeked } from '../peek.ts';

/** A server that answers within this time, in ms, answers for itself. */
export const PATIENCE_MS = 30;

export interface Question {
  readonly message: Message;
  readonly hearer: Hearer;
  /** How long the server may take before the kept answer is given, ms. */
  readonly patienceMs: number;
  /** The answer without the server, if there is one; `problem` is why it could not be asked. */
  readonly kept: (problem?: ProblemError) => string | undefined;
  /** The server's answer; `late` when the AI client has the kept one already. Returns what the AI client is to hear. */
  readonly answered: (json: string, late: boolean) => string;
  /** There will be no answer of the server; the AI client has the kept one. */
  readonly failed?: (problem: ProblemError) => void;
  /** What the server says on the way to an answer that comes late. */
  readonly aside: (json: string, peeked: Peeked) => void;
}

/** Asks; the function returned gives it up, but not what is only late: that is worth having. */
export const ask = (
  inner: Leg,
  after: (ms: number, deed: () => void) => () => void,
  { message, hearer, patienceMs, kept, answered, failed, aside }: Question,
): (() => void) => {
  const { id } = message.envelope;
  /** How the AI client stands to it. */
  let standing: 'waits' | 'has-kept' | 'gave-up' | 'done' = 'waits';
  let isAnswered = false;

  const answerKept = (problem?: ProblemError): void => {
    if (standing !== 'waits') return;
    const json = kept(problem);
    if (json === undefined) return;
    standing = 'has-kept';
    hearer.message(json, { id, method: undefined });
    hearer.done({});
  };

  const stopWaiting = after(patienceMs, () => answerKept());
  const giveUp = inner.say(message, {
    message: (json, peeked) => {
      if (peeked.method === undefined && peeked.id === id) {
        stopWaiting();
        isAnswered = true;
        const said = answered(json, standing === 'has-kept');
        if (standing === 'waits') hearer.message(said, peeked);
      } else if (standing === 'waits') hearer.message(json, peeked);
      else if (peeked.method !== undefined) aside(json, peeked);
    },
    done: (end) => {
      stopWaiting();
      const { problem } = end;
      if (!isAnswered && problem !== undefined) answerKept(problem);
      if (standing === 'has-kept') {
        if (!isAnswered && problem !== undefined) failed?.(problem);
      } else if (standing === 'waits') {
        standing = 'done';
        hearer.done(end);
      }
    },
  });
  return () => {
    if (standing !== 'waits') return;
    standing = 'gave-up';
    stopWaiting();
    giveUp();
  };
};
