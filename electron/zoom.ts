/** How large the page is drawn: the person says so with keys, the wheel or a menu, and finds it so again. */
import type { BrowserWindow, Input, WebContents } from 'electron';
import { type Preferences, zoomLimits } from './preferences.ts';

export type ZoomDeed = 'in' | 'out' | 'reset';

export interface Zoom {
  /** What a new page begins with; 1 is as it was drawn. */
  readonly factor: () => number;
  readonly change: (deed: ZoomDeed) => void;
  /** Keeps the page of a window as it is wished, and hears what is wished there. */
  readonly watch: (window: BrowserWindow) => void;
}

/** In percent, as browsers have them. */
const steps = [
  ...[zoomLimits.least, 67, 75, 80, 90, 100],
  ...[110, 125, 150, 175, 200, 250, zoomLimits.most],
];

const next: Readonly<Record<ZoomDeed, (percent: number) => number>> = {
  in: (percent) => steps.find((step) => step > percent) ?? percent,
  out: (percent) => steps.findLast((step) => step < percent) ?? percent,
  reset: () => 100,
};

/** By what a key writes, which also finds those of the number pad. `=` is the key of `+` where that takes a shift. */
const byKey = new Map<string, ZoomDeed>([
  ['+', 'in'],
  ['=', 'in'],
  ['-', 'out'],
  ['0', 'reset'],
]);
/** By where a key is: on French keyboards digits take a shift. */
const byPlace = new Map<string, ZoomDeed>([['Digit0', 'reset']]);

export const createZoom = (
  preferences: Pick<Preferences, 'get' | 'set'>,
  platform: NodeJS.Platform = process.platform,
): Zoom => {
  const pages = new Set<WebContents>();
  let percent = preferences.get('zoom');
  const factor = (): number => percent / 100;

  const change = (deed: ZoomDeed): void => {
    const wished = next[deed](percent);
    if (wished === percent) return;
    percent = wished;
    for (const page of pages) page.setZoomFactor(factor());
    try {
      preferences.set('zoom', percent);
    } catch {
      // A full disk: it holds until the app ends.
    }
  };

  const watch = (window: BrowserWindow): void => {
    const page = window.webContents;
    pages.add(page);
    window.once('closed', () => void pages.delete(page));
    // Electron keeps what it was told last for an origin, also over a new start, and begins with that.
    page.on('did-finish-load', () => page.setZoomFactor(factor()));
    page.on('zoom-changed', (_event, direction) => change(direction));
    // Comes before the page and before the shortcuts of a menu, on every system.
    page.on('before-input-event', (event, input) => {
      const deed = deedOf(input, platform);
      if (deed === undefined) return;
      event.preventDefault();
      change(deed);
    });
  };

  return { factor, change, watch };
};

const deedOf = (input: Input, platform: NodeJS.Platform): ZoomDeed | undefined => {
  const { type, control, meta, alt, key, code } = input;
  const [held, other] = platform === 'darwin' ? [meta, control] : [control, meta];
  // AltGr, with which some keyboards write such characters, comes as control and alt.
  if (type !== 'keyDown' || !held || other || alt) return undefined;
  return byKey.get(key) ?? byPlace.get(code);
};
