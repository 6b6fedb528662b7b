/** What becomes of a message that something of ours fails at? Its sender is told, and nobody else is disturbed. */
import { problemError, toProblem } from '../../shared/contract/problems.ts';
import type { Logger } from '../log/logger.ts';
import type { OpenLeg } from './leg.ts';

/**
 * Makes legs that never throw out of legs that may, as at values nested too deep to be written out again. Thrown in the
 * middle of somebody else's answer, it would end the broker or leave an AI client waiting for ever.
 */
export const steady =
  (open: OpenLeg, log: Logger): OpenLeg =>
  (unasked) => {
    const leg = open(unasked);
    return {
      ...leg,
      say: (message, hearer) => {
        try {
          return leg.say(message, hearer);
        } catch (error) {
          log.error('message-failed', { error });
          hearer.done({ problem: problemError(toProblem(error)) });
          return () => undefined;
        }
      },
    };
  };
