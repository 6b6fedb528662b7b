/** The control plane as a table: one row a deed. Both ends derive their names and types from it. */
import { z } from 'zod';
import { type AccountId, ServerId } from './ids.ts';
import { ServerView, SignInStep, Snapshot, VaultView } from './snapshot.ts';

/** Who is asking: the product's own window or page, or a command in a terminal. */
export type Caller = 'window' | 'terminal';

interface RouteRow {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** `:server` and `:account` are the only parameters there are. */
  readonly path: string;
  readonly body?: z.ZodType;
  readonly reply: z.ZodType;
  /** Absent: every caller. */
  readonly callers?: readonly Caller[];
}

const nothing = z.object({});

/** What asking a server's address showed, in terms a person can follow. */
export const ProbeReport = z.object({
  url: z.string(),
  /** What the server calls itself, when it answered without a sign-in. */
  name: z.string().optional(),
  signIn: z.enum(['not-needed', 'oauth']),
  /** The authorization server that will ask for the sign-in. */
  issuer: z.string().optional(),
  /** Where Drawbridge's client id will come from. */
  registration: z.enum(['dynamic', 'none']).optional(),
  /** In the order found, for a person; `attention` is what will need them. */
  findings: z.array(z.object({ tone: z.enum(['good', 'attention']), text: z.string() })),
});
export type ProbeReport = z.infer<typeof ProbeReport>;

/** What can be settled for signing in to a server, for those that do not register Drawbridge by themselves. */
export const OAuthWish = z.object({
  /** The client id that the operator gave. */
  clientId: z.string().min(1).max(2000).optional(),
  clientSecret: z.string().min(1).max(2000).optional(),
  /** The port in the redirect that the operator was told. */
  callbackPort: z.number().int().min(1).max(65_535).optional(),
  /** Asked for instead of what the server says. */
  scopes: z.array(z.string().min(1)).optional(),
});
export type OAuthWish = z.infer<typeof OAuthWish>;

export const AddServer = z.object({
  url: z.string().max(4096),
  title: z.string().min(1).max(100).optional(),
  id: ServerId.optional(),
  oauth: OAuthWish.optional(),
});
export type AddServer = z.infer<typeof AddServer>;

const account = '/api/servers/:server/accounts/:account';

export const routes = {
  snapshot: { method: 'GET', path: '/api/snapshot', reply: Snapshot },
  probe: {
    method: 'POST',
    path: '/api/probe',
    body: z.object({ url: z.string().max(4096) }),
    reply: ProbeReport,
  },
  addServer: {
    method: 'POST',
    path: '/api/servers',
    body: AddServer,
    reply: z.object({ server: ServerView, probe: ProbeReport }),
  },
  removeServer: { method: 'DELETE', path: '/api/servers/:server', reply: nothing },
  /** Starts a sign-in or joins the one already running, and returns at once. */
  signIn: {
    method: 'POST',
    path: `${account}/sign-in`,
    body: z.object({
      /** False: only make the link, for a person who opens it elsewhere on this machine. */
      openBrowser: z.boolean().default(true),
    }),
    reply: z.object({ step: SignInStep }),
  },
  /** The address to open, once it is known: waits for discovery and registration. */
  signInLink: {
    method: 'GET',
    path: `${account}/sign-in/link`,
    reply: z.object({ link: z.string() }),
  },
  cancelSignIn: { method: 'DELETE', path: `${account}/sign-in`, reply: nothing },
  signOut: {
    method: 'POST',
    path: `${account}/sign-out`,
    reply: z.object({
      /** Whether the authorization server confirmed that the tokens are dead. */
      revoked: z.enum(['yes', 'no', 'not-offered', 'nothing-to-revoke']),
    }),
  },
  renew: { method: 'POST', path: `${account}/renew`, reply: nothing },
  /** A fresh access token for a script. The only answer that holds a secret, hence terminal only. */
  token: {
    method: 'POST',
    path: `${account}/token`,
    reply: z.object({ token: z.string(), expiresAt: z.number().optional() }),
    callers: ['terminal'],
  },
  /** Tries again to open a vault that was closed at start: the person has unlocked the keychain, say. */
  openVault: { method: 'POST', path: '/api/vault/open', body: nothing, reply: VaultView },
  /** Makes a key for one AI client at the HTTP door. Shown once, kept only as a hash. */
  makeDoorKey: {
    method: 'POST',
    path: '/api/door-keys',
    body: z.object({ aiClient: z.string().min(1).max(60) }),
    reply: z.object({ key: z.string() }),
    callers: ['terminal'],
  },
  /** A one-time link to the window in a browser, for headless hosts. */
  windowLink: {
    method: 'POST',
    path: '/api/window-link',
    reply: z.object({ link: z.string() }),
    callers: ['terminal'],
  },
} as const satisfies Record<string, RouteRow>;

/** The event stream: server-sent events, each a whole snapshot. */
export const EVENTS_PATH = '/api/events';

export type RouteName = keyof typeof routes;
type Row<N extends RouteName> = (typeof routes)[N];

/** The path parameters of a route. */
export type RouteParams<N extends RouteName> = Row<N>['path'] extends `${string}:account${string}`
  ? { server: ServerId; account: AccountId }
  : Row<N>['path'] extends `${string}:server${string}`
    ? { server: ServerId }
    : Record<never, never>;

/** What a route takes, before defaults are filled in. */
export type RouteBody<N extends RouteName> =
  Row<N> extends { body: infer B extends z.ZodType } ? z.input<B> : undefined;

/** What the handler of a route is given, defaults filled in. */
export type RouteParsedBody<N extends RouteName> =
  Row<N> extends { body: infer B extends z.ZodType } ? z.output<B> : undefined;

export type RouteReply<N extends RouteName> = z.output<Row<N>['reply']>;
