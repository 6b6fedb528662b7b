/** What is to come in the next 30 days: each event with whose it is, and a lane for each account that has any. */
import { accountName } from '../../../shared/account-words.ts';
import type { Snapshot } from '../../../shared/contract/snapshot.ts';
import { type Forecast, forecast } from '../../../shared/forecast.ts';

export const DAY = 24 * 60 * 60_000;
export const HORIZON = 30 * DAY;

export interface Coming extends Forecast {
  /** What tells it from all others. */
  readonly id: string;
  /** The account, where its server has several. */
  readonly who: string | undefined;
}

export interface Lane {
  readonly id: string;
  readonly title: string;
  readonly who: string | undefined;
  readonly events: readonly Coming[];
}

export const needsPerson = ({ what }: Pick<Forecast, 'what'>): boolean => what !== 'renews';

/** Soonest first. */
export const comingIn = (snapshot: Snapshot, now: number): Coming[] =>
  forecast(snapshot)
    .filter(({ at }) => at > now && at <= now + HORIZON)
    .map((event) => ({
      ...event,
      id: `${laneId(event)}/${event.what}`,
      who: whoOf(snapshot, event),
    }));

/** Those with something for the person to do on top, and the soonest of that first. */
export const lanesOf = (events: readonly Coming[]): Lane[] => {
  const lanes = new Map<string, Coming[]>();
  for (const event of events.toSorted((one, other) => rank(one) - rank(other))) {
    const lane = lanes.get(laneId(event));
    if (lane === undefined) lanes.set(laneId(event), [event]);
    else lane.push(event);
  }
  return [...lanes].flatMap(([id, [first, ...more]]) =>
    first === undefined ? [] : [{ ...first, id, events: [first, ...more] }],
  );
};

const rank = (event: Forecast): number => (needsPerson(event) ? 0 : 1);

const laneId = ({ key }: Forecast): string => `${key.server}/${key.account ?? ''}`;

const whoOf = ({ servers }: Snapshot, { key, label }: Forecast): string | undefined => {
  if (key.account === undefined) return undefined;
  const server = servers.find(({ id }) => id === key.server);
  return (server && accountName(server, { id: key.account, label })) ?? label;
};
