/** ToolHive's run configuration of one remote server (`thv export`), as a file of ours. */
import type { FileFault, FilePath } from '../../shared/contract/drawbridge-file.ts';
import { SignInException, SignInWish } from '../../shared/contract/sign-in-settings.ts';
import { TokenSource } from '../../shared/contract/token-sources.ts';

export interface LeftOut {
  /** As it stands in that file. */
  readonly what: string;
  readonly why: string;
}

interface Converted {
  readonly value: unknown;
  readonly secrets: Readonly<Record<string, string>>;
  readonly leftOut: readonly LeftOut[];
  readonly faults: readonly FileFault[];
  /** Where in the other file something of ours comes from. */
  readonly origin: (path: FilePath) => FilePath;
}

type Fields = Readonly<Record<string, unknown>>;

/** By its shape: no file of ours has any of these at its top. */
export const isToolHive = (value: unknown): value is Fields =>
  isFields(value) &&
  !Object.hasOwn(value, 'servers') &&
  ['schemaversion', 'remoteurl', 'image'].some((name) => lookUp(value, name) !== undefined);

export const fromToolHive = (config: Fields): Converted => {
  const name = textOf(lookUp(config, 'name')?.value) ?? 'server';
  const id = idIn(name);
  const origins: [ours: FilePath, theirs: FilePath][] = [];
  const secrets: Record<string, string> = {};
  const leftOut: LeftOut[] = [];
  const faults: FileFault[] = [];

  const url = lookUp(config, 'remoteurl');
  const remote = lookUp(config, 'remoteauthconfig');
  const auth = isFields(remote?.value) ? remote.value : {};
  const under = (field: string): FilePath => [remote?.name ?? 'remote_auth_config', field];
  const take = (field: string, ours: FilePath): unknown => {
    const found = lookUp(auth, field);
    if (found === undefined || isNothing(found.value)) return undefined;
    origins.push([['servers', id, ...ours], under(found.name)]);
    return found.value;
  };
  /** In ToolHive's own store it cannot be read: it is asked for by its name. */
  const secret = (value: unknown, called: string): string | undefined => {
    const text = textOf(value);
    if (text === undefined) return undefined;
    const [, stored] = /^([^,]+),target=.+$/.exec(text) ?? [];
    if (stored !== undefined) return `\${vault:${secretName(stored)}}`;
    secrets[secretName(called)] = text;
    return `\${vault:${secretName(called)}}`;
  };
  const file = (value: unknown): string | undefined =>
    textOf(value) === undefined ? undefined : `\${file:${textOf(value)}}`;

  const signIn = withoutNothing({
    clientId: take('clientid', ['signIn', 'clientId']),
    clientSecret:
      secret(take('clientsecret', ['signIn', 'clientSecret']), `${id}-client-secret`) ??
      file(take('clientsecretfile', ['signIn', 'clientSecret'])),
    scopes: take('scopes', ['signIn', 'scopes']),
    parameters: take('oauthparams', ['signIn', 'parameters']),
    redirect: redirectAt(take('callbackport', ['signIn', 'redirect'])),
    issuer: take('issuer', ['signIn', 'issuer']),
    authorizeUrl: take('authorizeurl', ['signIn', 'authorizeUrl']),
    tokenUrl: take('tokenurl', ['signIn', 'tokenUrl']),
    resource: take('resource', ['signIn', 'resource']),
    timeoutS: seconds(take('timeout', ['signIn', 'timeoutS'])),
    noBrowser: take('skipbrowser', ['signIn', 'noBrowser']),
    exceptions:
      lookUp(auth, 'usepkce')?.value === false && lookUp(auth, 'clientid') !== undefined
        ? ['pkce-off']
        : undefined,
  });

  const bearer =
    secret(take('bearertoken', ['source']), `${id}-token`) ??
    file(take('bearertokenfile', ['source']));
  const headers = {
    ...forwarded(lookUp(config, 'headerforward')?.value, id, secret),
    ...ofRegistry(take('headers', ['source', 'headers'])),
  };
  const source = sourceOf(bearer, headers);
  // Its sign-in comes with a client or a service; the rest of it has values that say nothing by themselves.
  const signsIn = ['clientId', 'issuer', 'authorizeUrl', 'tokenUrl'].some((key) => key in signIn);
  if (source !== undefined && signsIn && bearer === undefined)
    leftOut.push({ what: 'header_forward', why: 'a server has either a sign-in or headers here' });
  if (bearer !== undefined && signsIn)
    leftOut.push({
      what: 'the OAuth settings',
      why: 'a server has either a sign-in or a token here',
    });
  const usesSource = source !== undefined && (bearer !== undefined || !signsIn);
  const known = knownHere(signIn, leftOut);

  if (url === undefined || isNothing(url.value))
    faults.push({
      path: [lookUp(config, 'image')?.name ?? 'remote_url'],
      message: 'this is a container, and Drawbridge imports remote servers only',
      hint: `add it as a program: drawbridge add-local ${id} -- docker run -i --rm <image>`,
    });
  const tools = lookUp(config, 'toolsfilter')?.value;
  leftOut.push(...others(config, topLevel), ...others(auth, ofAuth, 'remote_auth_config.'));
  origins.push([['servers', id, 'url'], [url?.name ?? 'remote_url']]);
  origins.push([['servers', id, 'title'], ['name']]);

  const server = {
    ...(textOf(url?.value) === undefined ? { open: true } : { url: textOf(url?.value) }),
    title: name,
    ...(usesSource ? { source } : Object.keys(known).length > 0 ? { signIn: known } : {}),
  };
  return {
    value: {
      servers: faults.length > 0 ? {} : { [id]: server },
      rules: Array.isArray(tools) && tools.length > 0 ? [{ server: id, allow: tools }] : [],
    },
    ...{ secrets, leftOut, faults },
    origin: (path) => originOf(path, origins),
  };
};

