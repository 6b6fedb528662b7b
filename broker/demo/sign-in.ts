/** What does the demo's sign-in service answer? OAuth as any MCP server has it, with one page that has one button. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { OwnPage } from '../bridge/own-pages.ts';
import { isLoopbackHost } from '../net/zone.ts';
import { inHtml, plainPage } from '../plain-page.ts';
import { type Agreed, dropOldest, type Grants, person, SCOPE } from './grants.ts';

/** An answer in JSON, as a value or written down already, or an empty one. */
export interface Answer {
  readonly status: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Where a browser goes on from `/authorize`: to a page of its own, back to the client, or nowhere. */
export type Onward = { readonly location: string } | { readonly page: string };

export interface SignInService {
  /** RFC 8414. */
  readonly metadata: () => Answer;
  /** RFC 7591. */
  readonly register: (body: string) => Promise<Answer>;
  readonly authorize: (parameters: URLSearchParams) => Promise<Onward>;
  /** The page that `authorize` has led to; undefined once it was used or is too old. */
  readonly pageAt: (nonce: string) => OwnPage | undefined;
  readonly token: (form: URLSearchParams) => Promise<Answer>;
  /** RFC 7009. */
  readonly revoke: (form: URLSearchParams) => Promise<Answer>;
  /** OpenID Connect Core section 5.3: whose the token is. */
  readonly userInfo: (accessToken: string) => Promise<Answer>;
}

export interface SignInServiceDeps {
  readonly grants: Grants;
  readonly issuer: string;
  readonly resource: string;
  /** Unix ms. */
  readonly now: () => number;
}

export const SIGN_IN_PATH = /^\/sign-in\/([\w-]{1,64})$/;

/** How long a page may stay open, ms. */
const PAGE_MS = 10 * 60_000;
const MOST_PAGES = 100;

/** A person who has not said anything yet. */
interface Asked extends Agreed {
  readonly state: string | undefined;
  readonly endsAt: number;
}

const Registration = z.object({
  redirect_uris: z.array(z.string().max(500)).min(1).max(10),
  client_name: z.string().max(200).optional().catch(undefined),
});

export const createSignInService = ({
  grants,
  issuer,
  resource,
  now,
}: SignInServiceDeps): SignInService => {
  const asked = new Map<string, Asked>();

  const backTo = (
    redirectUri: string,
    state: string | undefined,
    answer: Readonly<Record<string, string>>,
  ): { readonly location: string } => {
    const location = new URL(redirectUri);
    // RFC 9207: the client can tell whose answer it is.
    const all = { ...answer, ...(state === undefined ? {} : { state }), iss: issuer };
    for (const [name, value] of Object.entries(all)) location.searchParams.set(name, value);
    return { location: location.href };
  };

  return {
    metadata: () => ({
      status: 200,
      json: {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        registration_endpoint: `${issuer}/register`,
        revocation_endpoint: `${issuer}/revoke`,
        userinfo_endpoint: `${issuer}/userinfo`,
        scopes_supported: [SCOPE],
        response_types_supported: ['code'],
        response_modes_supported: ['query'],
        grant_types_supported: ['authorization_code', 'refresh_token'],
        code_challenge_methods_supported: ['S256'],
        token_endpoint_auth_methods_supported: ['none'],
        revocation_endpoint_auth_methods_supported: ['none'],
        authorization_response_iss_parameter_supported: true,
      },
    }),

    register: async (body) => {
      const { data } = Registration.safeParse(jsonIn(body));
      if (data === undefined) return failed('invalid_client_metadata');
      const { redirect_uris: redirects, client_name: name } = data;
      // Nothing of the demo leaves this machine, and a code least of all.
      if (!redirects.every(isOnThisMachine)) return failed('invalid_redirect_uri');
      return {
        status: 201,
        json: {
          client_id: await grants.register(redirects),
          ...(name === undefined ? {} : { client_name: name }),
          redirect_uris: redirects,
          grant_types: ['authorization_code', 'refresh_token'],
          response_types: ['code'],
          token_endpoint_auth_method: 'none',
        },
      };
    },

    authorize: async (parameters) => {
      const { client_id: clientId = '', redirect_uri: redirectUri = '' } = named(parameters);
      const redirects = await grants.redirectsOf(clientId);
      // Nobody is sent to an address that was not registered, not even to be told of a mistake (RFC 6749 section 3.1.2.4).
      if (redirects?.includes(redirectUri) !== true || isRepetitive(parameters))
        return { page: notAskedPage };
      const { state, code_challenge: challenge = '' } = named(parameters);
      const error = mistakeIn(parameters, resource);
      if (error !== undefined) return backTo(redirectUri, state, { error });
      const nonce = randomBytes(24).toString('base64url');
      asked.set(nonce, { clientId, redirectUri, challenge, state, endsAt: now() + PAGE_MS });
      dropOldest(asked, MOST_PAGES);
      return { location: `/sign-in/${nonce}` };
    },

    pageAt: (nonce) => {
      const request = asked.get(nonce);
      if (request === undefined || now() >= request.endsAt) return undefined;
      return {
        html: consentPage(nonce, request),
        submit: () => {
          asked.delete(nonce);
          const code = grants.giveCode(request);
          return backTo(request.redirectUri, request.state, { code });
        },
      };
    },

    token: async (form) => {
      const type = form.get('grant_type');
      if (type !== 'authorization_code' && type !== 'refresh_token')
        return failed('unsupported_grant_type');
      if (isRepetitive(form)) return failed('invalid_request');
      if ((form.get('resource') ?? resource) !== resource) return failed('invalid_target');
      const tokens = await (type === 'refresh_token' ? grants.renew(form) : grants.redeem(form));
      return tokens === undefined ? failed('invalid_grant') : { status: 200, json: tokens };
    },

    revoke: async (form) => {
      await grants.revoke(form.get('token') ?? '');
      return { status: 200 };
    },

    userInfo: async (accessToken) =>
      (await grants.callerOf(accessToken)) === undefined
        ? { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } }
        : { status: 200, json: { sub: person.subject, name: person.name } },
  };
};

