/** The desktop shell, set up in order and taken down in the opposite one. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { app, dialog } from 'electron';
import {
  type BrokerOptions,
  openLogFile,
  type rememberLaunch,
  systemClock,
} from '../broker/broker.ts';
import type { Clock, Ports } from '../broker/ports.ts';
import { type Answer, createControlClient } from '../shared/contract/client.ts';
import { toProblem } from '../shared/contract/problems.ts';
import { setAppMenu } from './app-menu.ts';
import { createCopyEntry } from './copy-entry.ts';
import { createDeeds } from './deeds.ts';
import { hardenSession } from './harden-session.ts';
import { openHost } from './host.ts';
import { introduceToWindows } from './introduce-to-windows.ts';
import { launchAgain, startsHidden } from './launch.ts';
import type { OwnBroker } from './link.ts';
import { loginItem } from './login-item.ts';
import { showNotices } from './notices.ts';
import type { Paths } from './paths.ts';
import { createPorts } from './ports.ts';
import { openPreferences } from './preferences.ts';
import { onQuit } from './quit.ts';
import { claimReviewLinks, type ReviewLinks, takeReviewLinks } from './review-links.ts';
import { declareScheme, serveScheme } from './scheme.ts';
import { withShellRoutes } from './shell-routes.ts';
import { shimStart } from './shim-start.ts';
import { strings } from './strings.ts';
import { showTray } from './tray.ts';
import { createUpdates, type Updater } from './updates/updates.ts';
import { createWindow } from './window.ts';
import { createZoom } from './zoom.ts';

export interface ShellParts {
  readonly startBroker: (options: BrokerOptions, ports: Ports) => Promise<OwnBroker>;
  readonly reachBroker: (dataFolder: string, caller: 'window') => Promise<Answer>;
  readonly rememberLaunch: typeof rememberLaunch;
  readonly windowFiles: (windowFolder: string) => Answer;
  readonly dataFolder: string;
  readonly paths: Paths;
  /** Absent where the app does not update itself. */
  readonly updater?: Updater | undefined;
}

/**
 * Resolves once everything is on screen, or at once in a second copy, which only wakes the first.
 *
 * Never rejects: what keeps it from starting is shown to the person and ends the program.
 */
export const startShell = async (parts: ShellParts): Promise<void> => {
  try {
    await start(parts);
  } catch (error) {
    const { message, hint } = toProblem(error);
    dialog.showErrorBox(strings.cannotStart, [message, hint].filter(Boolean).join('\n\n'));
    app.quit();
  }
};

const start = async (parts: ShellParts): Promise<void> => {
  // Electron may be ready as soon as this module has run, so nothing up to `whenReady` may wait.
  keepWindowDataIn(path.join(parts.dataFolder, 'window'));
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  introduceToWindows();
  app.enableSandbox();
  declareScheme();

  const links = takeReviewLinks(process.argv);
  const clock = systemClock;
  const undo = new AsyncDisposableStack();
  const started = app.whenReady().then(() => setUp(parts, clock, links, undo));
  // A quit during the start waits for it: only what has been set up can be taken down.
  onQuit(clock, () => started.catch(() => undefined).then(() => undo.disposeAsync()));
  await started;
};

/** The single instance lock lies there too, so that there is one shell a data folder, as there is one broker. */
const keepWindowDataIn = (folder: string): void => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  app.setPath('userData', folder);
};

const setUp = async (
  parts: ShellParts,
  clock: Clock,
  links: ReviewLinks,
  undo: AsyncDisposableStack,
): Promise<void> => {
  const { paths, dataFolder } = parts;
  const log = openLogFile(app.getPath('logs'), clock);
  undo.defer(log.close);
  const preferences = openPreferences(clock);
  const shim = () => shimStart({ shim: paths.shim, env: process.env });

  const zoom = createZoom(preferences);

  hardenSession();
  setAppMenu(zoom);

  const ports = createPorts({ clock, keychainChild: paths.keychainChild, writeLog: log.write });
  const host = await openHost({
    startBroker: async () => {
      const broker = await parts.startBroker(
        {
          ...{ dataFolder, windowFolder: paths.windowFolder, version: app.getVersion() },
          host: () => ({ logFolder: app.getPath('logs'), shim: shim() }),
        },
        ports,
      );
      await parts
        .rememberLaunch(dataFolder, launchAgain(), process.env)
        .catch((error: unknown) => log.warn('launch-not-remembered', error));
      return broker;
    },
    reachBroker: () => parts.reachBroker(dataFolder, 'window'),
    windowFiles: parts.windowFiles(paths.windowFolder),
    onPowerEvent: ports.onPowerEvent,
    clock,
    onTrouble: (error) => log.warn('host-trouble', error),
  });
  undo.defer(host.stop);
  const updates =
    parts.updater &&
    createUpdates({
      ...{ updater: parts.updater, preferences, clock },
      onTrouble: (error) => log.warn('update-trouble', error),
    });
  undo.defer(() => updates?.stop());
  undo.defer(
    serveScheme(withShellRoutes(host.answer, { login: loginItem(), updates, preferences })),
  );

  const window = createWindow({ preload: paths.preload, preferences, zoom, clock });
  undo.defer(window.dispose);
  app.on('second-instance', () => window.show());
  app.on('activate', () => window.show());

  const deeds = createDeeds(createControlClient(host.answer), (error) => {
    log.warn('deed-failed', error);
    // What went wrong stands beside the account there.
    window.show();
  });
  const copyEntry = createCopyEntry(shim);
  const trayParts = { host, clock, deeds, icons: paths.trayIcons, copyEntry };
  undo.defer(showTray({ ...trayParts, openWindow: window.show }));
  undo.defer(showNotices({ host, deeds, preferences, openWindow: window.show }));

  claimReviewLinks();
  const wasAsked = links.openWith(window.review);
  if (!wasAsked && !preferences.get('startHidden') && !startsHidden()) window.show();
};
