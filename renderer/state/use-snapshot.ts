/** What the broker last said, as React sees it. */
import { useSyncExternalStore } from 'react';
import type { Snapshot } from '../../shared/contract/snapshot.ts';
import type { Standing } from './connection.ts';
import { useSurroundings } from './surroundings.ts';

/** How the link stands, for the few places that show something other than a snapshot. */
export const useStanding = (): Standing => {
  const { connection } = useSurroundings();
  return useSyncExternalStore(connection.subscribe, connection.standing);
};

/** The present snapshot, for screens that are only shown once there is one. */
export const useSnapshot = (): Snapshot => known(useStanding());

/** A part of it, for what is shown many times: drawn again only when that part is another. */
export const useFromSnapshot = <T>(part: (snapshot: Snapshot) => T): T => {
  const { connection } = useSurroundings();
  return useSyncExternalStore(connection.subscribe, () => part(known(connection.standing())));
};

const known = ({ snapshot }: Standing): Snapshot => {
  if (snapshot === undefined) throw new Error('a screen was shown before the first snapshot');
  return snapshot;
};
