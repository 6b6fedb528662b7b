/** Answers that the combined endpoint gives itself: at once, or when all members have been asked. */
import { problemError, toProblem } from '../../../shared/contract/problems.ts';
import type { Hearer, Message } from '../leg.ts';

/** Answers a request; of what is none, nothing is said but that it is over. */
export const reply = (
  { envelope: { id } }: Message,
  hearer: Hearer,
  json: string,
): (() => void) => {
  if (id !== undefined) hearer.message(json, { id, method: undefined });
  hearer.done({});
  return nothing;
};

/** The same once the answer is there; returns a function that gives it up. */
export const replyLater = (
  message: Message,
  hearer: Hearer,
  json: Promise<string>,
): (() => void) => {
  let isGivenUp = false;
  json
    .then((text) => {
      if (!isGivenUp) reply(message, hearer, text);
    })
    .catch((error: unknown) => {
      if (!isGivenUp) hearer.done({ problem: problemError(toProblem(error)) });
    });
  return () => (isGivenUp = true);
};

const nothing = (): void => undefined;
