/** ToolHive's run configuration of one remote server (`thv export`), as a file of ours. */
import type { FileFault, FilePath } from '../../shared/contract/drawbridge-file.ts';
import { referenceTo, vaultNamesIn } from '../../shared/contract/references.ts';
import { TokenSource } from '../../shared/contract/token-sources.ts';
import { isObject } from '../../shared/is-object.ts';
import {
  authFields,
  type Fields,
  isNothing,
  type LeftOut,
  lookUp,
  middlewaresIn,
  othersIn,
  topFields,
} from './toolhive-fields.ts';

interface Converted {
  readonly value: unknown;
  readonly secrets: Readonly<Record<string, string>>;
  readonly leftOut: readonly LeftOut[];
  readonly faults: readonly FileFault[];
  /** Where in the other file something of ours comes from. */
  readonly origin: (path: FilePath) => FilePath;
}

/** By its shape: no file of ours has any of these at its top. */
export const isToolHive = (value: unknown): value is Fields =>
  isObject(value) &&
  !Object.hasOwn(value, 'servers') &&
  ['schemaversion', 'remoteurl', 'image'].some((name) => lookUp(value, name) !== undefined);

export const fromToolHive = (config: Fields): Converted => {
  const remote = lookUp(config, 'remoteauthconfig');
  const auth = isObject(remote?.value) ? remote.value : {};
  const name = textOf(lookUp(config, 'name')?.value) ?? 'server';
  const id = idIn(name);
  const found: Record<string, string> = {};
  const named = namer(found);
  const signIn = signInOf(auth, id, named);
  const source = sourceOf(config, auth, id, named);
  const isBearer = isSet(auth, 'bearertoken') || isSet(auth, 'bearertokenfile');
  // The rest of a sign-in has values that say nothing by themselves.
  const signsIn = ['clientId', 'issuer', 'authorizeUrl', 'tokenUrl'].some((key) => key in signIn);
  const usesSource = source !== undefined && (isBearer || !signsIn);
  const leftOut: LeftOut[] = [
    ...othersIn(config, topFields),
    ...othersIn(auth, authFields, 'remote_auth_config.'),
    ...middlewaresIn(config),
  ];
  const known = usesSource || saysNothing(signIn) ? {} : signIn;
  if (source !== undefined && signsIn)
    leftOut.push(
      usesSource
        ? { what: 'the OAuth settings', why: 'a server has either a sign-in or a token here' }
        : { what: 'the headers', why: 'a server has either a sign-in or headers here' },
    );

  const url = lookUp(config, 'remoteurl');
  const tools = lookUp(config, 'toolsfilter')?.value;
  const isRemote = textOf(url?.value) !== undefined;
  const server = {
    ...{ title: name, url: url?.value },
    ...(usesSource ? { source } : Object.keys(known).length > 0 ? { signIn: known } : {}),
  };
  const value = {
    servers: isRemote ? { [id]: server } : {},
    rules: Array.isArray(tools) && tools.length > 0 ? [{ server: id, allow: tools }] : [],
  };
  const used = Object.entries(found).filter(([key]) => vaultNamesIn(value).includes(key));
  return {
    ...{ value, leftOut, secrets: Object.fromEntries(used) },
    faults: isRemote ? [] : [aContainer(id, lookUp(config, 'image')?.name ?? 'remote_url')],
    origin: (path) => originOf(path, config, auth, remote?.name),
  };
};

const aContainer = (id: string, field: string): FileFault => ({
  path: [field],
  message: 'this is a container, and Drawbridge imports remote servers only',
  hint: `add it as a program: drawbridge add-local ${id} -- docker run -i --rm <image>`,
});

/** Something of ours, and whence it comes. */
interface Row {
  readonly theirs: string;
  readonly ours: string;
  readonly as?: (value: unknown) => unknown;
}

const rows: readonly Row[] = [
  { theirs: 'clientid', ours: 'clientId' },
  { theirs: 'scopes', ours: 'scopes' },
  { theirs: 'oauthparams', ours: 'parameters' },
  { theirs: 'callbackport', ours: 'redirect', as: (port) => redirectAt(port) },
  { theirs: 'issuer', ours: 'issuer' },
  { theirs: 'authorizeurl', ours: 'authorizeUrl' },
  { theirs: 'tokenurl', ours: 'tokenUrl' },
  { theirs: 'resource', ours: 'resource' },
  { theirs: 'timeout', ours: 'timeoutS', as: (time) => seconds(time) },
  { theirs: 'skipbrowser', ours: 'noBrowser' },
];

/** What a secret is called here; what is written down goes into the vault by that name. */
type Named = (value: unknown, called: string) => string | undefined;

