/** A real OAuth authorization server in process, which counts what it is asked and can misbehave. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ClientMetadata, Provider } from 'oidc-provider';
import {
  registerJwtBearer,
  registerTokenExchange,
  type TrustedProvider,
} from './authorization-server/company-grants.ts';
import {
  createConfiguration,
  createSigningKey,
  resourceServerOf,
  type TokenLifetimes,
} from './authorization-server/configuration.ts';
import { createConsentPage } from './authorization-server/consent-page.ts';
import { type EndpointName, endpointOf, mountedPath } from './authorization-server/endpoints.ts';
import { type Exchange, replayRequest } from './authorization-server/exchange.ts';
import { createTurns } from './authorization-server/in-turn.ts';
import { createIssuedSecrets } from './authorization-server/issued.ts';
import {
  createFaultPlans,
  type FaultPlans,
  type Misbehave,
  misbehaveWith,
} from './authorization-server/misbehaviour.ts';
import { refuse, rewriteAnswer, rewriteCallback } from './authorization-server/protocol-faults.ts';
import { createRecordStore } from './authorization-server/store.ts';
import { answerWho, type WhoEndpoint, whoPaths } from './authorization-server/who-endpoints.ts';
import type { PlannedFault } from './fault-plan.ts';
import { readBody, startLoopbackServer } from './loopback-server.ts';
import { spoil } from './wire-faults.ts';

export interface AuthorizationServerOptions {
  readonly accessTokenSeconds?: number;
  readonly refreshTokenSeconds?: number;
  /** For an issuer with a path, `/tenant`. */
  readonly issuerPath?: `/${string}`;
  /** Scopes of the MCP servers behind it; also what a request without `scope` gets. */
  readonly scopes?: readonly string[];
  /** Registered beforehand. */
  readonly clients?: readonly ClientMetadata[];
  /** Client ID metadata documents by their https address; naming any switches the support on. */
  readonly clientDocuments?: Readonly<Record<string, unknown>>;
  /** Whether authorization requests can or must be pushed (RFC 9126). */
  readonly pushed?: 'offered' | 'required';
  /** Signs people in with a code on another device (RFC 8628). */
  readonly device?: boolean;
  /** Tells who somebody is, name and email, and gives ID tokens. */
  readonly tellsWho?: boolean;
  /** Where else it tells who a token is of. */
  readonly tellsWhoAt?: WhoEndpoint;
  /** With which clients may sign to prove themselves (`private_key_jwt`); by itself what oidc-provider takes. */
  readonly keyAlgorithms?: readonly string[];
  /** A company's identity provider: its client ids at other authorization servers, by their issuer. */
  readonly vouches?: ReadonlyMap<string, string>;
  /** The identity provider whose word it takes. */
  readonly trusts?: TrustedProvider;
  /** Turns sign-ins away that are protected with PKCE. */
  readonly refusesPkce?: boolean;
  /** A fixed port, for a test that starts the same server again. */
  readonly port?: number;
}

export interface SeenRequest {
  readonly endpoint: EndpointName;
  readonly method: string;
  readonly path: string;
  readonly grantType: string | undefined;
  readonly clientId: string | undefined;
  readonly resource: string | undefined;
  readonly scope: string | undefined;
  /** Query and form body together; of a parameter that came twice, the last. */
  readonly params: Readonly<Record<string, string>>;
  /** Unix time in ms. */
  readonly at: number;
  /** Undefined while the answer is not out, and for ever if it never came. */
  status: number | undefined;
}

export interface AuthorizationServer extends AsyncDisposable {
  readonly issuer: string;
  readonly jwksUri: string;
  readonly scopes: readonly string[];
  /** Change them at will: they hold for tokens issued from then on. */
  readonly lifetimes: TokenLifetimes;
  readonly misbehave: Misbehave;
  /** Every request so far, in order. */
  readonly seen: readonly SeenRequest[];
  /** How many requests match every member given: `count({ grantType: 'refresh_token' })`. */
  readonly count: (like: Partial<SeenRequest>) => number;
  /** Every token, code and client secret ever given out. */
  readonly issued: () => readonly string[];
  /** `issued()` and the telling parts of its JWTs: what a leak scan looks for. */
  readonly needles: () => readonly string[];
  /** Whether an access token, named by its `jti`, still counts. Expiry is the token's own affair. */
  readonly isLive: (jti: string) => boolean;
  /** An administrator ends every grant: access and refresh tokens are dead at once. */
  readonly revokeAll: () => void;
  /** Access tokens die, refresh tokens live. */
  readonly revokeAccessTokens: () => void;
  /** What tokens are for when the client sends no `resource`. */
  readonly setDefaultResource: (resource: string | undefined) => void;
  readonly close: () => Promise<void>;
}

