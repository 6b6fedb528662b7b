/** The options that settle how a server is signed in to, for the commands that take them. */
import type { ParseArgsOptionsConfig } from 'node:util';
import { ProblemError } from '../shared/contract/problems.ts';
import {
  SignInException,
  SignInKind,
  SignInWish,
  signInExceptions,
} from '../shared/contract/sign-in-settings.ts';
import type { Invocation } from './command.ts';
import { fullPath } from './full-path.ts';
import { readPort } from './read-port.ts';
import { readSecretFile, readSecretLine } from './read-secret.ts';

export const signInOptions = {
  'client-id': { type: 'string' },
  'client-secret-file': { type: 'string' },
  'client-secret-from': { type: 'string' },
  'client-key-file': { type: 'string' },
  redirect: { type: 'string' },
  'callback-port': { type: 'string' },
  scope: { type: 'string', multiple: true },
  parameter: { type: 'string', multiple: true },
  allow: { type: 'string', multiple: true },
  issuer: { type: 'string' },
  'authorize-url': { type: 'string' },
  'token-url': { type: 'string' },
  resource: { type: 'string' },
  'no-browser': { type: 'boolean' },
  'sign-in-timeout': { type: 'string' },
  kind: { type: 'string' },
  'identity-provider': { type: 'string' },
  'id-token-file': { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

export const signInHelp: readonly string[] = [
  'For a server whose operator gave you a client id:',
  '  --client-id <id>             the client id',
  '  --client-secret-file <file>  a file whose first line is the client secret, if there is one',
  "  --client-secret-from <ref>   where it stands instead, read each time: '${file:PATH}', ${env:NAME} or ${vault:NAME}",
  '  --client-key-file <file>     a file with a private key (PEM or JWK), where that proves the client',
  '  --redirect <address>         the redirect that the operator was told, for instance http://localhost:8400/callback',
  '  --callback-port <port>       short for --redirect http://127.0.0.1:<port>/callback',
  '',
  'For a server with wishes of its own:',
  '  --scope <scope>              ask for this instead of what the server says; may be repeated',
  '  --parameter <name=value>     send this along to the page to sign in at; may be repeated',
  '  --issuer <address>           who signs people in there, whatever the server says',
  '  --authorize-url <address>    the page to sign in at, of a service that does not describe itself',
  '  --token-url <address>        and where its tokens are',
  '  --resource <name>            ask for tokens by this name instead of that of the server',
  '  --no-browser                 only show the address to sign in at, each time',
  '  --sign-in-timeout <seconds>  how long you may take to sign in: 30 to 3600, 600 unless told',
  ...Object.entries(signInExceptions).map(
    ([name, { breaks }]) => `  --allow ${name.padEnd(20)} go on although the server ${breaks}`,
  ),
  '',
  'For a server that nobody signs in to by hand:',
  '  --kind client-credentials    Drawbridge signs in with its own client id, and a secret or key',
  '  --kind enterprise            with the one sign-in at the identity provider of your company',
  '  --identity-provider <id>     which one (see: drawbridge add-identity-provider --help)',
];

/** What the options given say. Rejects with `bad-usage`, and when a file cannot be read. */
export const readSignInWish = async ({
  flag,
  option,
  options,
  terminal,
}: Pick<Invocation, 'flag' | 'option' | 'options' | 'terminal'>): Promise<SignInWish> => {
  const secretFile = option('client-secret-file');
  const keyFile = option('client-key-file');
  const scopes = options('scope');
  const parameters = options('parameter');
  const allowed = options('allow');
  const wish = {
    kind: oneOf(SignInKind, 'kind', option('kind')),
    clientId: option('client-id'),
    clientSecret: secretFile && (await readSecretLine(secretFile, terminal)),
    clientKey: keyFile && (await readSecretFile(keyFile, terminal)),
    redirect: readRedirect(option('redirect'), option('callback-port')),
    scopes: scopes.length === 0 ? undefined : scopes,
    parameters: parameters.length === 0 ? undefined : Object.fromEntries(parameters.map(pair)),
    exceptions:
      allowed.length === 0
        ? undefined
        : allowed.map((name) => oneOf(SignInException, 'allow', name)),
    clientSecretFrom: option('client-secret-from'),
    issuer: option('issuer'),
    authorizeUrl: option('authorize-url'),
    tokenUrl: option('token-url'),
    resource: option('resource'),
    noBrowser: flag('no-browser') || undefined,
    timeoutS: wholeNumber(option('sign-in-timeout')),
    identityProvider: option('identity-provider'),
    idTokenFile: fullPath(option('id-token-file')),
  };
  const given = Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined));
  const parsed = SignInWish.safeParse(given);
  if (parsed.success) return parsed.data;
  const [name] = parsed.error.issues[0]?.path ?? [];
  const wished = Object.entries(wishNames).find(([, one]) => one === name)?.[0];
  throw new ProblemError('bad-usage', `what was given as --${wished} cannot be used`, {
    hint: Object.entries(hints).find(([one]) => one === name)?.[1],
  });
};

/** What each option settles. */
export const wishNames = {
  'client-id': 'clientId',
  'client-secret-file': 'clientSecret',
  'client-secret-from': 'clientSecretFrom',
  'client-key-file': 'clientKey',
  redirect: 'redirect',
  'callback-port': 'redirect',
  scope: 'scopes',
  parameter: 'parameters',
  allow: 'exceptions',
  issuer: 'issuer',
  'authorize-url': 'authorizeUrl',
  'token-url': 'tokenUrl',
  resource: 'resource',
  'no-browser': 'noBrowser',
  'sign-in-timeout': 'timeoutS',
  kind: 'kind',
  'identity-provider': 'identityProvider',
  'id-token-file': 'idTokenFile',
} as const satisfies Record<keyof typeof signInOptions, keyof SignInWish>;

const hints: Partial<Record<keyof SignInWish, string>> = {
  redirect: 'a redirect is on this machine, for instance http://127.0.0.1:8400/callback',
  clientSecretFrom:
    'the secret itself is never written there, but ${file:PATH}, ${env:NAME} or ${vault:NAME}',
  timeoutS: 'whole seconds, 30 to 3600',
  scopes: 'a scope has no spaces, quotes or backslashes in it; for several, repeat the option',
};

const oneOf = <T extends string>(
  type: { readonly options: readonly T[] },
  name: string,
  text: string | undefined,
): T | undefined => {
  const found = type.options.find((candidate) => candidate === text);
  if (text === undefined || found !== undefined) return found;
  throw new ProblemError('bad-usage', `--${name} cannot be ${JSON.stringify(text)}`, {
    hint: `one of: ${type.options.join(', ')}`,
  });
};

const readRedirect = (
  redirect: string | undefined,
  portText: string | undefined,
): string | undefined => {
  const port = readPort(portText);
  if (port === undefined) return redirect;
  if (redirect !== undefined) {
    throw new ProblemError('bad-usage', '--redirect and --callback-port say the same thing twice');
  }
  return `http://127.0.0.1:${port}/callback`;
};

/** What is no number is for the schema to refuse. */
const wholeNumber = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;

const pair = (text: string): [string, string] => {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new ProblemError('bad-usage', `${JSON.stringify(text)} is no name=value`);
};
