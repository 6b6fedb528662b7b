/** `drawbridge pause` and `drawbridge resume` */
import { LONGEST_PAUSE_MS } from '../../shared/contract/pause.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import { pauseWords } from '../../shared/pause-words.ts';
import type { Command } from '../command.ts';
import { durationOf } from '../duration.ts';

export const pause: Command = {
  usage: 'pause',
  summary: 'pass no calls of AI clients on to servers, for a time or until resume',
  help: [
    '',
    '  --for <time>  end it by itself after 30m, 2h or 1d, 7d at most (default: drawbridge resume ends it)',
    '',
    'AI clients stay connected and see their tools; a call gets an error that says what to click. What is under way',
    'comes to its end, and sign-ins are kept alive. When Drawbridge ends, so does the pause.',
  ],
  words: [0, 0],
  options: { for: { type: 'string' } },
  run: async ({ option, terminal, control }) => {
    const wished = option('for');
    const forMs = wished === undefined ? undefined : durationOf(wished);
    if (forMs !== undefined && (forMs < 1_000 || forMs > LONGEST_PAUSE_MS))
      throw new ProblemError('bad-usage', '--for takes at most 7d');
    const client = await control();
    await client.pause(forMs === undefined ? {} : { forMs });
    const { pause: view } = await client.snapshot();
    terminal.facts(view === undefined ? 'not paused' : pauseWords(view, Date.now()), view ?? {});
    terminal.say('hint: drawbridge resume ends it');
  },
};

export const resume: Command = {
  usage: 'resume',
  summary: 'pass calls on again',
  help: [],
  words: [0, 0],
  options: {},
  run: async ({ terminal, control }) => {
    await (await control()).resume({});
    terminal.facts('calls are passed on', {});
  },
};
