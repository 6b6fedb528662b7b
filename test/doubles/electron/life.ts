/**
 * One life of the pretended program: what it asked of Electron, and what the person and the system did.
 *
 * Electron's modules are singletons, so their double must be too; `newLife` makes a fresh one for each test.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BrowserWindow } from './browser-window.ts';
import type { Gateway } from './gateway.ts';
import type { Menu } from './menu.ts';
import type { Notification } from './notification.ts';
import type { Tray } from './tray.ts';
import type { UtilityProcess } from './utility-process.ts';

/** Whatever handles a scheme. */
export type SchemeHandler = (request: Request) => Response | Promise<Response>;

export interface Question {
  readonly message: string;
  readonly answer: (button: string) => void;
}

export class Life {
  #folder: string | undefined;
  readonly #ready = Promise.withResolvers<void>();
  isReady = false;
  /** Whether this copy is the first; set before the program asks. */
  isFirstCopy = true;
  online = true;
  /** Whether it runs from a package; set before the program asks. */
  isPackaged = false;
  opensAtLogin = false;
  /** Set by `app.enableSandbox`. */
  sandboxed = false;
  phase: 'running' | 'quitting' | 'ended' = 'running';

  readonly schemes: Electron.CustomScheme[] = [];
  readonly handlers = new Map<string, SchemeHandler>();
  readonly gateways = new Map<string, Promise<Gateway>>();
  readonly windows: BrowserWindow[] = [];
  readonly trays: Tray[] = [];
  /** On screen now. */
  readonly notifications: Notification[] = [];
  /** The titles of all that ever came up, in order. */
  readonly notified: string[] = [];
  readonly children: UtilityProcess[] = [];
  /** Addresses handed to `shell.openExternal`. */
  readonly opened: string[] = [];
  readonly errorBoxes: { readonly title: string; readonly content: string }[] = [];
  /** Questions on screen now, and what the person answers them with. */
  readonly questions: Question[] = [];
  /** What `app.setAsDefaultProtocolClient` was given. */
  readonly claims: { scheme: string; program?: string | undefined; args?: string[] | undefined }[] =
    [];
  /** What Windows was told of who the app is, in order. */
  readonly toWindows: { readonly id: string; readonly wasReady: boolean }[] = [];
  /** Navigations that nobody prevented and that would have left the page. */
  readonly escapes: string[] = [];
  /** Undefined while Electron's own default menu stands. */
  appMenu: Menu | null | undefined;
  /** What came up last on a right click. */
  contextMenu: Menu | undefined;
  /** What was copied last. */
  clipboard = '';
  /** Another program holds it. */
  clipboardIsTaken = false;
  /** What `app.setPath` set. */
  readonly paths = new Map<string, string>();

  /** Where `app.getPath` leads; made when first asked for. */
  get folder(): string {
    return (this.#folder ??= mkdtempSync(path.join(tmpdir(), 'electron-double-')));
  }

  whenReady(): Promise<void> {
    return this.#ready.promise;
  }

  becomeReady(): void {
    this.isReady = true;
    this.#ready.resolve();
  }

  /** Ends what the program left running. */
  async end(): Promise<void> {
    for (const window of this.windows) window.destroy();
    for (const child of this.children) child.kill();
    for (const gateway of this.gateways.values()) await (await gateway).close();
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }
}

const holder = { life: new Life() };

export const life = (): Life => holder.life;

export const replaceLife = async (): Promise<void> => {
  await holder.life.end();
  holder.life = new Life();
};

/** Electron refuses most things before it is ready, and so do we. */
export const mustBeReady = (what: string): void => {
  if (!life().isReady) throw new Error(`${what} cannot be used before the app is ready`);
};

export const mustNotBeReady = (what: string): void => {
  if (life().isReady) throw new Error(`${what} must be called before the app is ready`);
};

/** An event whose default can be prevented, with the fields Electron gives it. */
export const preventable = <Fields extends object>(fields: Fields) => ({
  ...fields,
  defaultPrevented: false,
  preventDefault() {
    this.defaultPrevented = true;
  },
});
