/** What will happen to sign-ins and certificates, and when: read off a snapshot, the same for window, tray and terminal. */
import type { AccountKey } from './contract/ids.ts';
import type { AccountView, ServerView, Snapshot } from './contract/snapshot.ts';

export interface Forecast {
  /** Without an account where it is the server's as a whole. */
  readonly key: Pick<AccountKey, 'server'> & Partial<AccountKey>;
  /** The server's title. */
  readonly title: string;
  readonly label: string | undefined;
  /**
   * - `renews`: by itself.
   * - `lapses`: and somebody has to sign in again.
   * - `ends`: even renewing comes to an end, and somebody has to sign in again.
   * - `certificate-ends`: the one that the server is shown, and somebody has to put a newer one in its place.
   */
  readonly what: 'renews' | 'lapses' | 'ends' | 'certificate-ends';
  /** Unix ms. */
  readonly at: number;
  /** Of what renews itself, about how often, ms, where that is known. */
  readonly every?: number;
}

/** All that is known to come, soonest first. */
export const forecast = ({ servers }: Snapshot): Forecast[] =>
  servers
    .flatMap(({ id, title, accounts, clientCertificate }): Forecast[] => [
      ...accounts.flatMap((account) => {
        const about = { key: { server: id, account: account.id }, title, label: account.label };
        return eventsOf(account).map((event) => ({ ...about, ...event }));
      }),
      ...certificateEvents(clientCertificate).map((event) => ({
        ...{ key: { server: id }, title, label: undefined },
        ...event,
      })),
    ])
    .sort((one, other) => one.at - other.at);

type Event = Pick<Forecast, 'what' | 'at' | 'every'>;

const eventsOf = (account: AccountView): Event[] => {
  const { expiresAt, gotAt, renewsAt, renewable, endsAt } = account;
  const events: Event[] = [];
  if (renewsAt !== undefined) {
    const every = gotAt === undefined ? 0 : renewsAt - gotAt;
    events.push({ what: 'renews', at: renewsAt, ...(every > 0 && { every }) });
  }
  if (renewable === false && expiresAt !== undefined)
    events.push({ what: 'lapses', at: expiresAt });
  if (renewable === true && endsAt !== undefined) events.push({ what: 'ends', at: endsAt });
  return events;
};

const certificateEvents = (shown: ServerView['clientCertificate']): Event[] =>
  shown?.endsAt === undefined ? [] : [{ what: 'certificate-ends', at: shown.endsAt }];
