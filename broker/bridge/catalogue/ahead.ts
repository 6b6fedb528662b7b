/** What becomes of a message in a session that its server does not know of, or not yet? */
import type { Envelope } from '../json-rpc.ts';
import { resultResponse } from '../json-rpc.ts';
import { type Hearer, type Leg, type Message, unsentFor } from '../leg.ts';
import { tooSlow } from './ask.ts';
import type { GivenLists } from './given-lists.ts';
import type { Handshake } from './handshake.ts';
import { listAskedBy } from './lists.ts';

export interface AheadDeps {
  readonly title: string;
  readonly handshake: Handshake;
  readonly lists: Pick<GivenLists, 'without' | 'ask'>;
  readonly after: (ms: number, deed: () => void) => () => void;
}

/** AI clients give up after a minute: they are to hear before that why a call is not even made, ms. */
const LONGEST_MS = 30_000;

/** Says a message while the handshake is open. What acts waits for it, and what can be answered is answered. */
export const createAhead = (
  inner: Leg,
  { title, handshake, lists, after }: AheadDeps,
): Leg['say'] => {
  /** Says what acts; the handshake first, where the server has not taken it. */
  const act = (message: Message, hearer: Hearer): (() => void) => {
    let isGivenUp = false;
    let giveUp = (): void => undefined;
    const stopWaiting = after(LONGEST_MS, () => {
      isGivenUp = true;
      hearer.done({ problem: tooSlow(title) });
    });
    handshake.retry('request', (problem) => {
      stopWaiting();
      if (isGivenUp) return;
      if (problem === undefined) giveUp = inner.say(message, hearer);
      else hearer.done({ problem, ...unsentFor(problem) });
    });
    return () => {
      isGivenUp = true;
      stopWaiting();
      giveUp();
    };
  };

  const answerTo = (envelope: Envelope): string | undefined => {
    const { id, method, params } = envelope;
    // The connection that it asks about is the one to the bridge, and that one lives.
    if (method === 'ping' && id !== undefined) return resultResponse(id, {});
    const name = listAskedBy(envelope);
    return name === undefined || params?.['cursor'] !== undefined
      ? undefined
      : lists.without(envelope, name);
  };

  /** A list of which nothing is kept is worth a short wait where the server may only be slow. */
  const sayWaiting = (message: Message, hearer: Hearer): (() => void) => {
    const name = message.envelope.id === undefined ? undefined : listAskedBy(message.envelope);
    return name === undefined ? act(message, hearer) : lists.ask(message, name, hearer, act);
  };

  return (message, hearer) => {
    const { envelope } = message;
    const { id, method } = envelope;
    const answer = answerTo(envelope);
    const isRequest = id !== undefined && method !== undefined;
    if (answer === undefined && (isRequest || !handshake.isParked()))
      return sayWaiting(message, hearer);
    if (answer !== undefined) hearer.message(answer, { id, method: undefined });
    // Anything else wants no answer, and the server would not know what it is about.
    hearer.done({});
    return () => undefined;
  };
};