/** What is read here, or says nothing beyond what Drawbridge finds out or does by itself. */
const topLevel: Readonly<Record<string, string | undefined>> = {
  ...Object.fromEntries(
    [
      ...['schemaversion', 'name', 'remoteurl', 'remoteauthconfig', 'headerforward', 'image'],
      ...['containername', 'basename', 'transport', 'proxymode', 'toolsfilter', 'debug'],
      ...['registryurl', 'registryapiurl', 'registryservername', 'containerlabels', 'targethost'],
      ...['targetport', 'permissionprofile', 'permissionprofilenameorpath', 'middlewareconfigs'],
    ].map((name) => [name, undefined]),
  ),
  host: 'AI clients come in at the door of Drawbridge: drawbridge connect',
  port: 'AI clients come in at the door of Drawbridge: drawbridge connect',
  thvcabundle: 'certificates are for all servers here: drawbridge settings --ca-file',
  toolsoverride: 'tools keep the names that their server gives them',
  tokenexchangeconfig: 'write it as a source of kind token-exchange (docs/token-sources.md)',
  awsstsconfig: 'write it as a source of kind aws-sigv4 (docs/token-sources.md)',
};

const ofAuth: Readonly<Record<string, string | undefined>> = {
  ...Object.fromEntries(
    [
      ...['clientid', 'clientsecret', 'clientsecretfile', 'scopes', 'oauthparams', 'callbackport'],
      ...['issuer', 'authorizeurl', 'tokenurl', 'resource', 'timeout', 'skipbrowser', 'usepkce'],
      ...['bearertoken', 'bearertokenfile', 'headers'],
    ].map((name) => [name, undefined]),
  ),
  scopeparamname: 'scopes are asked for as `scope`; another name is not possible yet',
  envvars: 'a remote server has no environment here',
};

const others = (fields: Fields, rows: typeof topLevel, before = ''): readonly LeftOut[] =>
  Object.entries(fields)
    .filter(([name, value]) => !isNothing(value) && value !== false && !isRead(name, rows))
    .map(([name]) => ({
      what: `${before}${name}`,
      why:
        rows[bare(name)] ??
        (bare(name).startsWith('cached')
          ? 'what ToolHive was given stays with it: sign in here once'
          : 'it has no counterpart here'),
    }));

const isRead = (name: string, rows: typeof topLevel): boolean =>
  Object.hasOwn(rows, bare(name)) && rows[bare(name)] === undefined;

