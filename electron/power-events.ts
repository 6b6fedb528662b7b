/** What the machine tells, in the broker's words. */
import { net, powerMonitor } from 'electron';
import type { Clock, PowerEvent } from '../broker/ports.ts';

/** Electron has no event for it in the main process, so the network is asked now and then. */
const NETWORK_ASKED_EVERY = 15_000;

export const createPowerEvents =
  (clock: Clock) =>
  (listener: (event: PowerEvent) => void): (() => void) => {
    const wake = (): void => listener('wake');
    const unlock = (): void => listener('unlock');
    powerMonitor.on('resume', wake);
    // Never comes on Linux; there a keychain opened late is found at the broker's next try.
    powerMonitor.on('unlock-screen', unlock);

    let online = net.isOnline();
    let cancel = (): void => undefined;
    const ask = (): void => {
      cancel = clock.after(NETWORK_ASKED_EVERY, ask);
      if (net.isOnline() === online) return;
      online = !online;
      listener('network-change');
    };
    cancel = clock.after(NETWORK_ASKED_EVERY, ask);

    return () => {
      cancel();
      powerMonitor.off('resume', wake);
      powerMonitor.off('unlock-screen', unlock);
    };
  };
