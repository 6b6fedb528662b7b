/** Shows the notices that a change of snapshot calls for. */
import { Notification } from 'electron';
import { isEnding, stateWords } from '../shared/account-words.ts';
import { type AccountKey, keyText, type ServerId } from '../shared/contract/ids.ts';
import type { AccountView, Snapshot } from '../shared/contract/snapshot.ts';
import { createNotices, type Notice } from '../shared/notification-rules.ts';
import type { Deeds } from './deeds.ts';
import type { Host } from './host.ts';
import type { Preferences } from './preferences.ts';
import { strings } from './strings.ts';

interface NoticeParts {
  readonly host: Pick<Host, 'snapshot' | 'onSnapshot'>;
  readonly deeds: Deeds;
  readonly preferences: Pick<Preferences, 'get'>;
  /** On the page of a server where one is named. */
  readonly openWindow: (server?: ServerId) => void;
}

/** Returns a function that takes away what is still shown and shows no more. */
export const showNotices = ({
  host,
  deeds,
  preferences,
  openWindow,
}: NoticeParts): (() => void) => {
  if (!Notification.isSupported()) return () => undefined;

  /** One for an account, a waiting call, the vault, and several of a kind. Holding them also keeps their click handlers from being collected. */
  const shown = new Map<string, Notification>();

  /** What was shown of an account that needed the person: nothing to click on any more once it does not. */
  const needs = new Map<string, AccountKey>();

  const accountNow = ({ server, account }: AccountKey): AccountView | undefined =>
    host
      .snapshot()
      ?.servers.find(({ id }) => id === server)
      ?.accounts.find(({ id }) => id === account);
  const needsPerson = (key: AccountKey): boolean => {
    const account = accountNow(key);
    return account !== undefined && stateWords[account.state].mood === 'attention';
  };
  const canSignIn = (key: AccountKey): boolean => {
    const account = accountNow(key);
    return account !== undefined && (account.state === 'needs-sign-in' || isEnding(account));
  };

  const show = ({ title, body, key, approval = 'vault', group }: Notice): void => {
    const name = group?.kind ?? (key === undefined ? approval : keyText(key));
    for (const older of [name, ...(group?.instead ?? [])]) shown.get(older)?.close();
    const notification = new Notification({
      ...{ title, body },
      // A group that grows is no reason for another sound.
      ...(group?.isMore === true ? { silent: true } : {}),
      ...(key !== undefined && canSignIn(key)
        ? { actions: [{ type: 'button', text: strings.signIn }] }
        : {}),
    });
    const forget = (): void => {
      if (shown.get(name) !== notification) return;
      shown.delete(name);
      needs.delete(name);
    };
    const act = (): void => {
      forget();
      // Much may have happened since it was shown.
      if (key !== undefined && canSignIn(key)) deeds['sign-in'](key);
      else openWindow(key?.server);
    };
    notification.on('click', act);
    notification.on('action', act);
    notification.on('close', forget);
    shown.set(name, notification);
    if (key !== undefined && needsPerson(key)) needs.set(name, key);
    notification.show();
  };

  const noticesOf = createNotices(
    (topic) => preferences.get('notices') && !preferences.get('quietAbout').includes(topic),
  );
  let waiting: ReadonlySet<string> = new Set();
  const look = (after: Snapshot | undefined): void => {
    if (after === undefined) return;
    // What was answered, or given up, is nothing to click on any more.
    const now = idsOf(after);
    for (const name of waiting) if (!now.has(name)) shown.get(name)?.close();
    if (![...waiting].some((name) => now.has(name))) shown.get('call-waits')?.close();
    for (const [name, key] of needs) if (!needsPerson(key)) shown.get(name)?.close();
    waiting = now;
    noticesOf(after).forEach(show);
  };
  look(host.snapshot());
  const stop = host.onSnapshot(look);
  return () => {
    stop();
    for (const notification of [...shown.values()]) notification.close();
  };
};

const idsOf = ({ approvals = [] }: Snapshot): Set<string> => new Set(approvals.map(({ id }) => id));