/** What this Drawbridge can settle; the rest is told. */
const knownHere = (signIn: Fields, leftOut: LeftOut[]): Fields => {
  const isKnown = ([name, value]: [string, unknown]): boolean =>
    name === 'exceptions'
      ? SignInException.safeParse((value as readonly unknown[])[0]).success
      : Object.hasOwn(SignInWish.shape, name);
  const entries = Object.entries(signIn);
  for (const entry of entries.filter((each) => !isKnown(each)))
    leftOut.push({ what: entry[0], why: 'this Drawbridge cannot settle it' });
  return Object.fromEntries(entries.filter(isKnown));
};

const sourceOf = (bearer: string | undefined, headers: Readonly<Record<string, string>>) => {
  if (Object.keys(headers).length === 0)
    return bearer === undefined ? undefined : { kind: 'bearer', token: bearer };
  const authorization = bearer === undefined ? {} : { Authorization: `Bearer ${bearer}` };
  return { kind: 'headers', headers: { ...headers, ...authorization } };
};

const forwarded = (
  value: unknown,
  id: string,
  secret: (value: unknown, called: string) => string | undefined,
): Readonly<Record<string, string>> => {
  if (!isFields(value)) return {};
  const plain = lookUp(value, 'addplaintextheaders')?.value;
  const stored = lookUp(value, 'addheadersfromsecret')?.value;
  return Object.fromEntries([
    ...Object.entries(isFields(plain) ? plain : {}).map(([name, text]) => [
      name,
      // One for a credential stands here only by name.
      isAllowed(name, text) ? text : secret(text, `${id}-${name}`),
    ]),
    ...Object.entries(isFields(stored) ? stored : {}).map(([name, text]) => [
      name,
      `\${vault:${secretName(String(text).split(',')[0] ?? '')}}`,
    ]),
  ]) as Readonly<Record<string, string>>;
};

const isAllowed = (name: string, value: unknown): boolean =>
  TokenSource.safeParse({ kind: 'headers', headers: { [name]: value } }).success;

/** Headers that a registry describes: only those with a value say anything. */
const ofRegistry = (value: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (Array.isArray(value) ? value : []).filter(isFields).flatMap((header) => {
      const [name, text] = ['name', 'default'].map((key) => textOf(lookUp(header, key)?.value));
      return name === undefined || text === undefined ? [] : [[name, text]];
    }),
  );

const redirectAt = (port: unknown): string | undefined =>
  typeof port === 'number' ? `http://localhost:${port}/callback` : undefined;

/** Go writes nanoseconds as a number, and `2m30s` as text. */
const seconds = (value: unknown): number | undefined => {
  if (typeof value === 'number') return limited(value / 1e9);
  const parts = [...(textOf(value) ?? '').matchAll(/([\d.]+)(h|ms|m|s)/g)];
  if (parts.length === 0) return undefined;
  const lengths: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };
  return limited(
    parts.reduce((sum, [, n, unit = 's']) => sum + Number(n) * (lengths[unit] ?? 1), 0),
  );
};

const limited = (s: number): number => Math.round(Math.min(3600, Math.max(30, s)));

const originOf = (path: FilePath, origins: readonly [FilePath, FilePath][]): FilePath => {
  const [, theirs] =
    origins
      .filter(([ours]) => ours.every((part, at) => path[at] === part))
      .sort(([one], [other]) => other.length - one.length)[0] ?? [];
  return theirs ?? path;
};

/** Old files have `ClientID`, new ones `client_id`: both are `clientid` here. */
const bare = (name: string): string => name.replaceAll('_', '').toLowerCase();

const lookUp = (fields: Fields, name: string): { name: string; value: unknown } | undefined => {
  const found = Object.entries(fields).find(([key]) => bare(key) === name);
  return found === undefined ? undefined : { name: found[0], value: found[1] };
};

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** What Go writes for what was not set. */
const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  value === 0 ||
  (typeof value === 'object' && Object.keys(value).length === 0) ||
  value === '0001-01-01T00:00:00Z';

const withoutNothing = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

const idIn = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 20) || 'server';

const secretName = (text: string): string =>
  text
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64);
