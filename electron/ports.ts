/** What Electron provides for the broker to live in it. */
import { app, net, session } from 'electron';
import type { Clock, Ports } from '../broker/ports.ts';
import { createKeychain } from './keychain.ts';
import { openInBrowser } from './open-in-browser.ts';
import { ownAddresses } from './own-addresses.ts';
import { createPowerEvents } from './power-events.ts';

interface PortParts {
  readonly clock: Clock;
  /** The program that makes one keychain call. */
  readonly keychainChild: string;
  readonly writeLog: (line: string) => void;
}

export const createPorts = ({ clock, keychainChild, writeLog }: PortParts): Ports => ({
  clock,
  openBrowser: (address) => openInBrowser(address.href),
  keychain: createKeychain(clock, keychainChild),
  systemProxy: (origin) => session.defaultSession.resolveProxy(origin.href),
  onPowerEvent: createPowerEvents(clock, {
    isOnline: () => net.isOnline(),
    addresses: () => ownAddresses(),
  }),
  writeLog,
  end: () => app.quit(),
});
