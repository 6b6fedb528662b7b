/** What will happen to sign-ins, and when: read off a snapshot, the same for window, tray and terminal. */
import type { AccountKey } from './contract/ids.ts';
import type { AccountView, Snapshot } from './contract/snapshot.ts';

export interface Forecast {
  readonly key: AccountKey;
  /** The server's title. */
  readonly title: string;
  readonly label: string | undefined;
  /**
   * - `renews`: by itself.
   * - `lapses`: and somebody has to sign in again.
   * - `ends`: even renewing comes to an end, and somebody has to sign in again.
   */
  readonly what: 'renews' | 'lapses' | 'ends';
  /** Unix ms. */
  readonly at: number;
}

/** All that is known to come, soonest first. */
export const forecast = ({ servers }: Snapshot): Forecast[] =>
  servers
    .flatMap(({ id, title, accounts }) =>
      accounts.flatMap((account) => {
        const about = { key: { server: id, account: account.id }, title, label: account.label };
        return eventsOf(account).map((event) => ({ ...about, ...event }));
      }),
    )
    .sort((one, other) => one.at - other.at);

type Event = Pick<Forecast, 'what' | 'at'>;

const eventsOf = ({ expiresAt, renewsAt, renewable, endsAt }: AccountView): Event[] => {
  const events: Event[] = [];
  if (renewsAt !== undefined) events.push({ what: 'renews', at: renewsAt });
  if (renewable === false && expiresAt !== undefined)
    events.push({ what: 'lapses', at: expiresAt });
  if (renewable === true && endsAt !== undefined) events.push({ what: 'ends', at: endsAt });
  return events;
};
