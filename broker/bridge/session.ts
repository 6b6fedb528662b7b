/** One AI client connected through the shim: its messages out to the server, and what comes back as lines. */
import { ProblemError } from '../../shared/contract/problems.ts';
import { BATCHING, readBatch, sayBatch } from './batch.ts';
import {
  type Envelope,
  type Id,
  modernVersion,
  notAMessage,
  problemResponse,
  readEnvelope,
} from './json-rpc.ts';
import { valueAt } from './json-text.ts';
import type { Leg, Message, OpenLeg } from './leg.ts';

export interface Session {
  /** One message from the AI client. */
  readonly receive: (line: string) => void;
  /** The AI client has caught up. */
  readonly drained: () => void;
  /** The AI client is gone: everything it waited for is given up. */
  readonly close: () => void;
}

export type Era = 'legacy' | 'modern';

/** So much may be on its way to the server, of requests and of the rest each; one message alone may be longer. Characters. */
const MOST_UNDER_WAY = 32 * 1024 * 1024;

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
  const underWay = { requests: 0, others: 0 };
  /** The version that was agreed on in the handshake, if there was one. */
  let agreed: unknown;
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

  const sayIn =
    (era: Era): Leg['say'] =>
    (message, hearer) => {
      const { id, method } = message.envelope;
      const isRequest = id !== undefined && method !== undefined;
      const kind = isRequest ? 'requests' : 'others';
      const size = message.text.length;
      if (underWay[kind] > 0 && underWay[kind] + size > MOST_UNDER_WAY) {
        hearer.done({ problem: tooMuch(title) });
        return nothing;
      }
      // Two under one id are an AI client's own mistake; the later one is the one it may give up.
      const entry = { giveUp: nothing };
      if (isRequest) waiting.set(id, entry);
      underWay[kind] += size;
      let isOver = false;
      const over = (): void => {
        if (!isOver) underWay[kind] -= size;
        isOver = true;
        if (isRequest && waiting.get(id) === entry) waiting.delete(id);
      };
      const giveUp = legOf(era).say(message, {
        message: (json, peeked) => {
          if (method === 'initialize' && peeked.method === undefined && peeked.id === id)
            agreed = valueAt(json, ['result', 'protocolVersion']);
          hearer.message(json, peeked);
        },
        done: (end) => {
          over();
          hearer.done(end);
        },
      });
      entry.giveUp = () => {
        over();
        giveUp();
      };
      return entry.giveUp;
    };

  const receiveOne = (message: Message): void => {
    const { envelope } = message;
    const era = eraOf(envelope);
    if (era === 'modern' && envelope.method === 'notifications/cancelled') return cancel(envelope);
    sayIn(era)(message, {
      message: deliver,
      done: ({ problem }) => {
        const answer = problem && problemResponse(envelope, problem.problem, title);
        if (answer !== undefined) deliver(answer);
      },
    });
  };

  return {
    receive: (line) => {
      const envelope = readEnvelope(line);
      if (envelope !== undefined) return receiveOne({ text: line, envelope });
      const batch = agreed === BATCHING ? readBatch(line) : undefined;
      if (batch === undefined) return deliver(notAMessage(line));
      sayBatch(batch, sayIn('legacy'), {
        ...{ title, told: deliver },
        done: (answers) => {
          if (answers !== undefined) deliver(answers);
        },
      });
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

const nothing = (): void => undefined;

const tooMuch = (title: string): ProblemError =>
  new ProblemError('server-too-slow', `${title} has not taken in what was said before`, {
    hint: 'this was not sent: wait for other answers first',
  });
