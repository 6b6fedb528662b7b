/** What does the page do that an AI client was given to sign in at? Its form begins a sign-in, or joins the one that runs. */
import type { AccountKey } from '../../../shared/contract/ids.ts';
import { type Problem, problemCodes, toProblem } from '../../../shared/contract/problems.ts';
import { isLoopbackHost } from '../../net/zone.ts';
import type { SignIns } from '../../tokens/sign-ins.ts';
import { type ServeOwnPage, serveOwnPages } from '../own-pages.ts';
import { askPage, gonePage, problemPage, type SignInSubject, signedInPage } from './page.ts';
import type { SignInPages } from './pages.ts';

export interface ServePageDeps {
  readonly pages: Pick<SignInPages, 'at'>;
  /** Undefined once the account is gone. */
  readonly subjectOf: (key: AccountKey) => SignInSubject | undefined;
  readonly signIns: Pick<SignIns, 'start' | 'link' | 'ended' | 'running'>;
}

/** Browsers hold a redirect to what its form may lead to as well, and nobody knows where that is before. */
const FORM_ACTION = "'self' https: http://127.0.0.1:* http://localhost:*";

export const servePage = ({ pages, subjectOf, signIns }: ServePageDeps): ServeOwnPage =>
  serveOwnPages({
    gone: gonePage,
    formAction: FORM_ACTION,
    at: (nonce) => {
      const key = pages.at(nonce);
      const subject = key && subjectOf(key);
      if (key === undefined || subject === undefined) return undefined;
      return {
        html: askPage(subject),
        submit: async () => {
          const begun = await begin(signIns, key);
          if ('problem' in begun)
            return {
              status: problemCodes[begun.problem.code].status,
              html: problemPage(begun.problem),
            };
          return begun.link === undefined
            ? { status: 200, html: signedInPage }
            : { location: begun.link };
        },
      };
    },
  });

/** Begins a sign-in, or joins the one that runs. Without a link there was nothing for the person to do. */
const begin = async (
  signIns: ServePageDeps['signIns'],
  key: AccountKey,
): Promise<{ readonly link: string | undefined } | { readonly problem: Problem }> => {
  try {
    signIns.start(key, { openBrowser: false });
    const link = await signIns.link(key);
    // Its page wants a code that only Drawbridge shows.
    if (signIns.running(key)?.device !== undefined) return { problem: onDevice };
    return isVisitable(link) ? { link } : { problem: unsafe };
  } catch (error) {
    const end = signIns.ended(key);
    const isDone = end !== undefined && end.problem === undefined;
    return isDone ? { link: undefined } : { problem: end?.problem ?? toProblem(error) };
  }
};

const onDevice: Problem = {
  code: 'sign-in-running',
  message: 'a sign-in with a code on another device is under way',
  hint: 'finish or cancel it in Drawbridge, then begin again',
};

const unsafe: Problem = {
  code: 'address-refused',
  message: 'the server names an unsafe address to sign in at',
};

const isVisitable = (link: string): boolean => {
  const url = URL.parse(link);
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname));
};
