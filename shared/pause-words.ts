/** What all surfaces, and AI clients, say of a pause. */
import type { PauseView } from './contract/pause.ts';
import type { Problem } from './contract/problems.ts';
import { timeLeft } from './expiry.ts';

/** "Paused, 43 min left", or until when else. */
export const pauseWords = ({ until }: PauseView, now: number): string =>
  until === undefined ? 'Paused until you resume' : `Paused, ${timeLeft(until, now)}`;

/** What an AI client is told of a call that was not passed on. */
export const pauseProblem = ({ until }: PauseView, now: number): Problem => ({
  code: 'paused',
  message:
    until === undefined
      ? 'the person has paused Drawbridge, so nothing was done'
      : `the person has paused Drawbridge (${timeLeft(until, now)}), so nothing was done`,
  hint: 'to go on, click "Resume" in the menu or the window of Drawbridge, or run drawbridge resume',
});
