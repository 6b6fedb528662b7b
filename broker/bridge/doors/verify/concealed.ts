/** Tokens of callers stay out of the log, and leave room there: a stranger who makes up many must not push ours out. */
import type { Logger } from '../../../log/logger.ts';
import type { Secret } from '../../../vault/secret.ts';

/** More good ones than are in use at once. The log itself remembers some hundreds in all. */
const MOST = 100;

/** No issuer gives out shorter ones; a stranger would show words of ours, to have them cut out of what the log says. */
const SHORTEST = 20;

/**
 * Has a token looked at, and cut out of every log line meanwhile; a good one from then on, until `MOST` others have come. One
 * that is not is no secret, and may be any text.
 */
export const createConceal = ({ conceal, letGo }: Pick<Logger, 'conceal' | 'letGo'>) => {
  /** By their value, the oldest first. */
  const good = new Map<string, Secret>();
  /** How many are looking at each. */
  const looking = new Map<string, number>();

  const keep = (token: Secret): void => {
    good.delete(token.reveal());
    good.set(token.reveal(), token);
    const [oldest] = good.values();
    if (good.size <= MOST || oldest === undefined) return;
    good.delete(oldest.reveal());
    letGo(oldest);
  };

  return async <T>(
    token: Secret,
    look: () => Promise<T>,
    isGood: (verdict: T) => boolean,
  ): Promise<T> => {
    const value = token.reveal();
    if (value.length < SHORTEST) return look();
    conceal(token);
    looking.set(value, (looking.get(value) ?? 0) + 1);
    try {
      const verdict = await look();
      if (isGood(verdict)) keep(token);
      return verdict;
    } finally {
      const others = (looking.get(value) ?? 1) - 1;
      if (others > 0) looking.set(value, others);
      else looking.delete(value);
      if (others === 0 && !good.has(value)) letGo(token);
    }
  };
};
