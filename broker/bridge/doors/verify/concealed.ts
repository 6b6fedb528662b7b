/** Tokens of callers stay out of the log, and leave room there: a stranger who makes up many must not push ours out. */
import type { Logger } from '../../../log/logger.ts';
import type { Secret } from '../../../vault/secret.ts';

/** More than are being looked at at once. The log itself remembers some hundreds in all. */
const MOST = 100;

/** From now on the token is cut out of every log line, until `MOST` others have come. */
export const createConceal = ({ conceal, letGo }: Pick<Logger, 'conceal' | 'letGo'>) => {
  /** By their value, the oldest first. */
  const held = new Map<string, Secret>();
  return (token: Secret): void => {
    conceal(token);
    held.delete(token.reveal());
    held.set(token.reveal(), token);
    const [oldest] = held.values();
    if (held.size <= MOST || oldest === undefined) return;
    held.delete(oldest.reveal());
    letGo(oldest);
  };
};
