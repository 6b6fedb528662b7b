/** What the routes do that pause the bridge. */
import type { Pause } from '../state/pause.ts';
import type { Bindings } from './handler.ts';

export const pauseBindings = (
  pause: Pick<Pause, 'begin' | 'end'>,
): Pick<Bindings, 'pause' | 'resume'> => ({
  pause: (_params, wish) => {
    pause.begin(wish);
    return {};
  },
  resume: () => {
    pause.end();
    return {};
  },
});
