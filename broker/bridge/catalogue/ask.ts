/** A question to a server that can be answered without it: when it is slow, and when it cannot be asked. */
import { ProblemError } from '../../../shared/contract/problems.ts';
import type { Hearer, Leg, Message } from '../leg.ts';
import type { Peeked } from '../peek.ts';

/** A server that answers within this time, in ms, answers for itself. */
export const PATIENCE_MS = 30;
/** What is only late is worth having, but one that says nothing for so long, in ms, is asked anew another time. */
export const LATEST_MS = 60_000;

/** What an AI client is told of a server that hangs: it must not hang as well (T26). */
export interface Slow {
  /** More than any `patienceMs`. */
  readonly afterMs: number;
  readonly answer: () => string | undefined;
}

export const tooSlow = (title: string): ProblemError =>
  new ProblemError('server-too-slow', `${title} takes too long to answer`);

export interface Question {
  /** Of the server, for problems. */
  readonly title: string;
  readonly message: Message;
  readonly hearer: Hearer;
  /** How long the server may take before the kept answer is given, ms. */
  readonly patienceMs: number;
  /** The answer without the server, if there is one; `problem` is why it could not be asked. */
  readonly kept: (problem?: ProblemError) => string | undefined;
  /** What is answered where nothing is kept. */
  readonly slow: Slow;
  /** The server's answer; `late` when the AI client has the kept one already. Returns what the AI client is to hear. */
  readonly answered: (json: string, late: boolean) => string;
  /** There will be no answer of the server; the AI client has the kept one. */
  readonly failed?: (problem: ProblemError) => void;
  /** What the server says on the way to an answer that comes late. */
  readonly aside: (json: string, peeked: Peeked) => void;
}

/** Asks; the function returned gives it up, but not what is only late: that is worth having. */
export const ask = (
  say: Leg['say'],
  after: (ms: number, deed: () => void) => () => void,
  { title, message, hearer, patienceMs, kept, slow, answered, failed, aside }: Question,
): (() => void) => {
  const { id } = message.envelope;
  /** How the AI client stands to it. */
  let standing: 'waits' | 'has-kept' | 'gave-up' | 'done' = 'waits';
  let isAnswered = false;

  const answer = (otherwise: () => string | undefined): void => {
    if (standing !== 'waits') return;
    const json = otherwise();
    if (json === undefined) return;
    standing = 'has-kept';
    hearer.message(json, { id, method: undefined });
    hearer.done({});
  };

  const waits = [
    after(patienceMs, () => answer(() => kept())),
    after(slow.afterMs, () => answer(slow.answer)),
    after(LATEST_MS, () => {
      if (standing !== 'has-kept') return;
      giveUp();
      failed?.(tooSlow(title));
    }),
  ];
  const stopWaiting = (): void => {
    for (const stop of waits) stop();
  };
  const giveUp = say(message, {
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
      if (!isAnswered && problem !== undefined) answer(() => kept(problem));
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
