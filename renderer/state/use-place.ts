/** Where in the window the person is. */
import { useSyncExternalStore } from 'react';
import type { Place } from './address.ts';
import { useSurroundings } from './surroundings.ts';

export const usePlace = (): readonly [place: Place, go: (place: Place) => void] => {
  const { address } = useSurroundings();
  return [useSyncExternalStore(address.subscribe, address.place), address.go];
};
