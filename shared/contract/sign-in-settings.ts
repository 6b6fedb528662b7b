/** What can be settled for signing in to a server: by the person, for their operator. */
import { z } from 'zod';
import { isSafeAddress } from '../safe-address.ts';
import { ServerId } from './ids.ts';
import { SecretValue } from './references.ts';

interface ExceptionRow {
  /** What the server does not do, as a person can follow it. */
  readonly breaks: string;
  /** What allowing it costs. */
  readonly risk: string;
}

/** The rules a server may be allowed to break, one by one and on record. Everything else stays strict. */
export const signInExceptions = {
  'pkce-unadvertised': {
    breaks: 'does not say that it protects sign-ins with PKCE',
    risk: 'if it really does not, a program that steals the code from the browser can sign in as you',
  },
  'issuer-slash': {
    breaks: 'spells its own name once with and once without a slash at the end',
    risk: 'two services of one host that differ only in that slash would be taken for one',
  },
  'pkce-off': {
    breaks: 'refuses sign-ins that are protected with PKCE',
    risk: 'a program that steals the code from the browser can sign in as you',
  },
  'resource-omitted': {
    breaks: 'refuses to be told which server a token is for',
    risk: 'the token may be good for other servers of the same sign-in service',
  },
  'id-token-as-bearer': {
    breaks: 'wants to be shown the ID token of the sign-in instead of its access token',
    risk: 'the ID token says who you are to whoever is shown it, and was made for Drawbridge alone',
  },
  'basic-unencoded': {
    breaks: 'wants the client id and its secret in a form of its own',
    risk: 'none but that another server would not understand it',
  },
} as const satisfies Record<string, ExceptionRow>;

export type SignInException = keyof typeof signInExceptions;
const exceptions = Object.keys(signInExceptions) as [SignInException, ...SignInException[]];
export const SignInException = z.enum(exceptions);

/**
 * How tokens are got: by a person in the browser, by Drawbridge in its own name (RFC 6749 section 4.4), or with the
 * sign-in at the company's identity provider (MCP enterprise-managed authorization).
 */
export const SignInKind = z.enum(['person', 'client-credentials', 'enterprise']);
export type SignInKind = z.infer<typeof SignInKind>;

/**
 * Where the client id for a sign-in comes from: it was given, it is our published document, Drawbridge is registered
 * already or registers by itself, or somebody has to ask for one.
 */
export const ClientSource = z.enum(['given', 'published', 'registered', 'dynamic', 'none']);
export type ClientSource = z.infer<typeof ClientSource>;

/** On this machine, over plain http: the only place a browser may bring an answer to (A39). */
const Redirect = z
  .string()
  .max(300)
  .refine((text) => {
    const url = URL.parse(text);
    return (
      url?.protocol === 'http:' &&
      ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname) &&
      url.port !== '0' &&
      [url.search, url.hash, url.username, url.password].every((part) => part === '')
    );
  }, 'not a redirect on this machine');

/** What to tell an operator who wants to know one: a port that few programs use. */
export const PROPOSED_REDIRECT = 'http://127.0.0.1:33418/callback';

/** Set by the flow itself: whoever could set them from outside could bend it. */
const reserved: ReadonlySet<string> = new Set([
  'response_type',
  'response_mode',
  'client_id',
  'redirect_uri',
  'code_challenge',
  'code_challenge_method',
  'state',
  'resource',
  'scope',
  'request',
  'request_uri',
]);

const AuthorizeParameters = z
  .record(z.string().min(1).max(100), z.string().max(1000))
  .refine((given) => Object.keys(given).every((name) => !reserved.has(name)), 'reserved');

/** Where requests may be sent: over https, or on this machine. */
const Address = z
  .string()
  .max(4096)
  .refine((text) => {
    const url = URL.parse(text);
    return url !== null && url.hash === '' && isSafeAddress(url);
  }, 'not an https address');

/** RFC 8707 section 2: an absolute URI, without a fragment. */
const Resource = z
  .string()
  .max(4096)
  .refine((text) => URL.canParse(text) && !text.includes('#'), 'not the name of a resource');

const plain = {
  kind: SignInKind,
  /** The client id that the operator gave. */
  clientId: z.string().min(1).max(2000),
  /** The redirect that the operator was told. Without a port in it, any port will do. */
  redirect: Redirect,
  /** Asked for instead of what the server says. */
  scopes: z.array(z.string().min(1).max(500)).max(100),
  /** Sent along when the browser is sent to sign in. */
  parameters: AuthorizeParameters,
  exceptions: z.array(SignInException),
  /** Who signs people in, byte for byte as it calls itself: what the server says of that is not asked then. */
  issuer: Address,
  /** Of a service that does not describe itself. Both are needed, but where nobody signs in. */
  authorizeUrl: Address,
  tokenUrl: Address,
  /** What tokens are asked for (RFC 8707), instead of the name that the server gives itself. */
  resource: Resource,
  /** Where the client secret stands: read anew each time, and kept nowhere. */
  clientSecretFrom: SecretValue,
  /** The address to sign in at is shown, and no browser opens by itself. */
  noBrowser: z.boolean(),
  /** How long a person may take to sign in, s. */
  timeoutS: z.number().int().min(30).max(3600),
  /** Whose sign-in is used, for `enterprise`: the id of an identity provider added before. */
  identityProvider: ServerId,
  /** Of an identity provider: a file with an ID token that something else keeps fresh, instead of a sign-in there. */
  idTokenFile: z.string().min(1).max(4096),
};

const secret = {
  clientSecret: z.string().min(1).max(2000),
  /** A private key, PEM or JWK: Drawbridge proves who it is by signing (RFC 7523, `private_key_jwt`). */
  clientKey: z.string().min(1).max(20_000),
};

/** The part that may be shown. */
export const SignInSettings = z.object(plain).partial();
export type SignInSettings = z.infer<typeof SignInSettings>;

/** The name of a scope (RFC 6749 section 3.3). */
export const Scope = z
  .string()
  .max(500)
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'not the name of a scope');

/** Stricter than what rests: a record from before must not be lost for what it holds. */
export const SignInWish = z
  .object({ ...plain, ...secret, scopes: z.array(Scope).max(100) })
  .partial();
export type SignInWish = z.infer<typeof SignInWish>;

export const SignInChange = z.object({
  set: SignInWish.default({}),
  unset: z.array(z.keyof(SignInWish)).default([]),
});
export type SignInChange = z.infer<typeof SignInChange>;
