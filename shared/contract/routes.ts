/** The control plane as a table: one row a deed. Both ends derive their names and types from it. */
import { z } from 'zod';
import { AccountFacts, FactsWish } from './account-facts.ts';
import { ActivityReply, ActivityWish } from './activity.ts';
import { AiClientUse } from './ai-client-use.ts';
import { Captured, CapturedReply, StartCapture } from './capture.ts';
import { CatalogueReply, CatalogueWish } from './catalogue-view.ts';
import { ClientCertificate } from './client-certificate.ts';
import { DoctorReport } from './doctor.ts';
import { DoorPortWish, DoorView, DoorWish } from './door.ts';
import { DoorAddress, DoorKeyId, DoorKeyView } from './door-keys.ts';
import { AppliedFile, ApplyFile } from './drawbridge-file.ts';
import { HostView } from './host.ts';
import { AccountId, ServerId } from './ids.ts';
import { AddLocalServer, LocalSecrets } from './local-server.ts';
import { MOST_OF_PASSPHRASE } from './passphrase.ts';
import { PauseWish } from './pause.ts';
import { PowerEvent } from './power-event.ts';
import { PreferencesChange, PreferencesView } from './preferences.ts';
import { Problem } from './problems.ts';
import { RemovalId, RemovalWish } from './removals.ts';
import { ApprovalArguments, ApprovalId, KnownTool, Rule, RuleId, RuleWish } from './rules.ts';
import { ClientSource, Scope, SignInChange, SignInWish } from './sign-in-settings.ts';
import { ServerView, SignInStep, Snapshot, VaultView } from './snapshot.ts';
import { SecretName, TokenSourceWish } from './token-sources.ts';
import { CallId, MOST_OF_CALL, ToolAnswer, ToolCall } from './tool-call.ts';

/** Who is asking: the product's own window or page, or a command in a terminal. */
export type Caller = 'window' | 'terminal';

/** With it a holder of the key asks for less than the key opens: a window that shows another process's broker. */
export const CALLER_HEADER = 'x-drawbridge-caller';

interface RouteRow {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** `:server` and `:account` are the only parameters there are. */
  readonly path: string;
  readonly body?: z.ZodType;
  readonly reply: z.ZodType;
  /** How many characters its body may have; absent: what is enough for all others. */
  readonly most?: number;
  /** Absent: every caller. */
  readonly callers?: readonly Caller[];
}

const nothing = z.object({});

const Passphrase = z.string().min(1).max(MOST_OF_PASSPHRASE);

/** How many characters a server may be called by. */
export const LONGEST_TITLE = 100;

/** What asking a server's address showed, in terms a person can follow. */
export const ProbeReport = z.object({
  url: z.string(),
  /** What the server calls itself, when it answered without a sign-in. */
  name: z.string().optional(),
  /** `credential`: it takes what its token source gives. */
  signIn: z.enum(['not-needed', 'oauth', 'credential']),
  /** The authorization server that will ask for the sign-in. */
  issuer: z.string().optional(),
  /** Where Drawbridge's client id will come from. */
  registration: ClientSource.optional(),
  /** In the order found, for a person; `attention` is what will need them. */
  findings: z.array(z.object({ tone: z.enum(['good', 'attention']), text: z.string() })),
});
export type ProbeReport = z.infer<typeof ProbeReport>;

export const AddServer = z.object({
  url: z.string().max(4096),
  title: z.string().min(1).max(LONGEST_TITLE).optional(),
  id: ServerId.optional(),
  signIn: SignInWish.optional(),
  /** Where its credential comes from, instead of a sign-in. */
  source: TokenSourceWish.optional(),
  /** What it wants to see of whoever connects. */
  clientCertificate: ClientCertificate.optional(),
});
export type AddServer = z.infer<typeof AddServer>;

export const AddIdentityProvider = z.object({
  issuer: z.string().max(4096),
  title: z.string().min(1).max(LONGEST_TITLE).optional(),
  id: ServerId.optional(),
  signIn: SignInWish,
});
export type AddIdentityProvider = z.infer<typeof AddIdentityProvider>;

const account = '/api/servers/:server/accounts/:account';

