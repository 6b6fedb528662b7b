/** How the credential of a server is got where nobody signs in: one row a kind. Secrets stand in it as references only. */
import { z } from 'zod';
import { exactly } from './exactly.ts';
import { Program } from './local-server.ts';
import {
  brokenReferenceIn,
  holdsReference,
  REFERENCE_FORMS,
  SECRET_NAME,
  SecretValue,
  Value,
} from './references.ts';

/** Headers that hold credentials, by their usual names. */
const isSecretive = (name: string): boolean =>
  /auth|token|secret|key|cookie|password|credential|signature/i.test(name) &&
  // It says of what type the credential beside it is.
  !/-type$/i.test(name);

/** What the bridge itself has to say in each request: whoever could set these could bend its words. */
const ours: ReadonlySet<string> = new Set([
  'accept',
  'connection',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'last-event-id',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const HeaderName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, 'not the name of a header')
  .refine(
    (name) => !ours.has(name.toLowerCase()) && !name.toLowerCase().startsWith('mcp-'),
    'a header that Drawbridge sets itself',
  );

/** The name of a secret in the vault. */
export const SecretName = z
  .string()
  .regex(new RegExp(`^${SECRET_NAME}$`), 'letters, digits, dots, hyphens and underscores');
export type SecretName = z.infer<typeof SecretName>;

const VariableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'not the name of a variable');

/** Argument by argument: no shell reads it. */
const ProgramLine = z.array(z.string().max(4096)).min(1).max(100);

const SigningAlgorithm = z.enum([
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'HS256',
  'HS384',
  'HS512',
  'PS256',
  'RS256',
]);

const Seconds = z.number().int().positive();

const Https = z
  .string()
  .max(4096)
  .refine((text) => URL.canParse(text), 'not an address');

const tokenRequest = {
  /** Who issues the token: its token endpoint is looked up there, unless it is given. */
  issuer: Https.optional(),
  tokenUrl: Https.optional(),
  clientId: z.string().min(1).max(2000).optional(),
  clientSecret: SecretValue.optional(),
  scopes: z.array(z.string().min(1).max(500)).max(100).optional(),
  audience: z.string().min(1).max(2000).optional(),
  resource: z.string().min(1).max(4096).optional(),
};

/** How a client proves who it is without a secret in the request (RFC 7523 section 2.2). */
const clientProof = {
  /** PEM or JWK: Drawbridge signs with it. */
  clientKey: SecretValue.optional(),
  /** What somebody trusted has signed: the token of a workload, say. */
  clientAssertion: SecretValue.optional(),
  clientAssertionCommand: ProgramLine.optional(),
};

/** Two proofs of who asks cannot both be right. */
const isProvenOnce = (settings: Readonly<Record<string, unknown>>): boolean =>
  ['clientSecret', 'clientKey', 'clientAssertion', 'clientAssertionCommand'].filter(
    (name) => settings[name] !== undefined,
  ).length === 1;
const PROVEN_ONCE = 'one of clientSecret, clientKey, clientAssertion and clientAssertionCommand';

/** A part of a host name or of a path there: what is put together with it is the address that was meant. */
const Label = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/, 'letters, digits, hyphens');

