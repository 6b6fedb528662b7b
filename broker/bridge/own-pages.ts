/** How is a person's browser answered at an address that an AI client was given? It may look, and only the page's own form does anything. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pageHeaders, plainPage } from '../plain-page.ts';

/** Answers a request for the page of this nonce. Never rejects. */
export type ServeOwnPage = (
  request: IncomingMessage,
  response: ServerResponse,
  nonce: string,
) => Promise<void>;

export interface OwnPage {
  readonly html: string;
  /** What its form does; `wish` is what follows the question mark in the form's address. */
  readonly submit: (wish: string) => Promise<Submitted> | Submitted;
}

export type Submitted =
  | { readonly status: number; readonly html: string }
  | { readonly location: string };

export interface OwnPagesDeps {
  /** Undefined for what was not given out, or is over. */
  readonly at: (nonce: string) => OwnPage | undefined;
  readonly gone: string;
  /** Where the forms may lead, as browsers want to know it. */
  readonly formAction?: string;
}

export const serveOwnPages =
  ({ at, gone, formAction = "'self'" }: OwnPagesDeps): ServeOwnPage =>
  async (request, response, nonce) => {
    request.resume();
    const { method } = request;
    if (method !== 'GET' && method !== 'POST') {
      response.writeHead(405, { ...pageHeaders(), allow: 'GET, POST' }).end();
      return;
    }
    if (isInsidePage(request)) return answer(response, 403, foreignPage);
    const page = at(nonce);
    if (page === undefined) return answer(response, 404, gone);
    if (method === 'GET') return answer(response, 200, page.html, formAction);
    if (!isOwnForm(request)) return answer(response, 403, foreignPage);
    const done = await page.submit(/\?(.*)$/s.exec(request.url ?? '')?.[1] ?? '');
    if ('html' in done) return answer(response, done.status, done.html);
    response.writeHead(303, { ...pageHeaders(formAction), location: done.location }).end();
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

const foreignPage = plainPage(
  'Nothing was done',
  '<p>This did not come from the page of Drawbridge itself.</p>',
);

/** Part of another page, where nobody sees what is clicked (clickjacking), or asked for by a script. Old browsers do not say. */
const isInsidePage = ({ headers }: IncomingMessage): boolean =>
  (headers['sec-fetch-dest'] ?? 'document') !== 'document' ||
  (headers['sec-fetch-mode'] ?? 'navigate') !== 'navigate';

/**
 * Whether a form was sent from the page itself: another site's could do what nobody wants (CSRF).
 *
 * Our pages tell nobody where they were, so browsers say `Origin: null`; then only what no page can forge counts.
 */
const isOwnForm = ({ headers }: IncomingMessage): boolean => {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  return headers.origin === `http://${headers.host}`;
};
