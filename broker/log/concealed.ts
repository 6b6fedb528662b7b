/** Secrets that come and go stay out of the log, and leave room there: however many there are, they push no others out. */
import type { Secret } from '../vault/secret.ts';
import type { Logger } from './logger.ts';

/** More than are in use at once. The log itself remembers some hundreds in all. */
const MOST = 100;

/** From now on the secret is cut out of every log line, until `MOST` others have come. */
export const createConceal = ({ conceal, letGo }: Pick<Logger, 'conceal' | 'letGo'>) => {
  /** By their value, the oldest first. */
  const held = new Map<string, Secret>();
  return (secret: Secret): void => {
    conceal(secret);
    held.delete(secret.reveal());
    held.set(secret.reveal(), secret);
    const [oldest] = held.values();
    if (held.size <= MOST || oldest === undefined) return;
    held.delete(oldest.reveal());
    letGo(oldest);
  };
};
