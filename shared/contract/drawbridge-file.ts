/** What stands in a `drawbridge.json`: servers, doors and rules, put together from what they are elsewhere. */
import { z } from 'zod';
import { ClientCertificate } from './client-certificate.ts';
import { hasTwoSecrets, keptSecrets, lacksClient } from './client-secrets.ts';
import { DoorSettings } from './door.ts';
import { AccountId, ServerId } from './ids.ts';
import { AddLocalServer } from './local-server.ts';
import { Problem } from './problems.ts';
import { WholeSecret } from './references.ts';
import { MOST_RULES, RuleWish } from './rules.ts';
import { SignInWish } from './sign-in-settings.ts';
import { SecretName, TokenSourceWish } from './token-sources.ts';

/** Its secrets are read when the file is imported, and kept in the vault from then on. */
const FileSignIn = SignInWish.extend({
  clientSecret: WholeSecret.optional(),
  clientKey: WholeSecret.optional(),
});

const shape = {
  title: z.string().trim().min(1).max(100),
  /** Of an MCP server. */
  url: z.string().min(1).max(4096),
  /** Of a company's identity provider, instead of an address. */
  issuer: z.string().min(1).max(4096),
  /** A program that Drawbridge runs itself. Values of its environment may be references. */
  command: AddLocalServer.shape.command,
  /** People sign in there, or Drawbridge does: with these settings, or with none. */
  signIn: FileSignIn,
  source: TokenSourceWish,
  /** What it wants to see of whoever connects. */
  clientCertificate: ClientCertificate,
  /** It wants neither. */
  open: z.literal(true),
  accounts: z.array(AccountId).min(1).max(100),
  defaultAccount: AccountId,
};
const AnyServer = z.object(shape).partial();
type AnyServer = z.infer<typeof AnyServer>;

interface Rule {
  readonly at: keyof AnyServer;
  readonly says: string;
  readonly isBroken: (server: AnyServer) => boolean;
}

const both = (server: AnyServer, names: readonly (keyof AnyServer)[]): boolean =>
  names.filter((name) => server[name] !== undefined).length > 1;

const isOfPeople = ({ url, source, open, signIn }: AnyServer): boolean =>
  url !== undefined && !source && !open && (signIn?.kind ?? 'person') === 'person';

/** What goes together in one server, and what does not. */
const rules: readonly Rule[] = [
  {
    at: 'url',
    says: 'one of url, issuer and command says what it is',
    isBroken: ({ url, issuer, command }) => (url ?? issuer ?? command) === undefined,
  },
  {
    at: 'command',
    says: 'one of url, issuer and command says what it is, not several',
    isBroken: (server) => both(server, ['url', 'issuer', 'command']),
  },
  {
    at: 'source',
    says: 'a server has either a sign-in or a token source: leave out signIn or source',
    isBroken: (server) => both(server, ['signIn', 'source']),
  },
  {
    at: 'open',
    says: 'an open server wants no credential: leave out open, or signIn and source',
    isBroken: ({ open, signIn, source }) => open === true && (signIn ?? source) !== undefined,
  },
  {
    at: 'source',
    says: 'a credential goes to a server at an address; a program gets secrets in its env',
    isBroken: ({ url, source }) => url === undefined && source !== undefined,
  },
  {
    at: 'signIn',
    says: 'a program that is run here needs no sign-in',
    isBroken: ({ command, signIn }) => command !== undefined && signIn !== undefined,
  },
  {
    at: 'open',
    says: 'only a server at an address is open or not',
    isBroken: ({ url, open }) => url === undefined && open !== undefined,
  },
  {
    at: 'signIn',
    says: 'a client secret or a key goes with a clientId',
    // One that is only named may be of a client that is settled already.
    isBroken: ({ signIn = {} }) => lacksClient(signIn, keptSecrets),
  },
  {
    at: 'signIn',
    says: 'the client secret is read once (clientSecret) or each time (clientSecretFrom), not both',
    isBroken: ({ signIn = {} }) => hasTwoSecrets(signIn),
  },
  {
    at: 'clientCertificate',
    says: 'a certificate is shown to a server at an address',
    isBroken: ({ url, clientCertificate }) => url === undefined && clientCertificate !== undefined,
  },
  {
    at: 'accounts',
    says: 'several accounts are for servers that people sign in to',
    isBroken: (server) => server.accounts !== undefined && !isOfPeople(server),
  },
  {
    at: 'accounts',
    says: 'each account is named once',
    isBroken: ({ accounts = [] }) => new Set(accounts).size < accounts.length,
  },
  {
    at: 'defaultAccount',
    says: 'the default account is one of accounts',
    isBroken: ({ accounts = [], defaultAccount }) =>
      defaultAccount !== undefined && !accounts.includes(defaultAccount),
  },
];

