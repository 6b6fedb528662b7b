/** What a person reads who was sent by an AI client to sign in. Names and addresses in it are chosen by others. */
import type { Problem } from '../../../shared/contract/problems.ts';
import { plainText } from '../../../shared/plain-text.ts';
import { inHtml, plainPage } from '../../plain-page.ts';

/** Whom a sign-in is for. */
export interface SignInSubject {
  readonly title: string;
  /** Of the server. */
  readonly address: URL;
  readonly account: string;
  /** Where the account was signed in before, if that is known. */
  readonly issuerHost: string | undefined;
}

const LONGEST_ADDRESS = 300;

const shown = (text: string, most?: number): string => inHtml(plainText(text, most));

/** With all that decides whether to go on: which server asks, at which address, for whom (F3). The form leads to the page itself. */
export const askPage = ({ title, address, account, issuerHost }: SignInSubject): string =>
  plainPage(
    `Sign in to ${shown(title)}?`,
    `<p>An AI client on this machine has called it, and nobody is signed in.</p>
<p>Server: <strong>${shown(address.host)}</strong><br><code>${shown(`${address.origin}${address.pathname}`, LONGEST_ADDRESS)}</code></p>
<p>Account: <strong>${shown(account)}</strong></p>
<p>The sign-in itself is ${issuerHost === undefined ? 'at the page that opens next' : `at <strong>${shown(issuerHost)}</strong>`}. If you did not expect this, close this tab.</p>
<form method="post"><button type="submit">Sign in</button></form>`,
  );

export const gonePage = plainPage(
  'This page is no longer valid',
  '<p>It was used already, or is too old. Ask your AI client again, or sign in in Drawbridge.</p>',
);

export const signedInPage = plainPage(
  'You are signed in',
  '<p>Every AI client on this machine can use it now. You can close this tab.</p>',
);

export const problemPage = ({ message, hint }: Pick<Problem, 'message' | 'hint'>): string =>
  plainPage(
    'The sign-in did not work',
    `<p>${shown(message, LONGEST_ADDRESS)}</p>${hint === undefined ? '' : `<p>${shown(hint, LONGEST_ADDRESS)}</p>`}`,
  );
