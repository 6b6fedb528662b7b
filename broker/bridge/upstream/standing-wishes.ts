/** What does an AI client want of a session for as long as it lasts? A server that has forgotten it must be told again. */
import type { Envelope } from '../json-rpc.ts';
import { errorCodeIn } from '../json-text.ts';
import { type Message, messageOf } from '../leg.ts';

export interface StandingWishes {
  /** The server has answered this message so. */
  readonly answered: (envelope: Envelope, json: string) => void;
  /** The messages that say them once more, in the order in which the server agreed to them; none for what was taken back. */
  readonly again: () => readonly Message[];
  /** Another session begins, with no wishes. */
  readonly clear: () => void;
}

/** The server may take so long for all of them, ms: then the rest goes on without. */
const LONGEST_MS = 10_000;

const SUBSCRIBE = 'resources/subscribe';
const UNSUBSCRIBE = 'resources/unsubscribe';
const SET_LEVEL = 'logging/setLevel';

export const createStandingWishes = (): StandingWishes => {
  /** By what they are about, in order. */
  const wishes = new Map<string, Envelope>();
  let count = 0;

  /** The last one counts, and stands where it was said. */
  const replace = (about: string, envelope: Envelope): void => {
    wishes.delete(about);
    wishes.set(about, envelope);
  };

  const deeds: Readonly<Record<string, (envelope: Envelope) => void>> = {
    [SET_LEVEL]: (envelope) => replace(SET_LEVEL, envelope),
    [SUBSCRIBE]: (envelope) => replace(resourceOf(envelope), envelope),
    [UNSUBSCRIBE]: (envelope) => void wishes.delete(resourceOf(envelope)),
  };

  return {
    answered: (envelope, json) => {
      const { method = '' } = envelope;
      if (!Object.hasOwn(deeds, method) || errorCodeIn(json) !== undefined) return;
      deeds[method]?.(envelope);
    },
    again: () =>
      [...wishes.values()].map(({ method, params }) => {
        count += 1;
        // Its progress token and the like belonged to the request that was answered.
        const { _meta, ...own } = params ?? {};
        return messageOf({
          jsonrpc: '2.0',
          // No AI client's id: nobody waits for the answer.
          id: `drawbridge-again-${count}`,
          method,
          params: own,
        });
      }),
    clear: () => wishes.clear(),
  };
};

/**
 * Says one after the other, each once the one before has been answered; `then` comes once. Returns a function that stops it,
 * and then nothing comes any more.
 */
export const sayInTurn = (
  messages: readonly Message[],
  say: (message: Message, next: () => void) => void,
  after: (ms: number, deed: () => void) => () => void,
  then: () => void,
): (() => void) => {
  const due = [...messages];
  let isOver = false;
  const finish = (): void => {
    if (!isOver) then();
    isOver = true;
  };
  const stopTimer = after(LONGEST_MS, finish);
  const next = (): void => {
    const message = due.shift();
    if (message !== undefined && !isOver) return say(message, next);
    stopTimer();
    finish();
  };
  next();
  return () => {
    isOver = true;
    stopTimer();
  };
};

const resourceOf = ({ params }: Envelope): string => `${SUBSCRIBE} ${String(params?.uri)}`;
