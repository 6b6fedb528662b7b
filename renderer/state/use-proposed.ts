/** The address that a link from elsewhere proposes, for as long as nobody has seen to it. */
import { useSyncExternalStore } from 'react';
import { useSurroundings } from './surroundings.ts';

export const useProposed = (): readonly [proposed: string | undefined, forget: () => void] => {
  const { address } = useSurroundings();
  return [useSyncExternalStore(address.subscribe, address.proposed), address.forget];
};
