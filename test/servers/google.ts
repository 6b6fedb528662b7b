/** The parts of Google that give tokens: its token endpoint, the one for acting as a service account, and a metadata server. */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { jwtVerify, SignJWT } from 'jose';
import { readBody, sendJson, startLoopbackServer } from './loopback-server.ts';

const ROBOT = 'robot@tools.iam.gserviceaccount.com';
const METADATA = '/computeMetadata/v1/instance/service-accounts/default';

// Once, because they take their time.
const account = generateKeyPairSync('rsa', { modulusLength: 2048 });
const google = generateKeyPairSync('rsa', { modulusLength: 2048 });

export interface Google extends AsyncDisposable {
  readonly origin: string;
  /** As Google Cloud makes it for the account, once. */
  readonly serviceAccountKey: Readonly<Record<string, string>>;
  /** As gcloud leaves it for the person. */
  readonly person: Readonly<Record<string, string>>;
  /** What was asked, in order, without secrets. */
  readonly asked: readonly Readonly<Record<string, unknown>>[];
  /** Scopes or audience of a token that was given, or undefined for any other. */
  readonly given: (token: string | undefined) => string | undefined;
  /** Ends what the person has signed in to. */
  readonly end: () => void;
  /** Answers with this, while it is set. */
  failing: number | undefined;
  /** Something else is at the address of the metadata server. */
  isPortal: boolean;
}

export const startGoogle = async (): Promise<Google> => {
  const tokens = new Map<string, string>();
  const asked: Record<string, unknown>[] = [];
  const state = { failing: undefined as number | undefined, isPortal: false, hasEnded: false };

  const accessToken = (scopes: string): string => {
    const token = `canary-ya29.${randomUUID()}`;
    tokens.set(token, scopes);
    return token;
  };
  const idToken = async (audience: string): Promise<string> => {
    const token = await new SignJWT({ email: ROBOT, jti: randomUUID() })
      .setProtectedHeader({ alg: 'RS256' })
      .setIssuer('https://accounts.google.com')
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(google.privateKey);
    tokens.set(token, audience);
    return token;
  };

  const server = await startLoopbackServer((origin) => {
    const forAssertion = async (res: ServerResponse, assertion: string): Promise<void> => {
      const claims = await jwtVerify(assertion, account.publicKey, {
        ...{ issuer: ROBOT, audience: `${origin}/token`, algorithms: ['RS256'] },
        maxTokenAge: '1h',
      }).then(
        ({ payload }) => payload,
        () => undefined,
      );
      if (claims === undefined)
        return sendJson(res, 400, { error: 'invalid_grant', error_description: 'canary-said' });
      const { scope, target_audience: audience } = claims;
      asked.push({ scope, audience });
      if (typeof audience === 'string')
        return sendJson(res, 200, { id_token: await idToken(audience) });
      const token = accessToken(String(scope));
      sendJson(res, 200, { access_token: token, expires_in: 3599, token_type: 'Bearer' });
    };
    const forPerson = (res: ServerResponse, form: URLSearchParams): void => {
      const good =
        form.get('refresh_token') === 'canary-refresh' && form.get('client_secret') === 'canary-s';
      if (!good || state.hasEnded) return sendJson(res, 400, { error: 'invalid_grant' });
      asked.push({ person: form.get('client_id'), scope: form.get('scope') });
      const token = accessToken(form.get('scope') ?? 'of the sign-in');
      sendJson(res, 200, { access_token: token, expires_in: 3599, id_token: 'canary-of-gcloud' });
    };
    const actAs = async (
      res: ServerResponse,
      req: IncomingMessage,
      body: string,
    ): Promise<void> => {
      if (!tokens.has(req.headers.authorization?.replace('Bearer ', '') ?? ''))
        return sendJson(res, 401, {});
      if (req.url !== `/robot:generateAccessToken` && req.url !== `/robot:generateIdToken`)
        return sendJson(res, 403, {});
      const { scope, audience, delegates, lifetime } = JSON.parse(body) as Record<string, unknown>;
      asked.push({ as: 'robot', scope, audience, delegates });
      if (typeof audience === 'string')
        return sendJson(res, 200, { token: await idToken(audience) });
      const lifeS = Number(/^(\d+)s$/.exec(String(lifetime))?.[1]);
      const expireTime = new Date(Date.now() + lifeS * 1000).toISOString();
      sendJson(res, 200, { accessToken: accessToken((scope as string[]).join(' ')), expireTime });
    };
    const ofMachine = async (res: ServerResponse, url: URL): Promise<void> => {
      res.setHeader('metadata-flavor', 'Google');
      const audience = url.searchParams.get('audience');
      asked.push({ machine: url.pathname.replace(METADATA, ''), audience });
      if (audience !== null) {
        res.end(`${await idToken(audience)}\n`);
        return;
      }
      const token = accessToken(url.searchParams.get('scopes') ?? 'of the machine');
      sendJson(res, 200, { access_token: token, expires_in: 3000, token_type: 'Bearer' });
    };
    return async (req, res) => {
      const body = (await readBody(req)).toString();
      const url = new URL(req.url ?? '/', origin);
      if (state.isPortal) return sendJson(res, 200, { access_token: 'canary-of-a-portal' });
      if (state.failing !== undefined) {
        res.setHeader('metadata-flavor', 'Google');
        return sendJson(res, state.failing, {});
      }
      if (url.pathname === '/token') {
        const form = new URLSearchParams(body);
        const assertion = form.get('assertion');
        return assertion === null ? forPerson(res, form) : forAssertion(res, assertion);
      }
      if (url.pathname.startsWith(METADATA))
        return req.headers['metadata-flavor'] === 'Google'
          ? ofMachine(res, url)
          : sendJson(res, 403, {});
      return actAs(res, req, body);
    };
  });
  const { origin } = server;
  const pem = account.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return {
    ...{ origin, asked, given: (token = '') => tokens.get(token) },
    serviceAccountKey: {
      ...{ type: 'service_account', project_id: 'tools', private_key_id: 'one' },
      ...{ private_key: pem, client_email: ROBOT, token_uri: `${origin}/token` },
    },
    person: {
      ...{ type: 'authorized_user', client_id: 'gcloud', client_secret: 'canary-s' },
      ...{ refresh_token: 'canary-refresh', token_uri: `${origin}/token` },
    },
    end: () => {
      state.hasEnded = true;
    },
    get failing() {
      return state.failing;
    },
    set failing(status) {
      state.failing = status;
    },
    get isPortal() {
      return state.isPortal;
    },
    set isPortal(is) {
      state.isPortal = is;
    },
    [Symbol.asyncDispose]: server.close,
  };
};