export const startAuthorizationServer = async (
  options: AuthorizationServerOptions = {},
): Promise<AuthorizationServer> => {
  const issuerPath = options.issuerPath ?? '';
  const scopes = options.scopes ?? ['mcp:read', 'mcp:tools'];
  const signingKey = createSigningKey();
  const lifetimes: TokenLifetimes = {
    accessTokenSeconds: options.accessTokenSeconds ?? 3600,
    refreshTokenSeconds: options.refreshTokenSeconds ?? 14 * 24 * 60 * 60,
    idTokenSeconds: 3600,
    deviceCodeSeconds: 600,
  };
  const store = createRecordStore();
  const issued = createIssuedSecrets();
  const plans = createFaultPlans();
  const exchanges = new WeakMap<IncomingMessage, Exchange>();
  const grantOfToken = new Map<string, string | undefined>();
  const seen: SeenRequest[] = [];
  let defaultResource: string | undefined;
  const isLive = (jti: string): boolean => {
    if (!grantOfToken.has(jti)) return false;
    const grantId = grantOfToken.get(jti);
    return grantId === undefined || store.has('Grant', grantId);
  };
  const { tellsWhoAt } = options;

  const server = await startLoopbackServer((origin) => {
    const provider = new Provider(
      origin + issuerPath,
      createConfiguration({
        adapter: store.adapter,
        lifetimes,
        scopes,
        clients: options.clients ?? [],
        clientDocuments: options.clientDocuments ?? {},
        issuerPath,
        signingKey,
        pushed: options.pushed ?? 'no',
        device: options.device ?? false,
        tellsWho: options.tellsWho ?? false,
        keyAlgorithms: options.keyAlgorithms,
        wantsPkce: options.refusesPkce !== true,
        defaultResource: () => defaultResource,
        rotates: (req) => exchanges.get(req)?.fault?.name !== 'no-refresh-token',
        refusesResource: (req) =>
          exchanges.get(req)?.params.has('resource') === true &&
          plans.resource.take() !== undefined,
      }),
    );
    if (options.vouches !== undefined) registerTokenExchange(provider, signingKey, options.vouches);
    if (options.trusts !== undefined) {
      registerJwtBearer(provider, options.trusts, (resource) =>
        resourceServerOf({ scopes, lifetimes }, resource),
      );
    }
    provider.on('access_token.issued', (token) => grantOfToken.set(token.jti, token.grantId));
    provider.on('client_credentials.issued', (token) => grantOfToken.set(token.jti, undefined));
    const whoAddress =
      tellsWhoAt === undefined
        ? {}
        : { [`${tellsWhoAt}_endpoint`]: origin + issuerPath + whoPaths[tellsWhoAt] };
    watchAnswers(provider, { origin, exchanges, issued, plans, published: whoAddress });
    const consentPage = createConsentPage(provider);
    const serve = provider.callback();
    const inTurn = createTurns();

    return async (req, res) => {
      const url = new URL(req.url ?? '/', origin);
      const path = mountedPath(url.pathname, issuerPath);
      if (path === null) {
        res.writeHead(404).end();
        return;
      }
      const endpoint = endpointOf(path);
      if (endpoint === 'interaction') return consentPage.answer(req, res);

      const body = await readBody(req);
      const params = readParams(url, req, body);
      const fault = takeFault(plans, endpoint, params);
      record(seen, res, { endpoint, method: req.method ?? '', path: url.pathname, params });

      if ((await spoil(res, fault)) === 'spoilt' || refuse(res, fault?.name)) return;
      if (endpoint === tellsWhoAt) return answerWho(tellsWhoAt, { req, params, isLive }, res);
      if (options.refusesPkce === true && params.has('code_challenge'))
        return void refuse(res, 'invalid-request');
      // RFC 6749 section 3.3 lets a server have a default scope; oidc-provider would grant nothing.
      const bare = !url.searchParams.has('scope') && !url.searchParams.has('request_uri');
      if (endpoint === 'authorization' && bare) {
        url.searchParams.set('scope', scopes.join(' '));
      }
      const replay = replayRequest(req, { url: path + url.search, mountedAt: issuerPath }, body);
      exchanges.set(replay, { endpoint, params, fault });
      // oidc-provider finds and consumes a refresh token in two steps; without turns, two uses at the
      // same moment could both pass, and a test of refresh races would prove nothing.
      if (endpoint === 'token') await inTurn(() => serve(replay, res));
      else await serve(replay, res);
    };
  }, options.port);

  const issuer = server.origin + issuerPath;
  return {
    issuer,
    jwksUri: `${issuer}/jwks`,
    scopes,
    lifetimes,
    misbehave: misbehaveWith(plans),
    seen,
    count: (like) => seen.filter((request) => isLike(request, like)).length,
    issued: issued.values,
    needles: issued.needles,
    isLive,
    revokeAll: () => {
      store.wipe(['Grant', 'RefreshToken', 'AuthorizationCode', 'AccessToken', 'Session']);
      grantOfToken.clear();
    },
    revokeAccessTokens: () => grantOfToken.clear(),
    setDefaultResource: (resource) => {
      defaultResource = resource;
    },
    close: server.close,
    [Symbol.asyncDispose]: server.close,
  };
};

