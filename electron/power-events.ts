/** What the machine tells, in the broker's words. */
import { powerMonitor } from 'electron';
import type { Clock } from '../broker/ports.ts';
import type { PowerEvent } from '../shared/contract/power-event.ts';

interface Network {
  readonly isOnline: () => boolean;
  /** Compared as it is. */
  readonly addresses: () => string;
}

/** Electron has no event for it in the main process, so the network is asked now and then. */
const NETWORK_ASKED_EVERY = 15_000;

export const createPowerEvents =
  (clock: Clock, network: Network) =>
  (listener: (event: PowerEvent) => void): (() => void) => {
    const wake = (): void => listener('wake');
    const unlock = (): void => listener('unlock');
    powerMonitor.on('resume', wake);
    // Never comes on Linux; there a keychain opened late is found at the broker's next try.
    powerMonitor.on('unlock-screen', unlock);

    let last = seen(network);
    let cancel = (): void => undefined;
    const ask = (): void => {
      cancel = clock.after(NETWORK_ASKED_EVERY, ask);
      const now = seen(network);
      if (now === last) return;
      last = now;
      listener('network-change');
    };
    cancel = clock.after(NETWORK_ASKED_EVERY, ask);

    return () => {
      cancel();
      powerMonitor.off('resume', wake);
      powerMonitor.off('unlock-screen', unlock);
    };
  };

/** Also where it is online: a change of Wi-Fi is over long before it is asked again. */
const seen = ({ isOnline, addresses }: Network): string => `${isOnline()}\n${addresses()}`;
