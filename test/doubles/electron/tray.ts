/** The double of `Tray`: it remembers what it shows. */
import { EventEmitter } from 'node:events';
import type { NativeImage } from './image.ts';
import { life, mustBeReady } from './life.ts';
import type { Menu } from './menu.ts';

/** What a person sees of a tray. */
export interface TrayFace {
  image: NativeImage;
  toolTip: string;
  /** Beside the icon, on macOS. */
  title: string;
  menu: Menu | null;
  /** How often the menu was put in place. */
  drawings: number;
}

const faces = new WeakMap<Tray, TrayFace>();

export class Tray extends EventEmitter {
  #destroyed = false;

  constructor(image: NativeImage) {
    mustBeReady('Tray');
    super();
    faces.set(this, { image, toolTip: '', title: '', menu: null, drawings: 0 });
    life().trays.push(this);
  }

  setImage(image: NativeImage): void {
    faceOf(this).image = image;
  }

  setToolTip(toolTip: string): void {
    faceOf(this).toolTip = toolTip;
  }

  setTitle(title: string): void {
    faceOf(this).title = title;
  }

  setContextMenu(menu: Menu | null): void {
    const face = faceOf(this);
    face.menu = menu;
    face.drawings += 1;
  }

  destroy(): void {
    this.#destroyed = true;
  }

  isDestroyed(): boolean {
    return this.#destroyed;
  }
}

export const faceOf = (tray: Tray): TrayFace => {
  const face = faces.get(tray);
  if (face === undefined || tray.isDestroyed()) throw new Error('the tray is gone');
  return face;
};
