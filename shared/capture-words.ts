/** What all surfaces say of what is being kept. */
import type { CapturedText, CaptureView } from './contract/capture.ts';
import type { ServerView } from './contract/snapshot.ts';
import { timeLeft } from './expiry.ts';

/** "All servers, 14 min left" for each that goes on, as sentences begin. */
export const captureLines = (
  { running }: Pick<CaptureView, 'running'>,
  servers: readonly Pick<ServerView, 'id' | 'title'>[],
  now: number,
): string[] =>
  running.map(({ server, until }) => {
    const whose =
      server === undefined
        ? 'all servers'
        : (servers.find(({ id }) => id === server)?.title ?? server);
    return `${whose}, ${timeLeft(until, now)}`;
  });

/** JSON in lines, where it is whole; any other text as it is. */
export const readable = ({ text }: CapturedText): string => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // Cut off, or no JSON.
    return text;
  }
};

/** Undefined for a whole one. */
export const cutWords = ({ text, isCut }: CapturedText): string | undefined =>
  isCut === undefined ? undefined : `only the first ${text.length.toLocaleString('en')} characters`;
