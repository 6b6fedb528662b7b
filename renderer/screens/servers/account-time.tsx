/** When a sign-in runs out, and whether it renews itself. */
import { isEnding } from '../../../shared/account-words.ts';
import type { AccountView } from '../../../shared/contract/snapshot.ts';
import { isMoment, momentText } from '../../components/moment.ts';
import { TimeLeft } from '../../components/time-left.tsx';
import { strings } from '../../strings.ts';
import { hasCredential } from './account-deeds.ts';

export const AccountTime = ({ account }: { readonly account: AccountView }) => {
  const { endsAt, expiresAt, renewsAt, renewable, state } = account;
  if (!hasCredential.has(state)) return null;
  const renews = renewable !== false && renewsAt !== undefined;
  if (expiresAt === undefined && !renews && renewable !== false) return null;
  return (
    <p className="facts-line account-time">
      {expiresAt !== undefined && <TimeLeft until={expiresAt} />}
      {renews && (
        <span
          title={isMoment(renewsAt) ? strings.account.renewsAt(momentText(renewsAt)) : undefined}
        >
          {strings.account.renewsItself}
        </span>
      )}
      {renewable === false && (
        <span className="account-warning">{strings.account.doesNotRenew}</span>
      )}
      {renewable !== false && isEnding(account) && (
        <span
          className="account-warning"
          title={
            endsAt !== undefined && isMoment(endsAt)
              ? strings.account.runsOut(momentText(endsAt))
              : undefined
          }
        >
          {strings.account.endsSoon}
        </span>
      )}
    </p>
  );
};
