/** What does a person see before they allow access, and what happens when they press a button? */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import { readBody } from '../loopback-server.ts';

export interface ConsentPage {
  readonly answer: (req: IncomingMessage, res: ServerResponse) => Promise<void>;
}

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

/** One page is sign-in and consent at once: one press of `Allow` and the client has its code. */
export const createConsentPage = (provider: Provider): ConsentPage => ({
  answer: async (req, res) => {
    const interaction = await provider.interactionDetails(req, res);
    if (req.method !== 'POST') {
      res.writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
      });
      res.end(await renderPage(provider, interaction));
      return;
    }

    const form = new URLSearchParams((await readBody(req)).toString());
    if (form.get('decision') !== 'allow') {
      await provider.interactionFinished(
        req,
        res,
        { error: 'access_denied', error_description: 'the person pressed Deny' },
        { mergeWithLastSubmission: false },
      );
      return;
    }
    const accountId = form.get('account') || 'ada';
    const grantId = await grantEverythingAsked(provider, interaction, accountId);
    await provider.interactionFinished(
      req,
      res,
      { login: { accountId, remember: true }, consent: { grantId }, select_account: {} },
      { mergeWithLastSubmission: false },
    );
  },
});

/** A new grant each time, so that every sign-in is a token family of its own. */
const grantEverythingAsked = async (
  provider: Provider,
  { params }: Interaction,
  accountId: string,
): Promise<string> => {
  const grant = new provider.Grant({ accountId, clientId: String(params.client_id) });
  const scope = typeof params.scope === 'string' ? params.scope : '';
  grant.addOIDCScope(scope);
  for (const resource of resourcesOf(params.resource)) grant.addResourceScope(resource, scope);
  return grant.save();
};

const resourcesOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'string');

const renderPage = async (provider: Provider, { uid, params }: Interaction): Promise<string> => {
  const clientId = String(params.client_id);
  const client = await provider.Client.find(clientId);
  const asked = {
    name: escapeHtml(client?.clientName ?? clientId),
    scope: escapeHtml(String(params.scope ?? '')),
    resource: escapeHtml(resourcesOf(params.resource).join(' ')),
    account: escapeHtml(typeof params.login_hint === 'string' ? params.login_hint : 'ada'),
  };
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Allow access?</title>
<style>body{font:16px/1.5 sans-serif;max-width:32rem;margin:4rem auto}button{font:inherit;padding:.5rem 1.5rem}</style>
</head>
<body>
<h1>Allow ${asked.name}?</h1>
<p>It asks for <code>${asked.scope}</code> at <code>${asked.resource}</code>.</p>
<form method="post" action="${uid}">
<p><label>Account <input name="account" value="${asked.account}"></label></p>
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</form>
</body>
</html>`;
};

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
