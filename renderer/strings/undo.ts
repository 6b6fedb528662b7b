/** What was just removed, and how it comes back. */
import type { RemovalView } from '../../shared/contract/removals.ts';

export const undoStrings = {
  title: 'Just removed',
  /** Its name follows. */
  removed: {
    'sign-in': 'Signed out of',
    account: 'Removed the account',
    server: 'Removed',
    rule: 'Removed the rule for',
    key: 'Revoked a key of',
    secret: 'Removed the secret',
    exception: 'Removed an exception for',
    certificate: 'Removed the certificate shown to',
  } satisfies Record<RemovalView['what'], string>,
  livesOn: 'The server offers no way to end the sign-in on its side.',
  undo: 'Undo',
  until: (moment: string) => `Until ${moment}`,
  close: 'Close',
  read: 'OK',
  announce: (sentence: string) => `${sentence}, which can be undone`,
} as const;
