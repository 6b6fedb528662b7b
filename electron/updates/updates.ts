/** New versions: looked for once the person wants that, fetched and put in place only when they say so. */
import type { Clock } from '../../broker/ports.ts';
import { type Problem, ProblemError, toProblem } from '../../shared/contract/problems.ts';
import type { UpdateDeed, UpdatesView } from '../../shared/contract/shell.ts';
import type { Preferences } from '../preferences.ts';

/** What fetches and installs. Rejects when it cannot. */
export interface Updater {
  /** The version that could be installed, or undefined when this one is the newest. */
  readonly look: () => Promise<string | undefined>;
  /** Tells how much of it is here, 0 to 1. */
  readonly fetch: (onProgress: (share: number) => void) => Promise<void>;
  /** Ends the app, which puts in place what was fetched. */
  readonly install: () => void;
}

export interface Updates {
  readonly view: () => UpdatesView;
  readonly want: (wanted: boolean) => void;
  /** Resolves once it is done, or with what went wrong in the view. Throws `bad-request` when it is not the time for it. */
  readonly act: (deed: UpdateDeed['deed']) => Promise<void>;
  readonly stop: () => void;
}

/** Not in the middle of a start: sign-ins come first. */
const FIRST_LOOK = 60_000;
const LOOK_EVERY = 24 * 60 * 60_000;

interface UpdatesParts {
  readonly updater: Updater;
  readonly preferences: Pick<Preferences, 'get' | 'set'>;
  readonly clock: Clock;
  readonly onTrouble: (error: unknown) => void;
}

export const createUpdates = ({
  updater,
  preferences,
  clock,
  onTrouble,
}: UpdatesParts): Updates => {
  let state: UpdatesView['state'] = 'idle';
  let version: string | undefined;
  let problem: Problem | undefined;
  let progress: number | undefined;
  let cancel = (): void => undefined;

  const attempt = async (
    during: typeof state,
    deed: () => Promise<typeof state>,
  ): Promise<void> => {
    const before = state;
    state = during;
    problem = undefined;
    try {
      state = await deed();
    } catch (error) {
      onTrouble(error);
      problem = error instanceof ProblemError ? toProblem(error) : unreachable;
      state = before;
    }
  };
  const deeds = {
    look: () =>
      attempt('looking', async () => {
        version = await updater.look();
        return version === undefined ? 'idle' : 'found';
      }),
    fetch: () =>
      attempt('fetching', async () => {
        progress = undefined;
        await updater.fetch((share) => {
          progress = Math.min(1, Math.max(0, share));
        });
        return 'ready';
      }),
    install: async () => updater.install(),
  } as const;
  const when: Record<UpdateDeed['deed'], readonly UpdatesView['state'][]> = {
    look: ['idle', 'found'],
    fetch: ['found'],
    install: ['ready'],
  };

  const lookNow = (): void => {
    lookIn(LOOK_EVERY);
    if (when.look.includes(state)) void deeds.look();
  };
  const lookIn = (wait: number): void => {
    cancel();
    cancel = clock.after(wait, lookNow);
  };
  if (preferences.get('lookForUpdates')) lookIn(FIRST_LOOK);

  return {
    view: () => ({
      ...{ wanted: preferences.get('lookForUpdates'), state },
      ...(version === undefined ? {} : { version }),
      ...(state !== 'fetching' || progress === undefined ? {} : { progress }),
      ...(problem === undefined ? {} : { problem }),
    }),
    want: (wanted) => {
      preferences.set('lookForUpdates', wanted);
      if (wanted) lookNow();
      else cancel();
    },
    act: async (deed) => {
      // Nothing leaves for the feed before the person has agreed to that.
      if (!preferences.get('lookForUpdates') || !when[deed].includes(state))
        throw new ProblemError('bad-request', 'this is not the time for it');
      await deeds[deed]();
    },
    stop: () => cancel(),
  };
};

const unreachable: Problem = {
  code: 'server-unreachable',
  message: 'new versions could not be looked for or fetched',
  hint: 'this one goes on; Drawbridge tries again tomorrow',
};
