/** Draws the tray model, again with every snapshot and whenever a time in it has changed. */
import {
  app,
  Menu,
  type MenuItemConstructorOptions,
  nativeImage,
  nativeTheme,
  Tray,
} from 'electron';
import type { Clock } from '../broker/ports.ts';
import type { ServerId } from '../shared/contract/ids.ts';
import type { Snapshot } from '../shared/contract/snapshot.ts';
import { timeLeftChangesIn } from '../shared/expiry.ts';
import type { CopiedEntry, TrayItem } from '../shared/tray-items.ts';
import { type TrayModel, trayModel } from '../shared/tray-model.ts';
import type { Deeds } from './deeds.ts';
import type { Host } from './host.ts';
import { strings } from './strings.ts';
import { trayIcon } from './tray-icon.ts';

interface TrayParts {
  readonly host: Pick<Host, 'snapshot' | 'onSnapshot'>;
  readonly clock: Clock;
  readonly deeds: Deeds;
  /** The folder of the icons. */
  readonly icons: string;
  /** On the page of a server where one is named. */
  readonly openWindow: (server?: ServerId) => void;
  readonly copyEntry: (wanted: CopiedEntry) => void;
}

/** While no broker answers: its last snapshot would promise what nobody keeps. */
const nobodyAnswers: TrayModel = {
  icon: 'offline',
  count: 0,
  tooltip: strings.nobodyAnswers.tooltip,
  items: [
    { kind: 'text', label: strings.nobodyAnswers.text },
    { kind: 'separator' },
    { kind: 'command', label: strings.nobodyAnswers.open, command: 'open-window' },
    { kind: 'command', label: strings.nobodyAnswers.quit, command: 'quit' },
  ],
};

/** Returns a function that takes the tray away. */
export const showTray = ({
  host,
  clock,
  deeds,
  icons,
  openWindow,
  copyEntry,
}: TrayParts): (() => void) => {
  const commands = {
    'open-window': () => openWindow(),
    'renew-all': deeds['renew-all'],
    resume: deeds.resume,
    quit: () => app.quit(),
  } as const;
  const tray = new Tray(nativeImage.createEmpty());
  // macOS opens the menu on a click, whoever listens.
  if (process.platform !== 'darwin') tray.on('click', () => openWindow());

  const entry = (item: TrayItem): MenuItemConstructorOptions => {
    switch (item.kind) {
      case 'separator':
        return { type: 'separator' };
      case 'text':
        // Greyed out, it would be passed over by keyboards and screen readers.
        return { label: literally(item.label), click: () => openWindow() };
      case 'server':
        return { label: literally(item.label), click: () => openWindow(item.server) };
      case 'menu':
        return { label: literally(item.label), submenu: item.items.map(entry) };
      case 'deed':
        return { label: literally(item.label), click: () => deeds[item.deed](item.key) };
      case 'command':
        return { label: literally(item.label), click: () => commands[item.command]() };
      case 'pause':
        return { label: literally(item.label), click: () => deeds.pause(item.forMs) };
      case 'copy':
        return { label: literally(item.label), click: () => copyEntry(item) };
    }
  };

  let face: Pick<TrayModel, 'icon' | 'count'> = nobodyAnswers;
  const setIcon = (model: Pick<TrayModel, 'icon' | 'count'> = face): void => {
    face = model;
    tray.setImage(trayIcon(icons, model));
    if (process.platform === 'darwin') tray.setTitle(model.count === 0 ? '' : ` ${model.count}`);
  };
  let drawn = '';
  let cancelRedraw = (): void => undefined;
  const draw = (): void => {
    cancelRedraw();
    const snapshot = host.snapshot();
    const now = clock.now();
    const model = snapshot === undefined ? nobodyAnswers : trayModel(snapshot, now);
    const text = JSON.stringify(model);
    // A menu that is replaced while it is open closes on some desktops.
    if (text !== drawn) {
      drawn = text;
      setIcon(model);
      tray.setToolTip(model.tooltip);
      tray.setContextMenu(Menu.buildFromTemplate(model.items.map(entry)));
    }
    const wait = nextChange(snapshot, now);
    cancelRedraw = wait === undefined ? () => undefined : clock.after(wait, draw);
  };

  const onTheme = (): void => setIcon();
  nativeTheme.on('updated', onTheme);
  draw();
  const stop = host.onSnapshot(draw);
  return () => {
    stop();
    nativeTheme.off('updated', onTheme);
    cancelRedraw();
    tray.destroy();
  };
};

/** Electron reads a single & as the mark of a shortcut letter. */
const literally = (label: string): string => label.replaceAll('&', '&&');

/** How long until some time left reads differently: of an account, or of the pause. */
const nextChange = (snapshot: Snapshot | undefined, now: number): number | undefined => {
  const ends = (snapshot?.servers ?? [])
    .flatMap(({ accounts }) => accounts)
    .map(({ expiresAt }) => expiresAt);
  const waits = [...ends, snapshot?.pause?.until]
    .map((end) => (end === undefined ? undefined : timeLeftChangesIn(end, now)))
    .filter((wait) => wait !== undefined);
  return waits.length === 0 ? undefined : Math.min(...waits);
};