const kinds = {
  /** The same headers with each request. */
  headers: exactly({
    kind: z.literal('headers'),
    headers: z
      .record(HeaderName, Value)
      .refine(
        (all) =>
          Object.entries(all).every(([name, value]) => !isSecretive(name) || holdsReference(value)),
        `a header for a credential holds it only as ${REFERENCE_FORMS}`,
      )
      .refine(
        (all) =>
          new Set(Object.keys(all).map((name) => name.toLowerCase())).size ===
          Object.keys(all).length,
        'a header is there twice',
      )
      .refine((all) => Object.keys(all).length > 0 && Object.keys(all).length <= 30, '1 to 30'),
  }),
  /** A token that somebody else made: `${file:PATH}` is read anew for each request. */
  bearer: exactly({ kind: z.literal('bearer'), token: SecretValue }),
  /** What a program prints: a token, or one of the forms that credential programs have. */
  command: exactly({
    kind: z.literal('command'),
    command: ProgramLine,
    /** Variables that it gets besides those that every program needs. */
    env: z.array(VariableName).max(100).default([]),
    timeoutS: Seconds.max(110).default(30),
  }),
  /** A JWT that Drawbridge signs itself (RFC 7519). */
  jwt: exactly({
    kind: z.literal('jwt'),
    algorithm: SigningAlgorithm,
    /** PEM or JWK; of the HS algorithms, the shared secret. */
    key: SecretValue,
    keyId: z.string().min(1).max(500).optional(),
    claims: z
      .record(z.string().min(1).max(200), z.json())
      .refine(
        (all) => !holdsReference(JSON.stringify(all)),
        'claims are signed as they stand here',
      ),
    lifeS: Seconds.min(30).max(86_400).default(300),
  }),
  /** Key-pair sign-in of Snowflake. */
  snowflake: exactly({
    kind: z.literal('snowflake'),
    account: z.string().min(1).max(300),
    user: z.string().min(1).max(300),
    key: SecretValue,
    keyPassphrase: SecretValue.optional(),
  }),
  /** The token of a GitHub App where it is installed. */
  'github-app': exactly({
    kind: z.literal('github-app'),
    /** The app's id or its client id. */
    app: z.string().min(1).max(100),
    key: SecretValue,
    /** Its number, or whose it is: an organization or user, or `owner/repository`. */
    installation: z.union([
      z.number().int().positive(),
      z
        .string()
        .regex(/^[A-Za-z0-9-]{1,100}(\/[A-Za-z0-9._-]{1,100})?$/, 'owner or owner/repository'),
    ]),
    api: Https.default('https://api.github.com'),
  }),
  /** A token for another one (RFC 8693): that of a workload, say. */
  'token-exchange': exactly({
    kind: z.literal('token-exchange'),
    ...tokenRequest,
    subjectToken: SecretValue.optional(),
    /** A program that prints it. */
    subjectCommand: ProgramLine.optional(),
    subjectTokenType: z.string().max(200).default('urn:ietf:params:oauth:token-type:jwt'),
  }).refine(
    ({ subjectToken, subjectCommand }) =>
      (subjectToken === undefined) !== (subjectCommand === undefined),
    'either subjectToken or subjectCommand',
  ),
  /** A token for a JWT that somebody trusted has signed (RFC 7523). */
  'jwt-bearer': exactly({
    kind: z.literal('jwt-bearer'),
    ...tokenRequest,
    assertion: SecretValue.optional(),
    /** A program that prints it. */
    assertionCommand: ProgramLine.optional(),
  }).refine(
    ({ assertion, assertionCommand }) =>
      (assertion === undefined) !== (assertionCommand === undefined),
    'either assertion or assertionCommand',
  ),
  /** A token for Drawbridge itself (RFC 6749 section 4.4). */
  'client-credentials': exactly({
    kind: z.literal('client-credentials'),
    ...{ ...tokenRequest, ...clientProof },
    clientId: tokenRequest.clientId.unwrap(),
  }).refine(isProvenOnce, PROVEN_ONCE),
  /** The same of Microsoft Entra. */
  entra: exactly({
    kind: z.literal('entra'),
    /** Its id, or a domain of it. */
    tenant: Label,
    clientId: tokenRequest.clientId.unwrap(),
    clientSecret: SecretValue.optional(),
    ...clientProof,
    /** PEM: the one that was uploaded for `clientKey`. */
    certificate: Value.optional(),
    /** The application id URI of what the token is for. */
    resource: tokenRequest.resource.unwrap(),
    authority: Https.default('https://login.microsoftonline.com'),
  })
    .refine(isProvenOnce, PROVEN_ONCE)
    .refine(
      ({ clientKey, certificate }) => (clientKey === undefined) === (certificate === undefined),
      'clientKey and certificate belong together',
    ),
  /** Google: a service account, else the application-default credentials of this machine. */
  google: exactly({
    kind: z.literal('google'),
    /** What Google Cloud made as the key of a service account, JSON. */
    key: SecretValue.optional(),
    /** Of an access token. */
    scopes: z.array(z.string().min(1).max(500)).min(1).max(100).optional(),
    /** An ID token for it instead: the address of a Cloud Run service, say. */
    audience: tokenRequest.audience,
  }).refine(
    ({ scopes, audience }) => scopes === undefined || audience === undefined,
    'scopes are for an access token, and audience is for an ID token',
  ),
  /** Each request is signed for a service of AWS (Signature Version 4). */
  'aws-sigv4': exactly({
    kind: z.literal('aws-sigv4'),
    region: Label,
    /** As AWS spells it in signatures: `bedrock-agentcore`, `execute-api`, `lambda`. */
    service: Label,
    /** Of the AWS config files. Absent: what is in the environment, else the profile that it names. */
    profile: z.string().min(1).max(200).optional(),
    accessKeyId: Value.optional(),
    secretAccessKey: SecretValue.optional(),
    sessionToken: SecretValue.optional(),
    /** What the machine or container has been given by AWS: its metadata service is asked. */
    instance: z.boolean().default(false),
  })
    .refine(
      ({ accessKeyId, secretAccessKey, sessionToken }) =>
        (accessKeyId === undefined) === (secretAccessKey === undefined) &&
        (accessKeyId !== undefined || sessionToken === undefined),
      'accessKeyId and secretAccessKey belong together',
    )
    .refine(
      ({ profile, accessKeyId, instance }) =>
        [profile !== undefined, accessKeyId !== undefined, instance].filter(Boolean).length <= 1,
      'one of profile, accessKeyId and instance',
    ),
} as const;

