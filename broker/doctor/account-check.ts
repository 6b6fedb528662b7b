/** How an account is now, as a line of the report. */
import type { Check } from '../../shared/contract/doctor.ts';
import { DEFAULT_ACCOUNT, type ServerId } from '../../shared/contract/ids.ts';
import type { AccountView } from '../../shared/contract/snapshot.ts';

/** Undefined where nobody signs in. */
export const accountCheck = (account: AccountView | undefined, id: ServerId): Check | undefined => {
  if (account === undefined || account.state === 'open') return undefined;
  const { state, problem, renewable } = account;
  if (problem !== undefined) {
    const { code, message: text, hint } = problem;
    return { tone: 'attention', text, code, ...(hint === undefined ? {} : { hint }) };
  }
  if (state === 'needs-sign-in') {
    return {
      tone: 'attention',
      text: 'nobody is signed in',
      hint: `drawbridge sign-in ${id}${account.id === DEFAULT_ACCOUNT ? '' : ` --account ${account.id}`}`,
    };
  }
  return renewable === false
    ? {
        tone: 'attention',
        text: 'signed in, but the server gave nothing to renew the sign-in with',
        hint: 'it ends with its token; asking for the scope offline_access may help',
      }
    : { tone: 'good', text: `the account is ${state.replaceAll('-', ' ')}` };
};
