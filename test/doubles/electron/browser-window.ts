/** The double of `BrowserWindow`: a page of a real Chromium, kept where the program's handlers say. */
import { EventEmitter } from 'node:events';
import type { BrowserContext, Page, Route } from 'playwright-core';
import { app } from './app.ts';
import { theChromium } from './chromium.ts';
import type { Gateway } from './gateway.ts';
import { life, mustBeReady, preventable } from './life.ts';
import { preloadScript } from './preload-host.ts';
import { gatewayTo } from './protocol.ts';
import { letsSave, letsThrough } from './session.ts';

type OpenHandler = (details: { readonly url: string }) => { readonly action: 'allow' | 'deny' };

class WebContents extends EventEmitter {
  #zoomFactor = 1;
  readonly #zoomed: () => void;
  readonly #address: () => string;

  constructor(zoomed: () => void, address: () => string) {
    super();
    this.#zoomed = zoomed;
    this.#address = address;
  }

  getURL(): string {
    return this.#address();
  }

  getZoomFactor(): number {
    return this.#zoomFactor;
  }

  setZoomFactor(factor: number): void {
    this.#zoomFactor = factor;
    this.#zoomed();
  }

  setWindowOpenHandler(handler: OpenHandler): void {
    openHandlers.set(this, handler);
  }
}

const openHandlers = new WeakMap<WebContents, OpenHandler>();

/** What a page's attempt to open a window comes to. Without a handler, Electron lets it. */
export const tryToOpen = (contents: WebContents, url: string): void => {
  const action = openHandlers.get(contents)?.({ url }).action ?? 'allow';
  if (action === 'allow') life().escapes.push(url);
};

const pages = new WeakMap<BrowserWindow, PromiseWithResolvers<Page>>();
const asked = new WeakMap<BrowserWindow, Electron.BrowserWindowConstructorOptions>();

/** The Chromium page of a window, once it has loaded. */
export const pageOf = (window: BrowserWindow): Promise<Page> => loading(window).promise;

/** What the program asked for when it made the window. */
export const optionsOf = (window: BrowserWindow): Electron.BrowserWindowConstructorOptions =>
  asked.get(window) ?? {};

/** That nobody waits for the page is no error. */
const unheard = <T>(deferred: PromiseWithResolvers<T>): PromiseWithResolvers<T> => {
  deferred.promise.catch(() => undefined);
  return deferred;
};

const loading = (window: BrowserWindow): PromiseWithResolvers<Page> => {
  const found = pages.get(window);
  if (found === undefined) throw new Error('not one of our windows');
  return found;
};

export class BrowserWindow extends EventEmitter {
  readonly webContents = new WebContents(
    () => this.#fit(),
    () => this.#gateway?.outwards(this.#context?.pages()[0]?.url() ?? '') ?? '',
  );
  #visible: boolean;
  #focused = false;
  #minimized = false;
  #destroyed = false;
  #size: { width: number; height: number };
  #context: BrowserContext | undefined;
  #gateway: Gateway | undefined;

  constructor(options: Electron.BrowserWindowConstructorOptions = {}) {
    mustBeReady('BrowserWindow');
    super();
    this.#visible = options.show ?? true;
    this.#size = { width: options.width ?? 800, height: options.height ?? 600 };
    asked.set(this, options);
    pages.set(this, unheard(Promise.withResolvers<Page>()));
    life().windows.push(this);
  }