interface Watch {
  readonly origin: string;
  readonly exchanges: WeakMap<IncomingMessage, Exchange>;
  readonly issued: ReturnType<typeof createIssuedSecrets>;
  readonly plans: FaultPlans;
  /** Published in the metadata besides. */
  readonly published: Readonly<Record<string, string>>;
}

/** Notes what was really issued, and only then lets a planned fault change the answer. */
const watchAnswers = (
  provider: Provider,
  { origin, exchanges, issued, plans, published }: Watch,
): void => {
  provider.use(async (ctx, next) => {
    await next();
    const exchange = exchanges.get(ctx.req);
    if (exchange === undefined) return;

    const location = URL.parse(ctx.response.get('location'));
    if (location !== null && location.origin !== origin) {
      issued.fromCallback(location);
      const fault = plans.callback.take();
      if (fault !== undefined) {
        rewriteCallback(location, fault.name);
        ctx.set('location', location.href);
      }
      return;
    }
    const answer: unknown = ctx.body;
    if (typeof answer !== 'object' || answer === null) return;
    if (givesSecrets.has(exchange.endpoint)) issued.fromAnswer(answer);
    ctx.body = rewriteAnswer(
      { ...answer, ...(exchange.endpoint === 'metadata' ? published : {}) },
      exchange.fault?.name,
    );
  });
};

const givesSecrets: ReadonlySet<string> = new Set(['token', 'registration', 'device']);

const takeFault = (
  plans: FaultPlans,
  endpoint: EndpointName,
  params: URLSearchParams,
): PlannedFault<string> | undefined =>
  endpoint in plans
    ? plans[endpoint as keyof FaultPlans].take(params.get('grant_type') ?? undefined)
    : undefined;

const readParams = (url: URL, req: IncomingMessage, body: Buffer): URLSearchParams => {
  const params = new URLSearchParams(url.search);
  const type = req.headers['content-type'] ?? '';
  if (type.startsWith('application/x-www-form-urlencoded')) {
    for (const [name, value] of new URLSearchParams(body.toString())) params.append(name, value);
  }
  // A client may also name itself in the Authorization header (RFC 6749 section 2.3.1).
  const [, basic] = /^Basic (.+)$/i.exec(req.headers.authorization ?? '') ?? [];
  if (basic !== undefined && !params.has('client_id')) {
    const [clientId = ''] = Buffer.from(basic, 'base64').toString().split(':');
    params.set('client_id', decodeURIComponent(clientId));
  }
  return params;
};

interface Arrival {
  readonly endpoint: EndpointName;
  readonly method: string;
  readonly path: string;
  readonly params: URLSearchParams;
}

const record = (
  seen: SeenRequest[],
  res: ServerResponse,
  { endpoint, method, path, params }: Arrival,
): void => {
  const entry: SeenRequest = {
    endpoint,
    method,
    path,
    grantType: params.get('grant_type') ?? undefined,
    clientId: params.get('client_id') ?? undefined,
    resource: params.get('resource') ?? undefined,
    scope: params.get('scope') ?? undefined,
    params: Object.fromEntries(params),
    at: Date.now(),
    status: undefined,
  };
  seen.push(entry);
  res.once('finish', () => {
    entry.status = res.statusCode;
  });
};

const isLike = (request: SeenRequest, like: Partial<SeenRequest>): boolean =>
  Object.entries(like).every(([name, value]) => request[name as keyof SeenRequest] === value);
