/** What every hook below stands on: the client, the connection, the address of the page, the clock, the first run and the rest. */
import { createContext, use } from 'react';
import type { ControlClient } from '../../shared/contract/client.ts';
import type { Address } from './address.ts';
import type { Clock } from './clock.ts';
import type { Connection } from './connection.ts';
import type { FirstRun } from './first-run.ts';

interface Place {
  readonly client: ControlClient;
  readonly connection: Connection;
  readonly address: Address;
  readonly clock: Clock;
  readonly firstRun: FirstRun;
  /** Rejects while the server may be a stranger at our address: nothing of it must be run. */
  readonly assertKnown: () => Promise<void>;
  /** Loads what else there is of the window, so that a click waits for nothing. */
  readonly loadRest: () => void;
}

export const Surroundings = createContext<Place | undefined>(undefined);

export const useSurroundings = (): Place => {
  const place = use(Surroundings);
  if (place === undefined) throw new Error('rendered outside of its surroundings');
  return place;
};
