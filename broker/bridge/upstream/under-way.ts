/** Which requests has a server of the legacy era not answered yet? It has to be told when nobody waits for them any more (T18). */
import type { Envelope, Id } from '../json-rpc.ts';
import { type Message, messageOf } from '../leg.ts';

export interface UnderWay {
  /** The server is told this now. */
  readonly sent: (envelope: Envelope) => void;
  /** It has its answer, or there will be none. */
  readonly over: (envelope: Envelope) => void;
  /** Nobody waits for it. What the AI client has cancelled itself is not cancelled twice. */
  readonly giveUp: (envelope: Envelope) => void;
  readonly giveUpAll: () => void;
  /** The session is no more, and with it what was asked in it. */
  readonly clear: () => void;
}

const CANCELLED = 'notifications/cancelled';

/** Whether an AI client takes back a request with it. Under an id it is a request itself, which wants an answer. */
export const isCancellation = ({ id, method }: Envelope): boolean =>
  method === CANCELLED && id === undefined;

/** Cancels with `tell` what is given up: to a server of this era a closed connection says nothing. */
export const createUnderWay = (tell: (message: Message) => void): UnderWay => {
  const ids = new Set<Id>();

  const cancel = (requestId: Id): void => {
    if (ids.delete(requestId))
      tell(messageOf({ jsonrpc: '2.0', method: CANCELLED, params: { requestId } }));
  };

  return {
    sent: (envelope) => {
      const id = requestIdOf(envelope);
      if (id !== undefined) ids.add(id);
      if (isCancellation(envelope)) ids.delete(envelope.params?.requestId as Id);
    },
    over: (envelope) => {
      const id = requestIdOf(envelope);
      if (id !== undefined) ids.delete(id);
    },
    giveUp: (envelope) => {
      const id = requestIdOf(envelope);
      if (id !== undefined) cancel(id);
    },
    giveUpAll: () => {
      for (const id of [...ids]) cancel(id);
    },
    clear: () => ids.clear(),
  };
};

/** Of what can be cancelled: answers to the server have ids of its own, and a handshake may not be. */
const requestIdOf = ({ id, method }: Envelope): Id | undefined =>
  method === undefined || method === 'initialize' ? undefined : id;