export const FileServer = AnyServer.superRefine((server, context) => {
  for (const { at, says, isBroken } of rules)
    if (isBroken(server)) context.addIssue({ code: 'custom', path: [at], message: says });
});
export type FileServer = z.infer<typeof FileServer>;

/** A part that is not said stays. What has to go together is looked at once they are joined. */
const FileDoor = z.object({
  /** Where AI clients were told to come to; it counts from the next start on. */
  port: z.number().int().min(1).max(65_535).optional(),
  ...DoorSettings.shape,
  callers: DoorSettings.shape.callers.unwrap().optional(),
  proxies: DoorSettings.shape.proxies.unwrap().optional(),
});
export type FileDoor = z.infer<typeof FileDoor>;

const FileDoors = z.object({ http: FileDoor.optional() });

export const DrawbridgeFile = z.object({
  /** For editors. */
  $schema: z.string().optional(),
  servers: z.record(ServerId, FileServer).default({}),
  doors: FileDoors.optional(),
  rules: z.array(RuleWish).max(MOST_RULES).default([]),
});
export type DrawbridgeFile = z.infer<typeof DrawbridgeFile>;

/** Where in a file something stands. */
export const FilePath = z.array(z.union([z.string(), z.number().int()]));
export type FilePath = z.infer<typeof FilePath>;

/** What has to be mended before anything is imported. */
export const FileFault = z.object({
  path: FilePath,
  message: z.string(),
  hint: z.string().optional(),
});
export type FileFault = z.infer<typeof FileFault>;

/** A field that becomes another; absent is what is not there. */
export const FileChange = z.object({
  path: FilePath,
  from: z.json().optional(),
  to: z.json().optional(),
});
export type FileChange = z.infer<typeof FileChange>;

/** One server, a door or a rule of a file, and what becomes of it. */
export const FileStep = z.object({
  path: FilePath,
  does: z.enum(['add', 'change', 'nothing']),
  changes: z.array(FileChange),
  /** What the person should know of it. */
  notes: z.array(z.string()),
});
export type FileStep = z.infer<typeof FileStep>;

/** What a person has to agree to: it could be to their harm if somebody else has written the file. */
export const FileAgreement = z.object({ path: FilePath, says: z.string() });
export type FileAgreement = z.infer<typeof FileAgreement>;

export const ApplyFile = z.object({
  file: DrawbridgeFile,
  /** Put into the vault under these names first: what another program had written down. */
  secrets: z.record(SecretName, z.string().min(1).max(20_000)).default({}),
  /** Only looks at what would become of it. */
  dryRun: z.boolean().default(false),
});
export type ApplyFile = z.infer<typeof ApplyFile>;

export const AppliedFile = z.object({
  /** What there was before, as a file. */
  present: DrawbridgeFile,
  /** With any of these nothing is done at all. */
  faults: z.array(FileFault),
  steps: z.array(FileStep),
  /** Whoever applies it has asked for these before. */
  agreements: z.array(FileAgreement),
  /** How many of the steps are done, in their order. */
  done: z.number().int(),
  /** Why the step after those was not, nor any later one. */
  problem: Problem.optional(),
});
export type AppliedFile = z.infer<typeof AppliedFile>;
