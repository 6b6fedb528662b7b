/**
 * The ways to servers while the person has paused the bridge: no request of an AI client goes on.
 *
 * What is under way comes to its end, so what belongs to it passes: answers to the server's questions, and notifications,
 * by which calls are given up. A ping passes as well, for it does nothing, and an AI client without an answer would leave.
 */
import type { ProblemError } from '../../shared/contract/problems.ts';
import { type Envelope, readEnvelope } from './json-rpc.ts';
import type { OpenLeg } from './leg.ts';
import type { Legs } from './legs.ts';
import type { Exchange } from './upstream/exchange.ts';

export interface Pausing {
  /** For legs under the catalogue, which goes on to answer what it can. */
  readonly around: (legs: Legs) => Legs;
  /** For the outermost legs: nobody is asked to approve a call that would not be sent. */
  readonly beforeCalls: (legs: Legs) => Legs;
  /** For what passes the legs by. */
  readonly exchange: (exchange: Exchange) => Exchange;
}

/** `problem` is what AI clients are told; undefined while there is no pause. */
export const createPausing = (problem: () => ProblemError | undefined): Pausing => {
  const stopping =
    (open: OpenLeg, stops: (envelope: Envelope) => boolean): OpenLeg =>
    (unasked) => {
      const leg = open(unasked);
      return {
        ...leg,
        say: (message, hearer) => {
          const paused = stops(message.envelope) ? problem() : undefined;
          if (paused === undefined) return leg.say(message, hearer);
          hearer.done({ problem: paused });
          return () => undefined;
        },
      };
    };

  const aroundWith =
    (stops: (envelope: Envelope) => boolean) =>
    (legs: Legs): Legs => ({
      ...legs,
      to: (target, era, aiClient) => stopping(legs.to(target, era, aiClient), stops),
    });

  return {
    around: aroundWith(asks),
    beforeCalls: aroundWith(({ id, method }) => id !== undefined && method === 'tools/call'),
    exchange: (exchange) => (upstream, request, sink) => {
      const paused = problem();
      if (paused === undefined || !holdsRequest(request.body))
        return exchange(upstream, request, sink);
      sink.fail(paused);
      return () => undefined;
    },
  };
};

const asks = ({ id, method }: Envelope): boolean =>
  id !== undefined && method !== undefined && method !== 'ping';

/** Also where it cannot be told: a batch may hold one. */
const holdsRequest = (body: Buffer | undefined): boolean => {
  if (body === undefined) return false;
  const envelope = readEnvelope(body.toString('utf8'));
  return envelope === undefined || asks(envelope);
};