  async loadURL(address: string): Promise<void> {
    const loaded = this.#context?.pages()[0];
    if (loaded !== undefined) {
      // As in Chromium: where only the fragment differs, the page stays.
      await loaded.goto((await gatewayTo(address)).inwards(address));
      return;
    }
    try {
      loading(this).resolve(await this.#load(address));
    } catch (error) {
      loading(this).reject(error);
      throw error;
    }
    // What was set before is lost with the page that it was set for.
    this.webContents.setZoomFactor(optionsOf(this).webPreferences?.zoomFactor ?? 1);
    this.webContents.emit('did-finish-load');
    this.emit('ready-to-show');
  }

  async #load(address: string): Promise<Page> {
    const gateway = await gatewayTo(address);
    this.#gateway = gateway;
    const context = await (await theChromium()).newContext({ viewport: this.#size });
    if (this.#destroyed) {
      await context.close();
      throw new Error('ERR_FAILED: the window was destroyed while it loaded');
    }
    this.#context = context;
    const page = await context.newPage();
    await this.#guard(page, gateway);
    await page.goto(gateway.inwards(address));
    return page;
  }

  /** A page that is drawn larger has fewer pixels of its own, which is what it lays itself out by. */
  #fit(): void {
    const { width, height } = this.#size;
    const factor = this.webContents.getZoomFactor();
    const fitted = { width: Math.floor(width / factor), height: Math.floor(height / factor) };
    // A page that goes meanwhile needs no size.
    void this.#context
      ?.pages()[0]
      ?.setViewportSize(fitted)
      .catch(() => undefined);
  }

  /** Asks the program wherever Electron would ask it. */
  async #guard(page: Page, gateway: Gateway): Promise<void> {
    const preload = optionsOf(this).webPreferences?.preload;
    if (preload !== undefined) await page.addInitScript({ content: preloadScript(preload) });

    await page.exposeBinding('__openWindow', (_source, url: string) =>
      tryToOpen(this.webContents, gateway.outwards(url)),
    );
    await page.addInitScript(() => {
      const open = Reflect.get(window, '__openWindow') as (url: string) => void;
      Reflect.deleteProperty(window, '__openWindow');
      window.open = (url = '') => {
        open(new URL(url, location.href).href);
        return null;
      };
    });

    await page.context().route('**', (route) => this.#decide(route, page, gateway));
    page.on('download', (download) => {
      if (!letsSave(gateway.outwards(download.url()))) void download.cancel();
    });
    // A target=_blank page: its first request was answered below.
    page.on('popup', (popup) => void popup.close().catch(() => undefined));
  }

  async #decide(route: Route, page: Page, gateway: Gateway): Promise<void> {
    const request = route.request();
    const url = gateway.outwards(request.url());
    if (!belongsTo(route, page)) {
      if (request.isNavigationRequest()) tryToOpen(this.webContents, url);
      return route.abort();
    }
    // The load that the program itself asked for raises no event.
    if (request.isNavigationRequest() && page.url() !== 'about:blank') {
      if (this.#isKept(url, request.frame() === page.mainFrame())) {
        // The page stays where it is; an aborted navigation would show an error page.
        return route.fulfill({ status: 204 });
      }
      if (url === request.url()) {
        life().escapes.push(url);
        return route.abort();
      }
    }
    return (await letsThrough(url)) ? route.continue() : route.abort('blockedbyclient');
  }

  #isKept(url: string, isMainFrame: boolean): boolean {
    const isPrevented = (name: string): boolean => {
      const event = preventable({ url, isMainFrame, isSameDocument: false });
      this.webContents.emit(name, event);
      return event.defaultPrevented;
    };
    // The second is not asked once the first has said no.
    return isPrevented('will-frame-navigate') || (isMainFrame && isPrevented('will-navigate'));
  }

  show(): void {
    this.#visible = true;
    this.focus();
    this.emit('show');
  }

  hide(): void {
    this.#visible = false;
    this.#focused = false;
    this.emit('hide');
  }

  focus(): void {
    this.#focused = true;
  }

  minimize(): void {
    this.#minimized = true;
    this.#focused = false;
  }

  restore(): void {
    this.#minimized = false;
  }

  isVisible(): boolean {
    return this.#visible && !this.#destroyed;
  }

  isFocused(): boolean {
    return this.#focused;
  }

  isMinimized(): boolean {
    return this.#minimized;
  }

  isDestroyed(): boolean {
    return this.#destroyed;
  }

  setSize(width: number, height: number): void {
    this.#size = { width, height };
  }

  getNormalBounds(): { x: number; y: number; width: number; height: number } {
    return { x: 0, y: 0, ...this.#size };
  }

  close(): void {
    if (this.#destroyed) return;
    const event = preventable({});
    this.emit('close', event);
    if (!event.defaultPrevented) this.destroy();
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    // Closing a page is never worth an error: Chromium may be gone before it.
    this.#context?.close().catch(() => undefined);
    this.emit('closed');
    if (life().phase !== 'running' || life().windows.some((window) => !window.isDestroyed()))
      return;
    // Electron quits unless somebody listens.
    if (!app.emit('window-all-closed')) app.quit();
  }
}

/** False for a page that is only about to be made, which has no frame yet. */
const belongsTo = (route: Route, page: Page): boolean => {
  try {
    return route.request().frame().page() === page;
  } catch {
    return false;
  }
};
