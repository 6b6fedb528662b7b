/** Draws the tray model, again with every snapshot and whenever a time in it has changed. */
import path from 'node:path';
import { app, Menu, type MenuItemConstructorOptions, nativeImage, Tray } from 'electron';
import type { Clock } from '../broker/ports.ts';
import type { Snapshot } from '../shared/contract/snapshot.ts';
import { timeLeftChangesIn } from '../shared/expiry.ts';
import { type TrayItem, type TrayModel, trayModel } from '../shared/tray-model.ts';
import type { Deeds } from './deeds.ts';
import type { Host } from './host.ts';

interface TrayParts {
  readonly host: Pick<Host, 'snapshot' | 'onSnapshot'>;
  readonly clock: Clock;
  readonly deeds: Deeds;
  /** The folder of the icons. */
  readonly icons: string;
  readonly openWindow: () => void;
}

/** While no broker answers: its last snapshot would promise what nobody keeps. */
const nobodyAnswers: TrayModel = {
  icon: 'busy',
  tooltip: 'Drawbridge: waiting for the background service',
  items: [
    { kind: 'text', label: 'Waiting for the background service' },
    { kind: 'separator' },
    { kind: 'command', label: 'Open Drawbridge', command: 'open-window' },
    { kind: 'command', label: 'Quit', command: 'quit' },
  ],
};

/** Returns a function that takes the tray away. */
export const showTray = ({ host, clock, deeds, icons, openWindow }: TrayParts): (() => void) => {
  const commands = { 'open-window': openWindow, quit: () => app.quit() } as const;
  const tray = new Tray(nativeImage.createEmpty());
  // macOS opens the menu on a click, whoever listens.
  if (process.platform !== 'darwin') tray.on('click', openWindow);

  const entry = (item: TrayItem): MenuItemConstructorOptions => {
    switch (item.kind) {
      case 'separator':
        return { type: 'separator' };
      case 'text':
        return { label: literally(item.label), enabled: false };
      case 'deed':
        return { label: literally(item.label), click: () => deeds[item.deed](item.key) };
      case 'command':
        return { label: literally(item.label), click: commands[item.command] };
    }
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
      tray.setImage(icon(icons, model.icon));
      tray.setToolTip(model.tooltip);
      tray.setContextMenu(Menu.buildFromTemplate(model.items.map(entry)));
    }
    const wait = nextChange(snapshot, now);
    cancelRedraw = wait === undefined ? () => undefined : clock.after(wait, draw);
  };

  draw();
  const stop = host.onSnapshot(draw);
  return () => {
    stop();
    cancelRedraw();
    tray.destroy();
  };
};

/** Electron reads a single & as the mark of a shortcut letter. */
const literally = (label: string): string => label.replaceAll('&', '&&');

const icon = (folder: string, name: TrayModel['icon']): Electron.NativeImage => {
  const image = nativeImage.createFromPath(path.join(folder, `${name}.png`));
  // macOS colours it for its menu bar; the three differ in shape.
  if (process.platform === 'darwin') image.setTemplateImage(true);
  return image;
};

/** How long until some account's time left reads differently. */
const nextChange = (snapshot: Snapshot | undefined, now: number): number | undefined => {
  const waits = (snapshot?.servers ?? [])
    .flatMap(({ accounts }) => accounts)
    .flatMap(({ expiresAt }) =>
      expiresAt === undefined ? [] : [timeLeftChangesIn(expiresAt, now)],
    )
    .filter((wait) => wait !== undefined);
  return waits.length === 0 ? undefined : Math.min(...waits);
};
