/** Which rounds of questions belong to a call that was allowed? Each may be answered once, and for that very call. */
import { createHash } from 'node:crypto';
import type { Call } from './approvals.ts';

export interface Rounds {
  /** The server has answered the call with a question. `state` is what it wants to see again. */
  readonly add: (call: Call, state: unknown) => void;
  /** Whether this is the answer to one of them; it is not any more after that. */
  readonly take: (call: Call, state: unknown) => boolean;
}

/** More than are open at a time. */
const MOST_ROUNDS = 100;

export const createRounds = (): Rounds => {
  const open = new Set<string>();
  const textOf = ({ tool, arguments: json }: Call, state: unknown): string =>
    createHash('sha256')
      .update(JSON.stringify([tool, state ?? null]))
      .update(json)
      .digest('hex');
  return {
    add: (call, state) => {
      open.add(textOf(call, state));
      const [oldest] = open;
      if (open.size > MOST_ROUNDS && oldest !== undefined) open.delete(oldest);
    },
    take: (call, state) => open.delete(textOf(call, state)),
  };
};
