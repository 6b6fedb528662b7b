/** Microsoft Entra as an application sees it: a secret, an assertion signed with an uploaded certificate, or the word of a platform. */
import { type KeyObject, X509Certificate } from 'node:crypto';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { readBody, sendJson, startLoopbackServer } from './loopback-server.ts';

export const TENANT = 'contoso.onmicrosoft.com';
export const APPLICATION = '11111111-2222-3333-4444-555555555555';
export const APPLICATION_SECRET = 'canary-of-the-application';

export interface Entra extends AsyncDisposable {
  readonly authority: string;
  /** The parameters of each request that was good, without the proof. */
  readonly asked: readonly Readonly<Record<string, string>>[];
  readonly issued: (token: string | undefined) => boolean;
}

interface Trusted {
  /** PEM: uploaded for the application. */
  readonly certificate?: string;
  /** Whose tokens count as the application, and their audience. */
  readonly platform?: KeyObject;
}

export const startEntra = async ({ certificate, platform }: Trusted = {}): Promise<Entra> => {
  const asked: Record<string, string>[] = [];
  const issued = new Set<string>();

  const isProven = async (form: URLSearchParams, audience: string): Promise<boolean> => {
    if (form.get('client_id') !== APPLICATION) return false;
    const assertion = form.get('client_assertion');
    if (assertion === null) return form.get('client_secret') === APPLICATION_SECRET;
    if (form.get('client_assertion_type')?.endsWith(':jwt-bearer') !== true) return false;
    try {
      const { 'x5t#S256': thumbprint } = decodeProtectedHeader(assertion);
      if (thumbprint === undefined) {
        if (platform === undefined) return false;
        await jwtVerify(assertion, platform, { audience: 'api://AzureADTokenExchange' });
        return true;
      }
      const known = new X509Certificate(certificate ?? '');
      if (Buffer.from(String(thumbprint), 'base64url').toString('hex') !== hexOf(known))
        return false;
      const expected = { audience, issuer: APPLICATION, subject: APPLICATION };
      await jwtVerify(assertion, known.publicKey, {
        ...{ ...expected, algorithms: ['PS256'], maxTokenAge: '10m' },
        requiredClaims: ['exp', 'jti', 'nbf'],
      });
      return true;
    } catch {
      return false;
    }
  };

  const server = await startLoopbackServer((origin) => async (req, res) => {
    const form = new URLSearchParams((await readBody(req)).toString());
    const path = `/${TENANT}/oauth2/v2.0/token`;
    if (req.url !== path) return sendJson(res, 400, { error: 'invalid_tenant' });
    const { client_secret: _secret, client_assertion: _word, ...rest } = Object.fromEntries(form);
    if (!(await isProven(form, `${origin}${path}`)))
      return sendJson(res, 401, { error: 'invalid_client', error_description: 'canary-AADSTS' });
    if (rest['scope']?.endsWith('/.default') !== true || rest['scope'].includes(' '))
      return sendJson(res, 400, { error: 'invalid_scope' });
    asked.push(rest);
    const token = `canary-entra-${issued.size}`;
    issued.add(token);
    sendJson(res, 200, {
      ...{ token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599, access_token: token },
    });
  });
  return {
    ...{ authority: server.origin, asked, issued: (token = '') => issued.has(token) },
    [Symbol.asyncDispose]: server.close,
  };
};

const hexOf = ({ fingerprint256 }: X509Certificate): string =>
  fingerprint256.replaceAll(':', '').toLowerCase();