export const routes = {
  snapshot: { method: 'GET', path: '/api/snapshot', reply: Snapshot },
  /** Where this Drawbridge is, and how AI clients start its shim. There is no secret in it. */
  host: { method: 'GET', path: '/api/host', reply: HostView },
  probe: {
    method: 'POST',
    path: '/api/probe',
    body: z.object({ url: z.string().max(4096) }),
    reply: ProbeReport,
  },
  /** How Drawbridge as a whole is set up, and what that comes to. */
  preferences: { method: 'GET', path: '/api/preferences', reply: PreferencesView },
  changePreferences: {
    method: 'POST',
    path: '/api/preferences',
    body: PreferencesChange,
    reply: PreferencesView,
  },
  /** Looks at the whole sign-in set-up of a server, added or not, and signs nobody in. */
  examine: {
    method: 'POST',
    path: '/api/examine',
    body: z.union([z.object({ server: ServerId }), z.object({ url: z.string().max(4096) })]),
    reply: DoctorReport,
  },
  addServer: {
    method: 'POST',
    path: '/api/servers',
    body: AddServer,
    reply: z.object({ server: ServerView, probe: ProbeReport }),
  },
  /** Adds a server that Drawbridge serves itself, on this machine, to try everything with; gives it again if it is there. */
  addDemo: {
    method: 'POST',
    path: '/api/demo',
    body: nothing,
    reply: z.object({ server: ServerView, probe: ProbeReport }),
  },
  /** Adds a company's identity provider, whose one sign-in serves every server that names it. */
  addIdentityProvider: {
    method: 'POST',
    path: '/api/identity-providers',
    body: AddIdentityProvider,
    reply: z.object({ server: ServerView }),
  },
  /** Adds a program that Drawbridge runs itself, once the person has seen and agreed to the whole command. */
  addLocalServer: {
    method: 'POST',
    path: '/api/local-servers',
    body: AddLocalServer,
    reply: z.object({ server: ServerView }),
  },
  /** Gives values to secret variables of a local server. */
  setLocalSecrets: {
    method: 'POST',
    path: '/api/servers/:server/local-secrets',
    body: z.object({ secrets: LocalSecrets }),
    reply: z.object({ server: ServerView }),
  },
  /** Changes what is settled for signing in to a server. */
  configureSignIn: {
    method: 'POST',
    path: '/api/servers/:server/sign-in-settings',
    body: SignInChange,
    reply: z.object({ server: ServerView }),
  },
  /** Where the credential of a server comes from from now on; none, and it is asked anew what it wants. */
  configureSource: {
    method: 'POST',
    path: '/api/servers/:server/source',
    body: z.object({ source: TokenSourceWish.optional() }),
    reply: z.object({ server: ServerView }),
  },
  /** What is shown of this machine to a server from its next connection on; none, and nothing is. */
  configureCertificate: {
    method: 'POST',
    path: '/api/servers/:server/client-certificate',
    body: z.object({ clientCertificate: ClientCertificate.optional() }),
    reply: z.object({ server: ServerView }),
  },
  /** The names of the secrets in the vault, never what is in them; and those that the verifier of the HTTP door refers to. */
  secrets: {
    method: 'GET',
    path: '/api/secrets',
    reply: z.object({ names: z.array(SecretName), door: z.array(z.string()).optional() }),
  },
  keepSecret: {
    method: 'POST',
    path: '/api/secrets',
    body: z.object({
      name: SecretName,
      value: z
        .string()
        .min(1)
        .max(64 * 1024),
    }),
    reply: nothing,
  },
  removeSecret: {
    method: 'POST',
    path: '/api/secrets/remove',
    body: z.object({ name: SecretName }),
    reply: nothing,
  },
  /** What the person calls it; AI clients know it by its id, as before. */
  renameServer: {
    method: 'POST',
    path: '/api/servers/:server/title',
    body: z.object({ title: z.string().trim().min(1).max(LONGEST_TITLE) }),
    reply: z.object({ server: ServerView }),
  },
  removeServer: { method: 'DELETE', path: '/api/servers/:server', reply: nothing },
  /** Removes it so that it can be put back for a moment: what cannot be undone is done after that. */
  remove: {
    method: 'POST',
    path: '/api/removals',
    body: RemovalWish,
    reply: z.object({ id: RemovalId }),
  },
  /** Puts it back as it was. */
  undo: {
    method: 'POST',
    path: '/api/removals/undo',
    body: z.object({ id: RemovalId }),
    reply: nothing,
  },
  /** Nobody wants it back, or has read what could not be done. */
  settleRemoval: {
    method: 'POST',
    path: '/api/removals/settle',
    body: z.object({ id: RemovalId }),
    reply: nothing,
  },
  /** What AI clients have asked, and what became of it: never what was said. */
  activity: { method: 'POST', path: '/api/activity', body: ActivityWish, reply: ActivityReply },
  /** Every AI client that has asked something, whoever did so last first. */
  aiClients: {
    method: 'GET',
    path: '/api/ai-clients',
    reply: z.object({ aiClients: z.array(AiClientUse) }),
  },
  /** Keeps what is said in requests as well, in memory and for a time. */
  startCapture: { method: 'POST', path: '/api/capture', body: StartCapture, reply: nothing },
  /** Ends that: for a server, or wherever it goes on. */
  stopCapture: {
    method: 'POST',
    path: '/api/capture/stop',
    body: z.object({ server: ServerId.optional() }),
    reply: nothing,
  },
  /** What was said in one request, without secrets. */
  captured: {
    method: 'POST',
    path: '/api/capture/one',
    body: z.object({ id: z.number().int() }),
    reply: Captured,
  },
  /** All that is kept of what was said. */
  allCaptured: { method: 'GET', path: '/api/capture/all', reply: CapturedReply },
  /** Ends it everywhere, and forgets what was kept. */
  forgetCaptured: { method: 'POST', path: '/api/capture/forget', body: nothing, reply: nothing },
  /** From now on no call of an AI client is passed on; sign-ins are kept alive. Another pause takes its place. */
  pause: { method: 'POST', path: '/api/pause', body: PauseWish, reply: nothing },
  /** Ends that, where it is so. */
  resume: { method: 'POST', path: '/api/resume', body: nothing, reply: nothing },
  /** What an app that only shows this broker is told by the machine. */
  powerEvent: {
    method: 'POST',
    path: '/api/power-events',
    body: z.object({ event: PowerEvent }),
    reply: nothing,
  },
  /** Adds a further account, which nobody is signed in to. */
  addAccount: {
    method: 'POST',
    path: '/api/servers/:server/accounts',
    body: z.object({ account: AccountId }),
    reply: z.object({ server: ServerView }),
  },
  /** Signs it out, and forgets it. */
  removeAccount: { method: 'DELETE', path: account, reply: nothing },
  /** Makes it the account of AI clients that name none; those that are connected stay who they are. */
  makeDefaultAccount: { method: 'POST', path: `${account}/default`, reply: nothing },
  /** Starts a sign-in or joins the one already running, unless another was asked for, and returns at once. */
  signIn: {
    method: 'POST',
    path: `${account}/sign-in`,
    body: z.object({
      /** False: only make the link, for a person who opens it elsewhere on this machine. */
      openBrowser: z.boolean().default(true),
      /** With a code on any other device, where this machine has no browser (RFC 8628). */
      onDevice: z.boolean().default(false),
      /** Whoever the browser is signed in as, the person chooses; it may be somebody else than before. */
      chooseAccount: z.boolean().default(false),
      /** Asked for as well as what was granted before. */
      moreScopes: z.array(Scope).max(100).default([]),
    }),
    reply: z.object({
      step: SignInStep,
      /** That the one under way, whoever started it, is with a code on another device. */
      onDevice: z.literal(true).optional(),
    }),
  },
  /** The address to open, once it is known: waits for discovery and registration. */
  signInLink: {
    method: 'GET',
    path: `${account}/sign-in/link`,
    reply: z.object({ link: z.string() }),
  },
  /** Takes the address a browser on another machine ended at, instead of its visit. */
  pasteCallback: {
    method: 'POST',
    path: `${account}/sign-in/callback`,
    body: z.object({ address: z.string().max(16_384) }),
    reply: nothing,
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
  /** Renews every sign-in that can renew itself; tells of each what came of it. */
  renewAll: {
    method: 'POST',
    path: '/api/renew-all',
    body: nothing,
    reply: z.object({
      outcomes: z.array(
        z.object({
          key: z.object({ server: ServerId, account: AccountId }),
          problem: Problem.optional(),
        }),
      ),
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
  openVault: {
    method: 'POST',
    path: '/api/vault/open',
    body: z.object({
      /** The person put an older file in its place on purpose. */
      acceptOlder: z.boolean().default(false),
      /** What the vault is sealed with: for this opening only, and kept nowhere. */
      passphrase: Passphrase.optional(),
    }),
    reply: VaultView,
  },
  /** Seals the vault with a fresh key: another one in the keychain, or from a passphrase. */
  sealVault: {
    method: 'POST',
    path: '/api/vault/seal',
    body: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('keychain') }),
      z.object({ kind: z.literal('passphrase'), passphrase: Passphrase }),
    ]),
    reply: VaultView,
  },
  /**
   * Wipes every sign-in, secret and door key, here at once and at the servers as far as they let us. Servers and
   * settings stay, and an empty vault is opened.
   */
  wipe: {
    method: 'POST',
    path: '/api/wipe',
    body: nothing,
    reply: z.object({
      /** Whether each sign-in server confirmed that the tokens are dead; `unknown` where the vault was closed. */
      accounts: z.array(
        z.object({
          server: ServerId,
          account: AccountId,
          revoked: z.enum(['yes', 'no', 'not-offered', 'unknown']),
        }),
      ),
      /** What could not be removed. */
      left: z.array(Problem),
    }),
  },
  /** The keys of AI clients for the HTTP door: whose each is and what it opens, never the key or its hash. */
  doorKeys: {
    method: 'GET',
    path: '/api/door-keys',
    reply: z.object({ keys: z.array(DoorKeyView) }),
  },
  /** Makes a key for one AI client at the HTTP door. Shown once, kept only as a hash. */
  makeDoorKey: {
    method: 'POST',
    path: '/api/door-keys',
    body: z.object({
      aiClient: z.string().min(1).max(60),
      /** All that it opens; absent for every server. */
      servers: z.array(DoorAddress).min(1).max(100).optional(),
    }),
    reply: z.object({ key: z.string(), id: DoorKeyId }),
    callers: ['terminal'],
  },
  /** The key opens nothing from now on, and what is open with it ends. */
  revokeDoorKey: {
    method: 'POST',
    path: '/api/door-keys/revoke',
    body: z.object({ id: DoorKeyId }),
    reply: nothing,
  },
  /** Which tokens open the HTTP door of a shared host instead of keys, to whom, and where it listens. */
  door: { method: 'GET', path: '/api/door', reply: DoorView },
  /** Takes the place of all that was set before, once its verifier has been tried. */
  changeDoor: {
    method: 'POST',
    path: '/api/door',
    body: DoorWish,
    reply: DoorView,
    callers: ['terminal'],
  },
  /** Where the door is on this machine from the next start on. */
  changeDoorPort: { method: 'POST', path: '/api/door/port', body: DoorPortWish, reply: DoorView },
  /** Makes a rule that narrows what AI clients may use; it holds from their next call on. */
  addRule: {
    method: 'POST',
    path: '/api/rules',
    body: RuleWish,
    reply: z.object({ rule: Rule }),
  },
  removeRule: {
    method: 'POST',
    path: '/api/rules/remove',
    body: z.object({ id: RuleId }),
    reply: nothing,
  },
  /** The tools that a server was last known to have, for a person who chooses among them. */
  knownTools: {
    method: 'POST',
    path: '/api/known-tools',
    body: z.object({ server: DoorAddress }),
    reply: z.object({ tools: z.array(KnownTool) }),
  },
  /** Where the sign-in of an account stands; asks nobody, unless it is wished for. */
  accountFacts: {
    method: 'POST',
    path: `${account}/facts`,
    body: FactsWish,
    reply: AccountFacts,
  },
  /** What the server of an account was last known to have; asks nobody. */
  catalogue: {
    method: 'POST',
    path: `${account}/catalogue`,
    body: CatalogueWish,
    reply: CatalogueReply,
  },
  /** Calls a tool as the person who asks. Given up with the request, by `cancelCall`, or when its time is over. */
  callTool: {
    method: 'POST',
    path: `${account}/call`,
    body: ToolCall,
    reply: ToolAnswer,
    most: MOST_OF_CALL,
  },
  /** Gives up a call that is under way. Needed where a surface cannot take back a request. */
  cancelCall: {
    method: 'POST',
    path: '/api/calls/cancel',
    body: z.object({ call: CallId }),
    reply: nothing,
  },
  /** With what a waiting call would be made: for the person who is asked about it. */
  approvalArguments: {
    method: 'POST',
    path: '/api/approvals/arguments',
    body: z.object({ id: ApprovalId }),
    reply: ApprovalArguments,
  },
  /** The person's word on a waiting call: it is made once, or never. */
  answerApproval: {
    method: 'POST',
    path: '/api/approvals/answer',
    body: z.object({ id: ApprovalId, allow: z.boolean() }),
    reply: nothing,
  },
  /** Makes everything so as a file says, or tells what that would change; asks no server that cannot be reached. */
  applyFile: {
    method: 'POST',
    path: '/api/file',
    body: ApplyFile,
    reply: AppliedFile,
    most: 1024 * 1024,
    callers: ['terminal'],
  },
  /** Ends the broker and the program around it, in order. */
  stop: {
    method: 'POST',
    path: '/api/stop',
    body: nothing,
    reply: nothing,
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
