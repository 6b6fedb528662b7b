/** The double of `Menu`: a list of labels to choose from. */
import type { MenuItemConstructorOptions } from 'electron';
import { life } from './life.ts';

export class MenuItem {
  readonly label: string;
  readonly enabled: boolean;
  readonly type: string;
  readonly role: string | undefined;
  readonly click: () => void;
  readonly submenu: Menu | undefined;

  constructor(options: MenuItemConstructorOptions) {
    this.label = options.label ?? '';
    this.enabled = options.enabled ?? true;
    this.type = options.type ?? 'normal';
    this.role = options.role;
    this.submenu = Array.isArray(options.submenu)
      ? Menu.buildFromTemplate(options.submenu)
      : undefined;
    // The program's handlers take no arguments; real ones would get the item, the window and the event.
    this.click = () => (options.click as (() => void) | undefined)?.();
  }
}

export class Menu {
  readonly items: MenuItem[] = [];

  static buildFromTemplate(template: readonly MenuItemConstructorOptions[]): Menu {
    const menu = new Menu();
    menu.items.push(...template.map((options) => new MenuItem(options)));
    return menu;
  }

  popup(): void {
    life().contextMenu = this;
  }

  static setApplicationMenu(menu: Menu | null): void {
    life().appMenu = menu;
  }
}
