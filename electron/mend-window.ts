/** A window whose page has died or hangs: it is made anew, a few times by itself and then only when the person says so. */
import { type BrowserWindow, dialog } from 'electron';
import type { Clock } from '../broker/ports.ts';
import { strings } from './strings.ts';

export interface Mending {
  readonly watch: (window: BrowserWindow) => void;
  readonly dispose: () => void;
}

const words = strings.mending;

/** Long enough for whatever killed it to be over, short enough not to be missed. */
const PAUSE = 500;
/** So many within so long are a loop: the fourth would die of the same. */
const MOST = 3;
const WITHIN = 5 * 60_000;

/** `reopen` makes the window anew. Only one that was in sight is made again by itself. */
export const createMending = (clock: Clock, reopen: () => void): Mending => {
  const over = new AbortController();
  let deaths: number[] = [];
  let cancel = (): void => undefined;

  /** Never blocks: the broker lives in this process as well. */
  const ask = async (message: string, signal = over.signal): Promise<boolean> => {
    const { unharmed: detail } = words;
    const buttons = [words.again, words.notNow];
    const { response } = await dialog
      .showMessageBox({ type: 'warning', title: strings.product, message, detail, buttons, signal })
      .catch(() => ({ response: 1 }));
    return response === 0 && !signal.aborted;
  };

  const died = async (): Promise<void> => {
    const now = clock.steady();
    deaths = [...deaths.filter((at) => now - at < WITHIN), now];
    if (deaths.length <= MOST) {
      cancel = clock.after(PAUSE, reopen);
      return;
    }
    if (!(await ask(words.keepsClosing))) return;
    deaths = [];
    reopen();
  };

  const hangs = async (window: BrowserWindow): Promise<void> => {
    const answers = new AbortController();
    const stopAsking = (): void => answers.abort();
    window.once('responsive', stopAsking);
    window.once('closed', stopAsking);
    const signal = AbortSignal.any([answers.signal, over.signal]);
    if (!(await ask(words.doesNotAnswer, signal))) return;
    window.destroy();
    reopen();
  };

  return {
    watch: (window) => {
      window.webContents.on('render-process-gone', () => {
        const wasInSight = window.isVisible();
        window.destroy();
        if (wasInSight) void died();
      });
      let asking = false;
      window.on('unresponsive', () => {
        // Electron says so again and again.
        if (asking) return;
        asking = true;
        void hangs(window).finally(() => {
          asking = false;
        });
      });
    },
    dispose: () => {
      over.abort();
      cancel();
    },
  };
};
