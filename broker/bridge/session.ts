/** One AI client connected through the shim: its messages out to the server, and what comes back as lines. */
import {
  type Envelope,
  type Id,
  modernVersion,
  notAMessage,
  problemResponse,
  readEnvelope,
} from './json-rpc.ts';
import type { Leg, OpenLeg } from './leg.ts';

export interface Session {
  /** One message from the AI client. */
  readonly receive: (line: string) => void;
  /** The AI client has caught up. */
  readonly drained: () => void;
  /** The AI client is gone: everything it waited for is given up. */
  readonly close: () => void;
}

export type Era = 'legacy' | 'modern';

/**
 * A session passes messages on to the leg of their era, and remembers which requests are under way.
 *
 * AI clients may try one era and then the other on the same connection. `tell` returns false when the AI client reads too
 * slowly; the server's answers then pause until `drained`.
 */
export const openSession = (
  title: string,
  openLeg: (era: Era) => OpenLeg,
  tell: (line: string) => boolean,
): Session => {
  const legs = new Map<Era, Leg>();
  const waiting = new Map<Id, { readonly giveUp: () => void }>();
  let closed = false;

  const deliver = (json: string): void => {
    if (closed) return;
    // Line breaks between JSON tokens are white space, and inside strings they are escaped: this changes no value.
    const line = json.replace(/[\r\n]+/g, ' ');
    if (!tell(line)) for (const leg of legs.values()) leg.pause();
  };

  const legOf = (era: Era): Leg => {
    const leg = legs.get(era) ?? openLeg(era)(deliver);
    legs.set(era, leg);
    return leg;
  };

  /** What carries no version of its own belongs to the handshake, if there was one. */
  const eraOf = (envelope: Envelope): Era => {
    if (modernVersion(envelope) !== undefined) return 'modern';
    return envelope.method === 'initialize' || legs.has('legacy') || !legs.has('modern')
      ? 'legacy'
      : 'modern';
  };

  /** In the modern era a request is given up, and whatever carries it is closed (T11, T24). */
  const cancel = ({ params }: Envelope): void => {
    const id = params?.requestId;
    if (typeof id !== 'string' && typeof id !== 'number') return;
    waiting.get(id)?.giveUp();
    waiting.delete(id);
  };

  return {
    receive: (line) => {
      const envelope = readEnvelope(line);
      if (envelope === undefined) return deliver(notAMessage(line));
      const era = eraOf(envelope);
      const { id, method } = envelope;
      if (era === 'modern' && method === 'notifications/cancelled') return cancel(envelope);
      const isRequest = id !== undefined && method !== undefined;
      // Two under one id are an AI client's own mistake; the later one is the one it may give up.
      const entry = { giveUp: (): void => undefined };
      if (isRequest) waiting.set(id, entry);
      entry.giveUp = legOf(era).say(
        { text: line, envelope },
        {
          message: deliver,
          done: ({ problem }) => {
            if (isRequest && waiting.get(id) === entry) waiting.delete(id);
            const answer = problem && problemResponse(envelope, problem.problem, title);
            if (answer !== undefined) deliver(answer);
          },
        },
      );
    },
    drained: () => {
      for (const leg of legs.values()) leg.resume();
    },
    close: () => {
      closed = true;
      for (const leg of legs.values()) leg.close();
    },
  };
};
