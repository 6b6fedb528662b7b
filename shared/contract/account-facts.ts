/** Where the sign-in of an account stands, in facts. There is no place in it for a token, nor for a part of one. */
import { z } from 'zod';
import { Problem } from './problems.ts';
import { ClientSource, SignInException, SignInKind } from './sign-in-settings.ts';
import { TokenSourceKind } from './token-sources.ts';

interface Words {
  /** As a person can follow it. */
  readonly says: string;
}

/** Where a fact came from. */
export const factOrigins = {
  challenge: { says: 'named by the server when it asked for a sign-in (WWW-Authenticate)' },
  'well-known': { says: 'found at its well-known address' },
  'resource-metadata': { says: 'said by the server in its protected-resource metadata' },
  metadata: { says: 'said by the sign-in service in its metadata' },
  settings: { says: 'settled by hand' },
  preset: { says: 'known of this server: a preset of Drawbridge' },
  address: { says: 'the address of the server' },
  fallback: { says: 'published nowhere: what MCP prescribed in 2025-03-26' },
  unknown: { says: 'found at a sign-in that did not note where' },
} as const satisfies Record<string, Words>;

export type FactOrigin = keyof typeof factOrigins;
export const FactOrigin = z.enum(Object.keys(factOrigins) as [FactOrigin, ...FactOrigin[]]);

/** What can be found on the way to a sign-in, in the order in which it is. */
export const endpointNames = {
  'resource-metadata': { says: 'protected-resource metadata' },
  'service-metadata': { says: 'authorization server metadata' },
  authorize: { says: 'authorization endpoint' },
  'pushed-authorization': { says: 'pushed authorization requests' },
  token: { says: 'token endpoint' },
  registration: { says: 'registration of clients' },
  revocation: { says: 'revocation of tokens' },
  device: { says: 'codes for other devices' },
  userinfo: { says: 'who somebody is (userinfo)' },
  introspection: { says: 'introspection of tokens' },
  keys: { says: 'signing keys' },
} as const satisfies Record<string, Words>;

export type EndpointName = keyof typeof endpointNames;
const endpoints = Object.keys(endpointNames) as [EndpointName, ...EndpointName[]];
export const EndpointName = z.enum(endpoints);

export const FoundEndpoint = z.object({
  what: EndpointName,
  url: z.string(),
  from: FactOrigin,
  /** The document that says so, where one does. */
  at: z.string().optional(),
});
export type FoundEndpoint = z.infer<typeof FoundEndpoint>;

/** A claim of a token: text that its issuer chose, fit for a line. */
export const Claim = z.object({
  name: z.string(),
  /** Text as it is, anything else as JSON; absent where it may be a secret, and is not shown. */
  value: z.string().optional(),
  /** How many characters of it are not shown. */
  more: z.number().int().optional(),
  /** Of a claim that is a time, Unix time in ms. */
  at: z.number().optional(),
});
export type Claim = z.infer<typeof Claim>;

const TokenHeader = z.object({
  alg: z.string().optional(),
  kid: z.string().optional(),
  typ: z.string().optional(),
});

/** What a token says of itself. */
export const TokenView = z.discriminatedUnion('form', [
  /** Only who issued it can read it. */
  z.object({ form: z.literal('opaque') }),
  /** Only whom it is for can read it. */
  z.object({ form: z.literal('encrypted'), header: TokenHeader }),
  /** Without a signature, so that its claims are all there is to it: none of them are shown. */
  z.object({ form: z.literal('unsigned'), header: TokenHeader }),
  z.object({
    form: z.literal('jwt'),
    header: TokenHeader,
    /** Decoded only: whether it is true is for whoever the token is shown to. */
    verified: z.literal(false),
    claims: z.array(Claim),
    /** How many claims are not shown, for there are too many. */
    more: z.number().int(),
  }),
]);
export type TokenView = z.infer<typeof TokenView>;

/** What is held of a sign-in. Times are Unix ms. */
const HeldSignIn = z.object({
  issuer: z.object({ url: z.string(), from: FactOrigin }),
  client: z.object({
    id: z.string(),
    from: ClientSource,
    /** How Drawbridge proves at the token endpoint which client it is. */
    authMethod: z.string(),
    /** When its secret ends, where it does. */
    secretEndsAt: z.number().optional(),
    /** Where a browser comes back to; absent where none does. */
    redirect: z.string().optional(),
  }),
  scopes: z.object({
    /** Absent where the choice was left to the service, or was not noted. */
    asked: z.array(z.string()).optional(),
    /** Where the wish came from; absent where nothing was asked for, or it was not noted. */
    from: FactOrigin.optional(),
    granted: z.array(z.string()).optional(),
  }),
  /** What the tokens were asked for (RFC 8707); absent where nothing was said. */
  resource: z.object({ url: z.string(), from: FactOrigin }).optional(),
  subject: z.string().optional(),
  label: z.string().optional(),
  obtainedAt: z.number(),
  expiresAt: z.number().optional(),
  renewsAt: z.number().optional(),
  /** When even renewing comes to an end, where the service said so. */
  endsAt: z.number().optional(),
  hasRefreshToken: z.boolean(),
  /** Whether new tokens can be had without the person. */
  renewable: z.boolean(),
  /** Why it cannot be renewed any more. */
  ended: Problem.optional(),
  /** What the server is shown. */
  shows: z.enum(['access-token', 'id-token']),
  accessToken: TokenView,
  /** Absent where none is kept. */
  idToken: TokenView.optional(),
});
export type HeldSignIn = z.infer<typeof HeldSignIn>;

const ExceptionOnRecord = z.object({
  exception: SignInException,
  from: z.enum(['settings', 'preset']),
  /** False where the administrator's policy does not let it count. */
  heeded: z.boolean(),
});

/** By how the account comes to be let in. */
export const AccountFacts = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('sign-in'),
    how: SignInKind,
    /** Absent while nobody is signed in. */
    held: HeldSignIn.optional(),
    /** Empty where nothing is known: then a look at the server may tell. */
    endpoints: z.array(FoundEndpoint),
    /** When the server was asked for them just now, Unix time in ms; absent where they are those of the sign-in. */
    lookedAt: z.number().optional(),
    exceptions: z.array(ExceptionOnRecord),
  }),
  /** A credential that is got without a person. Times are Unix ms. */
  z.object({
    kind: z.literal('source'),
    source: TokenSourceKind,
    /** Whether it is being got just now. */
    getting: z.boolean(),
    /** Absent while there is none. */
    gotAt: z.number().optional(),
    expiresAt: z.number().optional(),
    renewsAt: z.number().optional(),
    problem: Problem.optional(),
  }),
  /** A program that Drawbridge runs. */
  z.object({
    kind: z.literal('local'),
    processes: z.enum(['own', 'shared']),
    /** Its secret variables, by name, and whether there is a value for each; absent while the vault is closed. */
    secrets: z.array(z.object({ name: z.string(), isKept: z.boolean() })).optional(),
    problem: Problem.optional(),
  }),
  /** Nobody has to sign in. */
  z.object({ kind: z.literal('open') }),
]);
export type AccountFacts = z.infer<typeof AccountFacts>;

export const FactsWish = z.object({
  /** Where nothing is kept of how a sign-in is found, the server and its sign-in service are asked. */
  look: z.boolean().default(false),
});
