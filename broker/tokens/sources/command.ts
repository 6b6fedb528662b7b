/** The credential that a program prints: a token, or one of the forms that credential programs have. */
import { z } from 'zod';
import { ProblemError } from '../../../shared/contract/problems.ts';
import type { TokenSourceOf } from '../../../shared/contract/token-sources.ts';
import { inheritedFrom } from '../../program-environment.ts';
import { Secret } from '../../vault/secret.ts';
import { tokenIn } from './header-value.ts';
import type { Minted, Source, SourceDeps } from './source.ts';

/** Where programs that sign people in keep what they know; without the bus, none of a desktop reaches the keychain. */
const forCredentials = [
  ...['XDG_CACHE_HOME', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'XDG_STATE_HOME'],
  'DBUS_SESSION_BUS_ADDRESS',
];

export const commandSource = (
  { command, env: more, timeoutS }: TokenSourceOf<'command'>,
  { run, now }: Pick<SourceDeps, 'run' | 'now'>,
  environment: SourceDeps['env'],
): Source => ({
  isCheap: false,
  mint: async (signal) => {
    const env = programEnvironment(environment, more);
    const secrets = secretsOf(env, more);
    const program = { command, env, secrets, timeoutMs: timeoutS * 1000 };
    return credentialIn(await run(program, signal), command[0] ?? '', now());
  },
});

/** How long a program may take whose output is only shown for something else. ms */
const ON_THE_WAY_MS = 30_000;

/** What a program prints as a token, to be shown for another one. Rejects like `Run`, and with `source-failed`. */
export const printedToken = async (
  command: readonly string[],
  { run, now, env: environment }: Pick<SourceDeps, 'run' | 'now' | 'env'>,
  signal: AbortSignal,
): Promise<Secret> => {
  const env = programEnvironment(environment, []);
  const program = { command, env, secrets: [], timeoutMs: ON_THE_WAY_MS };
  return credentialIn(await run(program, signal), command[0] ?? '', now()).token;
};

/** What programs get of `environment`: what every one needs, those that sign people in too, and `more`. */
export const programEnvironment = (
  environment: Readonly<Record<string, string | undefined>>,
  more: readonly string[],
): Readonly<Record<string, string>> =>
  inheritedFrom(environment, process.platform, [...forCredentials, ...more]);

/** Shorter ones would cut ordinary words out of what a program says. */
const SHORTEST_SECRET = 8;

/** What was named for a program may be a secret, and is hidden like one. */
export const secretsOf = (
  env: Readonly<Record<string, string>>,
  names: readonly string[],
): readonly Secret[] =>
  names
    .map((name) => env[name] ?? '')
    .filter(({ length }) => length >= SHORTEST_SECRET)
    .map((value) => new Secret(value));

/** Unix s or ISO 8601, as programs write it. */
export const Moment = z.union([
  z.number().transform((seconds) => seconds * 1000),
  z.string().transform((text, { addIssue }) => {
    // AWS's tools wrote `UTC` for `Z` once.
    const at = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text.replace(/UTC$/, 'Z'));
    if (Number.isNaN(at)) addIssue('no moment');
    return at;
  }),
]);

/** `client.authentication.k8s.io`, what kubectl gets its credentials in. */
const ExecCredential = z.object({
  kind: z.literal('ExecCredential'),
  status: z.object({ token: z.string(), expirationTimestamp: Moment.nullish() }),
});

/** The names that other programs have for the same. */
const Plain = z.looseObject({
  token: z.string().optional(),
  access_token: z.string().optional(),
  accessToken: z.string().optional(),
  password: z.string().optional(),
  credential: z.string().optional(),
  expires_in: z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]).optional(),
  expires_at: Moment.optional(),
  expiresAt: Moment.optional(),
  expiresOn: Moment.optional(),
  expires_on: Moment.optional(),
  expiration: Moment.optional(),
  password_expiry_utc: Moment.optional(),
});

type Printed = Extract<Minted, { token: Secret }>;

/** What was printed, as a credential. Throws `source-failed`; `now` is in Unix ms. */
export const credentialIn = (printed: string, program: string, now: number): Printed => {
  const text = printed.replace(/^\uFEFF/, '').replace(/(\r?\n)+$/, '');
  if (text.trimStart().startsWith('{')) return fromJson(text, program, now);
  const lines = text.split(/\r?\n/);
  if (lines.some((line) => /^(password|credential)=/.test(line)))
    return fromGit(lines, program, now);
  return { token: tokenIn(plainText(text, program), program) };
};

/** A token that is no text of JSON. What tools print where they have none is JSON too, or a word of its language. */
const plainText = (text: string, program: string): string => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = text === 'undefined' || text === 'None' ? undefined : text;
  }
  if (typeof value === 'string') return value;
  throw noCredential(program, 'what it printed stands for no text');
};

/** As Git's credential helpers have it: attributes, one a line. */
const fromGit = (lines: readonly string[], program: string, now: number): Printed => {
  const attributes: Readonly<Record<string, string>> = Object.fromEntries(
    lines.filter((line) => line.includes('=')).map((line) => cut(line, line.indexOf('='))),
  );
  const { authtype = 'bearer' } = attributes;
  if (authtype.toLowerCase() !== 'bearer')
    throw noCredential(program, 'its authtype is another one than Bearer');
  return fromPlain(attributes, program, now);
};

const cut = (line: string, at: number): [string, string] => [line.slice(0, at), line.slice(at + 1)];

const fromJson = (text: string, program: string, now: number): Printed => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // What it printed may be half a secret: none of it is quoted.
    throw noCredential(program, 'it began like JSON, and is none');
  }
  if (!ExecCredential.pick({ kind: true }).safeParse(value).success)
    return fromPlain(value, program, now);
  const { data } = ExecCredential.safeParse(value);
  if (data === undefined) throw noCredential(program, 'its ExecCredential has no token in it');
  const { token, expirationTimestamp } = data.status;
  return living(
    { token: tokenIn(token, program), expiresAt: expirationTimestamp ?? undefined },
    ...([program, now] as const),
  );
};

const fromPlain = (value: unknown, program: string, now: number): Printed => {
  const { data } = Plain.safeParse(value);
  if (data === undefined) throw noCredential(program, 'its members are not of the usual kinds');
  const token =
    data.token ?? data.access_token ?? data.accessToken ?? data.credential ?? data.password;
  if (token === undefined) throw noCredential(program, 'it has no member token or access_token');
  const at =
    data.expires_at ??
    data.expiresAt ??
    data.expires_on ??
    data.expiresOn ??
    data.expiration ??
    data.password_expiry_utc;
  const inMs = data.expires_in === undefined ? undefined : now + data.expires_in * 1000;
  return living({ token: tokenIn(token, program), expiresAt: inMs ?? at }, program, now);
};

const living = (minted: Printed, program: string, now: number): Printed => {
  if (minted.expiresAt === undefined || minted.expiresAt > now) return minted;
  throw new ProblemError('source-failed', `${program} gave a credential that has run out already`, {
    hint: 'it may keep an old one: sign in with it by hand, and look at the clock',
  });
};

const noCredential = (program: string, hint: string): ProblemError =>
  new ProblemError('source-failed', `${program} gave no credential`, { hint });
