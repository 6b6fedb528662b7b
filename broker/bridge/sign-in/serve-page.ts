/** How is a person's browser answered at the address that an AI client was given? It may look, and only its own form begins a sign-in. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccountKey } from '../../../shared/contract/ids.ts';
import { type Problem, problemCodes, toProblem } from '../../../shared/contract/problems.ts';
import { isLoopbackHost } from '../../net/zone.ts';
import { pageHeaders } from '../../plain-page.ts';
import type { SignIns } from '../../tokens/sign-ins.ts';
import {
  askPage,
  foreignPage,
  gonePage,
  problemPage,
  type SignInSubject,
  signedInPage,
} from './page.ts';
import type { SignInPages } from './pages.ts';

/** Answers a request for the page of this nonce. Never rejects. */
export type ServeSignInPage = (
  request: IncomingMessage,
  response: ServerResponse,
  nonce: string,
) => Promise<void>;

export interface ServePageDeps {
  readonly pages: Pick<SignInPages, 'at'>;
  /** Undefined once the account is gone. */
  readonly subjectOf: (key: AccountKey) => SignInSubject | undefined;
  readonly signIns: Pick<SignIns, 'start' | 'link' | 'ended' | 'running'>;
}

/** Browsers hold a redirect to what its form may lead to as well, and nobody knows where that is before. */
const FORM_ACTION = "'self' https: http://127.0.0.1:* http://localhost:*";

export const servePage =
  ({ pages, subjectOf, signIns }: ServePageDeps): ServeSignInPage =>
  async (request, response, nonce) => {
    request.resume();
    const { method } = request;
    const key = pages.at(nonce);
    const subject = key && subjectOf(key);
    if (method !== 'GET' && method !== 'POST') {
      response.writeHead(405, { ...pageHeaders(), allow: 'GET, POST' }).end();
      return;
    }
    if (isInsidePage(request)) return answer(response, 403, foreignPage);
    if (key === undefined || subject === undefined) return answer(response, 404, gonePage);
    if (method === 'GET') return answer(response, 200, askPage(subject), FORM_ACTION);
    if (!isOwnForm(request)) return answer(response, 403, foreignPage);
    const begun = await begin(signIns, key);
    if ('problem' in begun)
      return answer(response, problemCodes[begun.problem.code].status, problemPage(begun.problem));
    if (begun.link === undefined) return answer(response, 200, signedInPage);
    response.writeHead(303, { ...pageHeaders(FORM_ACTION), location: begun.link }).end();
  };

const answer = (
  response: ServerResponse,
  status: number,
  html: string,
  formAction?: string,
): void => {
  response.writeHead(status, pageHeaders(formAction));
  response.end(html);
};

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

/** Part of another page, where nobody sees what is clicked (clickjacking), or asked for by a script. Old browsers do not say. */
const isInsidePage = ({ headers }: IncomingMessage): boolean =>
  (headers['sec-fetch-dest'] ?? 'document') !== 'document' ||
  (headers['sec-fetch-mode'] ?? 'navigate') !== 'navigate';

/**
 * Whether a form was sent from the page itself: another site's could begin sign-ins that nobody wants (CSRF).
 *
 * Our pages tell nobody where they were, so browsers say `Origin: null`; then only what no page can forge counts.
 */
const isOwnForm = ({ headers }: IncomingMessage): boolean => {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  return headers.origin === `http://${headers.host}`;
};
