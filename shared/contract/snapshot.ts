/** Everything a surface may show, in one value. There is no place in it for a secret. */
import { z } from 'zod';
import { CaptureView } from './capture.ts';
import { ClientCertificate } from './client-certificate.ts';
import { DoorKeyView } from './door-keys.ts';
import { IconDigest } from './icons.ts';
import { AccountId, ServerId } from './ids.ts';
import { LocalCommand } from './local-server.ts';
import { PauseView } from './pause.ts';
import { PolicyView } from './policy.ts';
import { Problem } from './problems.ts';
import { RemovalView } from './removals.ts';
import { ApprovalView, Rule } from './rules.ts';
import { SignInSettings } from './sign-in-settings.ts';
import { TokenSource } from './token-sources.ts';

/** What a person would say of an account on a server. */
export const AccountState = z.enum([
  'open',
  'signed-in',
  'signing-in',
  'renewing',
  'retrying',
  'needs-sign-in',
  'offline',
  'cannot-save',
  'needs-setup',
  'does-not-run',
]);
export type AccountState = z.infer<typeof AccountState>;

/** How far a sign-in has come. */
export const SignInStep = z.enum([
  'discovering',
  'registering',
  'opening-browser',
  'waiting-for-browser',
  'exchanging',
  'saving',
]);
export type SignInStep = z.infer<typeof SignInStep>;

export const AccountView = z.object({
  id: AccountId,
  /** Who the person is there, when the server told. */
  label: z.string().optional(),
  state: AccountState,
  /** Unix time in ms. */
  since: z.number(),
  problem: Problem.optional(),
  signIn: z
    .object({
      step: SignInStep,
      startedAt: z.number(),
      /** To be typed in at `address`, on any device (RFC 8628). */
      device: z.object({ userCode: z.string(), address: z.string() }).optional(),
    })
    .optional(),
  /** AI clients have called it in vain, because nobody is signed in: which of them, as far as they have a name, and since when. */
  wanted: z.object({ by: z.array(z.string()), since: z.number() }).optional(),
  /** How the last sign-in ended: with a problem at a step, or with tokens. Absent while one runs, and before any has. */
  lastSignIn: z.object({ problem: Problem.optional(), step: SignInStep.optional() }).optional(),
  /** When the access token runs out, Unix time in ms; absent when there is none or it does not say. */
  expiresAt: z.number().optional(),
  /** Since when there is this token, or this credential that is got without a person, Unix time in ms. */
  gotAt: z.number().optional(),
  /** When it will be renewed, Unix time in ms. */
  renewsAt: z.number().optional(),
  /** When even renewing comes to an end, Unix time in ms, where the server said so. */
  endsAt: z.number().optional(),
  /** The person will have to sign in again before long, and there is time to do it now. */
  endsSoon: z.literal(true).optional(),
  /** False when the sign-in gave no refresh token: it ends with its access token. */
  renewable: z.boolean().optional(),
  scopes: z.array(z.string()).optional(),
  issuer: z.string().optional(),
});
export type AccountView = z.infer<typeof AccountView>;

export const ServerView = z.object({
  id: ServerId,
  /**
   * An identity provider is signed in to like a server, but only other servers make use of it. A local server is a program
   * that Drawbridge runs.
   */
  kind: z.enum(['mcp', 'identity-provider', 'local']),
  title: z.string(),
  /** Of an identity provider, its issuer; of a local server no address to go to, but `local:` and its id. */
  url: z.string(),
  /** Of a local server; the values of its secrets are in the vault alone. */
  command: LocalCommand.optional(),
  /** What is settled for signing in, exceptions on record included; never a secret. */
  signIn: SignInSettings.extend({
    hasClientSecret: z.boolean(),
    hasClientKey: z.boolean(),
  }).optional(),
  /** Where its credential comes from, where nobody signs in. Secrets stand in it as references. */
  source: TokenSource.optional(),
  /** What is shown of this machine when it connects; `endsAt`, Unix time in ms, once that is known. */
  clientCertificate: ClientCertificate.extend({ endsAt: z.number().optional() }).optional(),
  /** The picture by which it shows itself; absent where there is none. */
  icon: IconDigest.optional(),
  accounts: z.array(AccountView),
  /** The account of AI clients that name none. */
  defaultAccount: AccountId,
  /** When the last request of an AI client ended, Unix time in ms; absent when none is remembered. */
  lastCallAt: z.number().optional(),
  /** The AI clients that have used it lately, the latest first; a few at most. */
  usedBy: z.array(z.string()).optional(),
});
export type ServerView = z.infer<typeof ServerView>;

/** Where sign-ins rest, and whether they outlive the broker. */
export const VaultView = z.object({
  kind: z.enum(['keychain', 'passphrase', 'memory']),
  state: z.enum(['open', 'closed']),
  problem: Problem.optional(),
});
export type VaultView = z.infer<typeof VaultView>;

export const Snapshot = z.object({
  /** Grows by one with every change of one broker's life. */
  revision: z.number().int(),
  version: z.string(),
  /** Present where Drawbridge cannot open a browser: the page that shows this has to. */
  noBrowser: z.literal(true).optional(),
  servers: z.array(ServerView),
  vault: VaultView,
  doors: z.object({
    /** Base of the HTTP door, `http://127.0.0.1:PORT`; absent while it is not open. */
    http: z.string().optional(),
    problem: Problem.optional(),
    /** Present where it takes OAuth tokens instead of keys: how others reach it. */
    verified: z.object({ base: z.string() }).optional(),
    /** Of AI clients for the HTTP door, in the order they were made; absent while there is none. */
    keys: z.array(DoorKeyView).optional(),
  }),
  /** Absent while no request of an AI client is remembered. With another revision there is something else to ask for. */
  activity: z.object({ revision: z.number().int(), lastAt: z.number() }).optional(),
  /** What was said is being kept, or was; absent otherwise. */
  capture: CaptureView.optional(),
  /** No call of an AI client is passed on; absent otherwise. */
  pause: PauseView.optional(),
  /** What was just removed and can be put back, or could not be removed altogether; absent while there is nothing. */
  removals: z.array(RemovalView).optional(),
  /** What narrows what AI clients may use, in the order it was made; absent while there is nothing. */
  rules: z.array(Rule).optional(),
  /** Calls that wait for the person, the first one first; absent while there is none. */
  approvals: z.array(ApprovalView).optional(),
  /** What an administrator has settled; absent where none has. */
  policy: PolicyView.optional(),
  /** Things to tell the person that belong to no server. */
  notices: z.array(Problem),
});
export type Snapshot = z.infer<typeof Snapshot>;
