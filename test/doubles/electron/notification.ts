/** The double of `Notification`: a test plays the person who clicks it. */
import { EventEmitter } from 'node:events';
import { life, mustBeReady } from './life.ts';

export class Notification extends EventEmitter {
  readonly title: string;
  readonly body: string;
  readonly silent: boolean;
  readonly actions: readonly { readonly text?: string }[];

  constructor(
    options: {
      readonly title?: string;
      readonly body?: string;
      readonly silent?: boolean;
      readonly actions?: readonly { readonly text?: string }[];
    } = {},
  ) {
    super();
    this.title = options.title ?? '';
    this.body = options.body ?? '';
    this.silent = options.silent ?? false;
    this.actions = options.actions ?? [];
  }

  static isSupported(): boolean {
    return true;
  }

  show(): void {
    mustBeReady('Notification');
    life().notifications.push(this);
    life().notified.push(this.title);
    this.emit('show', {});
  }

  close(): void {
    const { notifications } = life();
    const at = notifications.indexOf(this);
    if (at === -1) return;
    notifications.splice(at, 1);
    this.emit('close', {});
  }
}
