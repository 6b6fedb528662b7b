/** What a person reads who was sent by an AI client to allow a call, and what the page does. Everything in it was chosen by others. */
import type { AccountKey } from '../../../shared/contract/ids.ts';
import { ProblemError } from '../../../shared/contract/problems.ts';
import { indented } from '../../../shared/indented.ts';
import { plainText } from '../../../shared/plain-text.ts';
import { inHtml, plainPage } from '../../plain-page.ts';
import { type ServeOwnPage, type Submitted, serveOwnPages } from '../own-pages.ts';
import type { Approvals, AskedCall } from './approvals.ts';

export const APPROVAL_PATH = /^\/approve\/([\w-]{1,64})$/;

export interface ApprovalPagesDeps {
  readonly approvals: Pick<Approvals, 'at' | 'answer'>;
  /** Of a server; undefined once the account is gone. */
  readonly titleOf: (key: AccountKey) => string | undefined;
}

export const servesApprovals = ({ approvals, titleOf }: ApprovalPagesDeps): ServeOwnPage =>
  serveOwnPages({
    gone: gonePage,
    at: (nonce) => {
      const call = approvals.at(nonce);
      const title = call && titleOf(call.view);
      if (call === undefined || title === undefined) return undefined;
      return {
        html: askPage(title, call),
        submit: (wish) => answered(approvals, call, wish),
      };
    },
  });

const answered = (
  approvals: ApprovalPagesDeps['approvals'],
  { view }: AskedCall,
  wish: string,
): Submitted => {
  if (wish !== 'allow' && wish !== 'deny') return { status: 400, html: gonePage };
  try {
    approvals.answer(view.id, wish === 'allow');
    return { status: 200, html: wish === 'allow' ? allowedPage : deniedPage };
  } catch (error) {
    // Answered elsewhere a moment ago.
    if (error instanceof ProblemError) return { status: 404, html: gonePage };
    throw error;
  }
};

const shown = (text: string): string => inHtml(plainText(text));

const askPage = (title: string, { view, arguments: { text, more } }: AskedCall): string =>
  plainPage(
    'Allow this call?',
    `<p><strong>${shown(view.aiClient)}</strong> wants to call <strong>${inHtml(view.tool)}</strong>.</p>
<p>Server: <strong>${shown(title)}</strong><br>Account: <strong>${shown(view.account)}</strong></p>
<p>With this:</p>
<pre tabindex="0">${inHtml(indented(text))}</pre>
${more === 0 ? '' : `<p><strong>${more} more characters are not shown.</strong></p>`}
<p>If you did not expect this, deny it.</p>
<form method="post"><button type="submit" formaction="?allow">Allow once</button> <button type="submit" formaction="?deny">Deny</button></form>`,
  );

const gonePage = plainPage(
  'This call does not wait any more',
  '<p>It was answered already, was given up, or its time was over. Ask your AI client again.</p>',
);

const allowedPage = plainPage(
  'Allowed once',
  '<p>The call is made as soon as your AI client goes on. You can close this tab.</p>',
);

const deniedPage = plainPage('Denied', '<p>Nothing was sent. You can close this tab.</p>');
