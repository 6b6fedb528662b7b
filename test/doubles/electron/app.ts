/** The double of `app`: ready when a test says so, and quitting in Electron's order. */
import { EventEmitter } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { life, mustNotBeReady, preventable } from './life.ts';

export class App extends EventEmitter {
  get isPackaged(): boolean {
    return life().isPackaged;
  }

  isReady(): boolean {
    return life().isReady;
  }

  whenReady(): Promise<void> {
    return life().whenReady();
  }

  getVersion(): string {
    return '0.0.0-double';
  }

  getName(): string {
    return 'drawbridge';
  }

  getAppPath(): string {
    return life().folder;
  }

  getPath(name: string): string {
    const set = life().paths.get(name);
    if (set !== undefined) return set;
    const folder = path.join(life().folder, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  setPath(name: string, folder: string): void {
    if (!existsSync(folder)) throw new Error(`Failed to set path: ${folder} does not exist`);
    life().paths.set(name, folder);
  }

  setAppUserModelId(id: string): void {
    life().toWindows.push({ id, wasReady: life().isReady });
  }

  setToastActivatorCLSID(id: string): void {
    life().toWindows.push({ id, wasReady: life().isReady });
  }

  setAsDefaultProtocolClient(scheme: string, program?: string, args?: string[]): boolean {
    life().claims.push({ scheme, program, args });
    return true;
  }

  setLoginItemSettings({ openAtLogin = false }: Electron.Settings): void {
    life().opensAtLogin = openAtLogin;
  }

  getLoginItemSettings(): { openAtLogin: boolean; wasOpenedAtLogin: boolean } {
    return { openAtLogin: life().opensAtLogin, wasOpenedAtLogin: false };
  }

  enableSandbox(): void {
    mustNotBeReady('app.enableSandbox');
    life().sandboxed = true;
  }

  requestSingleInstanceLock(): boolean {
    return life().isFirstCopy;
  }

  quit(): void {
    if (life().phase !== 'running') return;
    if (this.#isPrevented('before-quit')) return;
    life().phase = 'quitting';
    for (const window of life().windows) window.close();
    const someStayed = life().windows.some((window) => !window.isDestroyed());
    if (someStayed || this.#isPrevented('will-quit')) {
      life().phase = 'running';
      return;
    }
    this.exit();
  }

  exit(code = 0): void {
    life().phase = 'ended';
    this.emit('quit', {}, code);
  }

  #isPrevented(name: string): boolean {
    const event = preventable({});
    this.emit(name, event);
    return event.defaultPrevented;
  }
}

export const app = new App();