const namer =
  (found: Record<string, string>): Named =>
  (value, called) => {
    const text = textOf(value);
    if (text === undefined) return undefined;
    // In ToolHive's own store it cannot be read: it is asked for by the name that it has there.
    const [, stored] = /^([^,]+),target=.+$/.exec(text) ?? [];
    const name = secretName(stored ?? called);
    if (stored === undefined) found[name] = text;
    return referenceTo('vault', name);
  };

const fileAt = (value: unknown): string | undefined => {
  const file = textOf(value);
  return file === undefined ? undefined : referenceTo('file', file);
};

const signInOf = (auth: Fields, id: string, named: Named): Fields => {
  const value = (name: string): unknown => lookUp(auth, name)?.value;
  const plain = rows
    .filter(({ theirs }) => isSet(auth, theirs))
    .map(({ theirs, ours, as = same }): [string, unknown] => [ours, as(value(theirs))]);
  return withoutNothing({
    ...Object.fromEntries(plain),
    clientSecretFrom:
      named(value('clientsecret'), `${id}-client-secret`) ?? fileAt(value('clientsecretfile')),
  });
};

const same = (value: unknown): unknown => value;

const sourceOf = (config: Fields, auth: Fields, id: string, named: Named): unknown => {
  const bearer =
    named(lookUp(auth, 'bearertoken')?.value, `${id}-token`) ??
    fileAt(lookUp(auth, 'bearertokenfile')?.value);
  const headers = {
    ...ofRegistry(lookUp(auth, 'headers')?.value),
    ...forwarded(lookUp(config, 'headerforward')?.value, id, named),
  };
  if (Object.keys(headers).length === 0)
    return bearer === undefined ? undefined : { kind: 'bearer', token: bearer };
  const authorization = bearer === undefined ? {} : { Authorization: `Bearer ${bearer}` };
  return { kind: 'headers', headers: { ...headers, ...authorization } };
};

/** Where in that file something of ours comes from. */
const originOf = (path: FilePath, config: Fields, auth: Fields, remote?: string): FilePath => {
  const [top, , part, field] = path;
  // What stood in that file itself: which of its fields it was, the name says.
  if (top === 'vault') return remote === undefined ? [] : [remote];
  if (top === 'rules') return [lookUp(config, 'toolsfilter')?.name ?? 'tools_filter'];
  if (top !== 'servers') return path;
  if (part === 'title') return [lookUp(config, 'name')?.name ?? 'name'];
  const theirs = [
    ...rows.filter(({ ours }) => ours === field).map((row) => row.theirs),
    ...(field === 'clientSecretFrom' ? ['clientsecret', 'clientsecretfile'] : []),
    ...(part === 'source' ? ['bearertoken', 'bearertokenfile', 'headers'] : []),
  ].find((name) => isSet(auth, name));
  if (part === 'signIn' || (part === 'source' && theirs !== undefined))
    return [
      remote ?? 'remote_auth_config',
      ...(theirs === undefined ? [] : [lookUp(auth, theirs)?.name ?? theirs]),
    ];
  const from = part === 'source' ? 'headerforward' : 'remoteurl';
  return [lookUp(config, from)?.name ?? 'remote_url'];
};

const isSet = (fields: Fields, name: string): boolean => !isNothing(lookUp(fields, name)?.value);

/** These stand in the file of every remote server: whether it wants a sign-in, the server is asked. */
const saysNothing = (signIn: Fields): boolean =>
  Object.keys(signIn).every((name) => ['redirect', 'timeoutS'].includes(name));

const forwarded = (value: unknown, id: string, secret: Named): Readonly<Record<string, string>> => {
  if (!isObject(value)) return {};
  const plain = lookUp(value, 'addplaintextheaders')?.value;
  const stored = lookUp(value, 'addheadersfromsecret')?.value;
  return Object.fromEntries([
    ...Object.entries(isObject(plain) ? plain : {}).map(([name, text]) => [
      name,
      // One for a credential stands here only by name.
      isAllowed(name, text) ? text : secret(text, `${id}-${name}`),
    ]),
    ...Object.entries(isObject(stored) ? stored : {}).map(([name, text]) => [
      name,
      referenceTo('vault', secretName(String(text).split(',')[0] ?? '')),
    ]),
  ]) as Readonly<Record<string, string>>;
};

const isAllowed = (name: string, value: unknown): boolean =>
  TokenSource.safeParse({ kind: 'headers', headers: { [name]: value } }).success;

/** Headers that a registry describes: only those with a value say anything. */
const ofRegistry = (value: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (Array.isArray(value) ? value : []).filter(isObject).flatMap((header) => {
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

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

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
