/** What the browser shows after a sign-in: fixed pages, nothing in them comes from outside. */
import { plainPage } from '../plain-page.ts';

const page = (title: string, text: string): string => plainPage(title, `<p>${text}</p>`);

export const callbackPages = {
  'signed-in': page(
    'You are signed in',
    'Every AI client on this machine can use it now. You can close this tab.',
  ),
  failed: page(
    'The sign-in did not work',
    'Drawbridge shows why, and what to do. You can close this tab.',
  ),
  notThisSignIn: page(
    'Nothing is waiting for this',
    'This answer does not belong to the sign-in that is running. Go back to Drawbridge.',
  ),
  nothingHere: page('Nothing here', 'This address is only for the end of a sign-in.'),
} as const;
