/** The one window: it shows the page of the private scheme, goes nowhere else, and hides when closed. */
import { app, BrowserWindow, type WebContents } from 'electron';
import type { Clock } from '../broker/ports.ts';
import type { ServerId } from '../shared/contract/ids.ts';
import { type Review, toFragment } from '../shared/review-link.ts';
import { placeOfServer } from '../shared/window-place.ts';
import { createMending } from './mend-window.ts';
import { offerEditing } from './offer-editing.ts';
import { openable, openInBrowser } from './open-in-browser.ts';
import { type Preferences, smallestWindow } from './preferences.ts';
import { WINDOW_PAGE } from './scheme.ts';
import { strings } from './strings.ts';
import type { Zoom } from './zoom.ts';

interface WindowParts {
  readonly preload: string;
  readonly preferences: Preferences;
  readonly zoom: Zoom;
  readonly clock: Clock;
}

export interface AppWindow {
  /** Brings the window up, making it when there is none yet, on the page of a server where one is named. */
  readonly show: (server?: ServerId) => void;
  /** Brings it up with what a link proposes, for the person to look at. */
  readonly review: (what: Review) => void;
  readonly dispose: () => void;
}

/** Nothing is made until the first `show`: a hidden page costs a process of its own. */
export const createWindow = ({ preload, preferences, zoom, clock }: WindowParts): AppWindow => {
  let window: BrowserWindow | undefined;

  const rememberSize = (from: BrowserWindow): void => {
    const { width, height } = from.getNormalBounds();
    try {
      preferences.set('windowSize', {
        width: Math.max(width, smallestWindow.width),
        height: Math.max(height, smallestWindow.height),
      });
    } catch {
      // A full disk: the window opens in its former size next time.
    }
  };

  const open = (fragment = ''): void => {
    const made = new BrowserWindow({
      ...hardened(preload, zoom.factor()),
      ...preferences.get('windowSize'),
    });
    window = made;
    confine(made.webContents);
    offerEditing(made);
    zoom.watch(made);
    made.once('ready-to-show', () => made.show());
    made.on('close', (event) => {
      event.preventDefault();
      rememberSize(made);
      made.hide();
    });
    mending.watch(made);
    made.once('closed', () => {
      if (window === made) window = undefined;
    });
    // Fails only when the window is taken down while it loads.
    made.loadURL(WINDOW_PAGE + fragment).catch(() => undefined);
  };
  const mending = createMending(clock, () => show());

  const show = (server?: ServerId): void => {
    const fragment = server === undefined ? '' : placeOfServer(server);
    if (window === undefined) return open(fragment);
    goTo(window, fragment);
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  };

  const review = (what: Review): void => {
    const fragment = toFragment(what);
    if (window === undefined) return open(fragment);
    goTo(window, fragment);
    show();
  };

  const dispose = (): void => {
    mending.dispose();
    if (window === undefined) return;
    rememberSize(window);
    // Not `close`, which only hides.
    window.destroy();
  };

  return { show, review, dispose };
};

/** Only the fragment differs, so the page stays as it is, and hears of it; the same address would load it anew. */
const goTo = (window: BrowserWindow, fragment: string): void => {
  const address = WINDOW_PAGE + fragment;
  if (fragment === '' || window.webContents.getURL() === address) return;
  window.loadURL(address).catch(() => undefined);
};

const hardened = (
  preload: string,
  zoomFactor: number,
): Electron.BrowserWindowConstructorOptions => ({
  show: false,
  title: strings.product,
  minWidth: smallestWindow.width,
  minHeight: smallestWindow.height,
  autoHideMenuBar: true,
  webPreferences: {
    preload,
    zoomFactor,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webviewTag: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    spellcheck: false,
    devTools: !app.isPackaged,
  },
});

/** Keeps a page where it is. A link to a web page opens in the person's browser; anything else does nothing. */
const confine = (contents: WebContents): void => {
  const leave = (address: string): void => {
    // A browser that cannot be started is not worth an error: the person sees that nothing opened.
    if (openable(address) !== undefined) openInBrowser(address).catch(() => undefined);
  };
  contents.setWindowOpenHandler(({ url }) => {
    leave(url);
    return { action: 'deny' };
  });
  contents.on('will-navigate', (event) => {
    event.preventDefault();
    leave(event.url);
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-frame-navigate', (event) => {
    // Of the main frame Electron asks again, with `will-navigate`, unless this one already said no.
    if (!event.isMainFrame) event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
};
