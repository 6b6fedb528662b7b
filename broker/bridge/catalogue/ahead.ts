/** What becomes of a message in a session that its server does not know of, or not yet? */
import type { Envelope } from '../json-rpc.ts';
import { resultResponse } from '../json-rpc.ts';
import { type Hearer, type Leg, type Message, unsentFor } from '../leg.ts';
import type { GivenLists } from './given-lists.ts';
import type { Handshake } from './handshake.ts';
import { listAskedBy } from './lists.ts';

export interface AheadDeps {
  readonly handshake: Handshake;
  readonly lists: Pick<GivenLists, 'without'>;
}

/** Says a message while the handshake is open. What acts waits for it, and what can be answered is answered. */
export const createAhead = (inner: Leg, { handshake, lists }: AheadDeps): Leg['say'] => {
  /** Says what acts; the handshake first, where the server has not taken it. */
  const act = (message: Message, hearer: Hearer): (() => void) => {
    let isGivenUp = false;
    let giveUp = (): void => undefined;
    handshake.retry('request', (problem) => {
      if (isGivenUp) return;
      if (problem === undefined) giveUp = inner.say(message, hearer);
      else hearer.done({ problem, ...unsentFor(problem) });
    });
    return () => {
      isGivenUp = true;
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

  return (message, hearer) => {
    const { envelope } = message;
    const { id, method } = envelope;
    const answer = answerTo(envelope);
    const isRequest = id !== undefined && method !== undefined;
    if (answer === undefined && (isRequest || !handshake.isParked())) return act(message, hearer);
    if (answer !== undefined) hearer.message(answer, { id, method: undefined });
    // Anything else wants no answer, and the server would not know what it is about.
    hearer.done({});
    return () => undefined;
  };
};
