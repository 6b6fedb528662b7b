/** What every hook below stands on: the client, the connection, the address of the page and the clock. */
import { createContext, use } from 'react';
import type { ControlClient } from '../../shared/contract/client.ts';
import type { Address } from './address.ts';
import type { Clock } from './clock.ts';
import type { Connection } from './connection.ts';

interface Place {
  readonly client: ControlClient;
  readonly connection: Connection;
  readonly address: Address;
  readonly clock: Clock;
}

export const Surroundings = createContext<Place | undefined>(undefined);

export const useSurroundings = (): Place => {
  const place = use(Surroundings);
  if (place === undefined) throw new Error('rendered outside of its surroundings');
  return place;
};
