/** Quitting once: everything is taken down before the program goes, and not waited for without end. */
import { app } from 'electron';
import type { Clock } from '../broker/ports.ts';

/** Longer than the broker's own limits for ending its doors and sign-ins, shorter than a person's patience. */
const LIMIT = 8000;

/** From now on a quit, whoever asks for it, runs `takeDown` once and goes when it has ended or taken too long. */
export const onQuit = (clock: Clock, takeDown: () => Promise<void>): void => {
  let phase: 'running' | 'ending' | 'ended' = 'running';

  // Electron quits with its last window unless somebody listens: a tray program stays.
  app.on('window-all-closed', () => undefined);

  app.on('before-quit', (event) => {
    if (phase === 'ended') return;
    event.preventDefault();
    if (phase === 'ending') return;
    phase = 'ending';
    void atMost(clock, LIMIT, takeDown()).then(() => {
      phase = 'ended';
      app.quit();
    });
  });
};

/** Resolves in any case: a teardown that fails must not keep the program alive. */
const atMost = async (clock: Clock, limit: number, deed: Promise<void>): Promise<void> => {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const cancel = clock.after(limit, resolve);
  await Promise.race([deed.catch(() => undefined), late]);
  cancel();
};