export const TokenSource = z.discriminatedUnion('kind', [
  kinds.headers,
  kinds.bearer,
  kinds.command,
  kinds.jwt,
  kinds.snowflake,
  kinds['github-app'],
  kinds['token-exchange'],
  kinds['jwt-bearer'],
  kinds['client-credentials'],
  kinds.entra,
  kinds.google,
  kinds['aws-sigv4'],
]);
export type TokenSource = z.infer<typeof TokenSource>;

/** Stricter than what rests: a record from before must not be lost for what it holds. */
export const TokenSourceWish = TokenSource.superRefine((source, context) => {
  const [name, [program] = []] = namedProgram(source) ?? [];
  const [problem] = name === undefined ? [] : (Program.safeParse(program).error?.issues ?? []);
  if (name !== undefined && problem !== undefined)
    context.addIssue({ code: 'custom', path: [name, 0], message: problem.message });
  for (const [part, value] of Object.entries(source)) {
    const broken = commands.includes(part) ? undefined : brokenReferenceIn(value);
    if (broken !== undefined)
      context.addIssue({
        code: 'custom',
        path: [part],
        message: `${broken} stands for nothing: write ${REFERENCE_FORMS}, or $\${ for the letters themselves`,
      });
  }
});
export type TokenSourceKind = TokenSource['kind'];
const sourceKinds = Object.keys(kinds) as [TokenSourceKind, ...TokenSourceKind[]];
export const TokenSourceKind = z.enum(sourceKinds);
export type TokenSourceOf<K extends TokenSourceKind> = Extract<TokenSource, { kind: K }>;

const commands = ['command', 'subjectCommand', 'assertionCommand', 'clientAssertionCommand'];

/** The program that a source runs, with its arguments; undefined where it runs none that is named here. */
export const programIn = (source: object | undefined): readonly string[] | undefined =>
  namedProgram(source)?.[1];

const namedProgram = (source: object | undefined) =>
  Object.entries(source ?? {}).find(([name]) => commands.includes(name)) as
    | readonly [name: string, command: readonly string[]]
    | undefined;