/** What makes an authorization request one that cannot be answered with a code. */
const mistakeIn = (parameters: URLSearchParams, resource: string): string | undefined => {
  if (parameters.get('response_type') !== 'code') return 'unsupported_response_type';
  if (parameters.get('code_challenge_method') !== 'S256') return 'invalid_request';
  if (!/^[\w-]{43}$/.test(parameters.get('code_challenge') ?? '')) return 'invalid_request';
  if ((parameters.get('resource') ?? resource) !== resource) return 'invalid_target';
  if ((parameters.get('scope') ?? SCOPE) !== SCOPE) return 'invalid_scope';
  return undefined;
};

const failed = (error: string): Answer => ({ status: 400, json: { error } });

const named = (parameters: URLSearchParams): Partial<Record<string, string>> =>
  Object.fromEntries(parameters);

/** RFC 6749 section 3.1: no parameter may come twice. */
const isRepetitive = (parameters: URLSearchParams): boolean =>
  new Set(parameters.keys()).size < parameters.size;

const isOnThisMachine = (redirect: string): boolean => {
  const url = URL.parse(redirect);
  return url?.protocol === 'http:' && isLoopbackHost(url.hostname) && url.hash === '';
};

const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON is of no schema either.
    return undefined;
  }
};

const consentPage = (nonce: string, { redirectUri }: Asked): string =>
  plainPage(
    'Sign in to the demo',
    `<p>This is the demo's sign-in page. Nothing leaves this computer.</p>
<p>At a real server you would sign in with your account there. Here everybody is <strong>${person.name}</strong>, and there is no password.</p>
<p>The button leads back to the program that asked, at <code>${inHtml(new URL(redirectUri).host)}</code>.</p>
<form method="post" action="/sign-in/${nonce}"><button type="submit">Sign in as ${person.name}</button></form>`,
  );

export const goneSignInPage = plainPage(
  'This page is no longer valid',
  '<p>It was used already, or is too old. Sign in to the demo again in Drawbridge.</p>',
);

const notAskedPage = plainPage(
  'This is no sign-in',
  '<p>The demo does not know who asks for it. Sign in to the demo again in Drawbridge.</p>',
);
