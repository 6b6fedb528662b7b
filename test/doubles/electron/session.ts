/** The double of `session`: it keeps the handlers that the window and the tests then ask. */
import { EventEmitter } from 'node:events';
import { mustBeReady, preventable } from './life.ts';

type Decide<T> = (decision: T) => void;
type RequestHandler = (contents: null, permission: string, decide: Decide<boolean>) => void;
type CheckHandler = (contents: null, permission: string) => boolean;
type BeforeRequest = (details: { url: string }, decide: Decide<{ cancel?: boolean }>) => void;

class Session extends EventEmitter {
  readonly webRequest = {
    onBeforeRequest: (listener: BeforeRequest | null): void => {
      handlers.beforeRequest = listener;
    },
  };

  setPermissionRequestHandler(handler: RequestHandler | null): void {
    handlers.request = handler;
  }

  setPermissionCheckHandler(handler: CheckHandler | null): void {
    handlers.check = handler;
  }

  setDevicePermissionHandler(handler: (() => boolean) | null): void {
    handlers.device = handler;
  }

  setSpellCheckerEnabled(enabled: boolean): void {
    handlers.spellChecker = enabled;
  }
}

/** What the program set; Electron's own defaults before that, which allow everything. */
export const handlers: {
  request: RequestHandler | null;
  check: CheckHandler | null;
  device: (() => boolean) | null;
  beforeRequest: BeforeRequest | null;
  spellChecker: boolean;
} = { request: null, check: null, device: null, beforeRequest: null, spellChecker: true };

export const defaultSession = new Session();

export const session = {
  get defaultSession(): Session {
    mustBeReady('session');
    return defaultSession;
  },
};

/** Whether the program lets a page's request through. */
export const letsThrough = async (url: string): Promise<boolean> => {
  const { beforeRequest } = handlers;
  if (beforeRequest === null) return true;
  const { promise, resolve } = Promise.withResolvers<{ cancel?: boolean }>();
  beforeRequest({ url }, resolve);
  return (await promise).cancel !== true;
};

/** Whether the program lets a page save what is at this address. */
export const letsSave = (url: string): boolean => {
  const event = preventable({});
  defaultSession.emit('will-download', event, { getURL: () => url });
  return !event.defaultPrevented;
};
