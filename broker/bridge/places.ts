/** Where does an AI client come to at a door: to one account of a server, or to all servers as one? */
import type { ActivityEntry } from '../../shared/contract/activity.ts';
import {
  type AccountId,
  type AccountKey,
  ALL_SERVERS,
  DEFAULT_ACCOUNT,
  keyText,
} from '../../shared/contract/ids.ts';
import { type CombinedDeps, combined } from './combined/combined.ts';
import type { OpenLeg } from './leg.ts';
import type { Legs } from './legs.ts';
import { type Began, seen } from './seen.ts';
import type { Era } from './session.ts';
import type { Target } from './target.ts';

/** Where all servers are as one, at the HTTP door. */
export const ALL_PATH = '/mcp';

export interface Place {
  readonly title: string;
  /** Where it is at the HTTP door, whatever else leads there. */
  readonly path: string;
  /** Under which sessions and legs are kept: those of one place are not those of another. */
  readonly name: string;
  /** Whose sessions are there. */
  readonly account: AccountId;
  /** Ways in for an AI client of the era; what is asked there is noted. */
  readonly leg: (era: Era) => OpenLeg;
  /**
   * The one server that what needs no change can be passed through to, byte for byte; absent where there is no one server,
   * and where nothing may go past the legs.
   */
  readonly target?: Target;
}

/** Who comes, as far as the door knows. */
export interface Visit {
  readonly door: ActivityEntry['door'];
  readonly aiClient?: string;
}

export interface Places {
  readonly one: (target: Target, visit: Visit) => Place;
  /** All servers that are open to the visitor. */
  readonly all: (visit: Visit, isOpen?: (key: AccountKey) => boolean) => Place;
}

export interface PlacesDeps extends Pick<CombinedDeps, 'onUsable' | 'clock' | 'log' | 'version'> {
  readonly legs: Legs;
  readonly began: Began;
  /** One account of each server that is open. */
  readonly each: (isOpen: (key: AccountKey) => boolean) => readonly Target[];
  readonly isThere: CombinedDeps['isThere'];
  /** Calls back when `each` may have changed; returns a function that stops it. */
  readonly onChange: CombinedDeps['onMembers'];
}

export const createPlaces = ({ legs, began, each, onChange, ...deps }: PlacesDeps): Places => {
  const noted = (target: Target, era: Era, visit: Visit): OpenLeg =>
    seen(legs.to(target, era, visit.aiClient), began, { ...visit, key: target.upstream.key });

  return {
    one: (target, visit) => ({
      title: target.title,
      path: `/mcp/${keyText(target.upstream.key)}`,
      // With its address: another server may come to have its id.
      name: `${keyText(target.upstream.key)}\n${target.upstream.url.href}`,
      account: target.upstream.key.account,
      leg: (era) => noted(target, era, visit),
      ...(legs.mayPassBy(target, visit.aiClient ?? '') ? { target } : {}),
    }),
    all: (visit, isOpen = () => true) => ({
      title: 'Drawbridge',
      path: ALL_PATH,
      name: ALL_SERVERS,
      account: DEFAULT_ACCOUNT,
      leg: (era) =>
        combined(era, {
          ...deps,
          members: () => each(isOpen),
          onMembers: onChange,
          open: (target) => noted(target, era, visit),
        }),
    }),
  };
};
