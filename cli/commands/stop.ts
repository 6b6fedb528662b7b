/** `drawbridge stop` */
import { setTimeout as sleep } from 'node:timers/promises';
import { reachBroker } from '../../broker/control/reach-broker.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { Command } from '../command.ts';

/** Longer than the broker's own limits for ending what is under way. */
const LIMIT_MS = 15_000;

export const stop: Command = {
  usage: 'stop',
  summary: 'end the Drawbridge that runs, the desktop app as well',
  help: ['', 'An AI client that is started later starts it again; one that runs does not.'],
  words: [0, 0],
  options: {},
  run: async ({ control, dataFolder, terminal }) => {
    await (await control()).stop({});
    const began = Date.now();
    while (await isThere(dataFolder)) {
      if (Date.now() - began > LIMIT_MS)
        throw new ProblemError('internal', 'it has been told to stop, and still runs');
      await sleep(100);
    }
    terminal.facts('stopped', {});
  },
};

const isThere = async (dataFolder: string): Promise<boolean> => {
  try {
    await reachBroker(dataFolder, 'terminal');
    return true;
  } catch {
    // Nobody is announced, or nobody answers.
    return false;
  }
};
