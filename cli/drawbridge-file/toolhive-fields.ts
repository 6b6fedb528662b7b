/** The fields of ToolHive's run configuration: which are read, and why the others have no place here. */
import { isObject } from '../../shared/is-object.ts';

export type Fields = Readonly<Record<string, unknown>>;

export interface LeftOut {
  /** As it stands in that file. */
  readonly what: string;
  readonly why: string;
}

/** Undefined for one that is read. */
type Rows = Readonly<Record<string, string | undefined>>;

/** What is read here, or says nothing beyond what Drawbridge finds out or does by itself. */
export const topFields: Rows = {
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

export const authFields: Rows = {
  // `use_pkce` is false wherever nobody said so, and ToolHive uses PKCE all the same.
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

/** What is set in it and has no place here, with why. */
export const othersIn = (fields: Fields, rows: Rows, before = ''): readonly LeftOut[] =>
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

/** What ToolHive puts before every server, or says in other fields as well. */
const usualMiddleware: ReadonlySet<string> = new Set([
  ...['auth', 'mcp-parser', 'recovery', 'tool-filter', 'tool-call-filter', 'header-forward'],
  ...['usagemetrics', 'telemetry'],
]);

/** What is done to requests on their way, with why it is not done here. */
export const middlewaresIn = (config: Fields): readonly LeftOut[] => {
  const all = lookUp(config, 'middlewareconfigs');
  return (Array.isArray(all?.value) ? all.value : [])
    .map((one: unknown) =>
      isObject(one) && typeof one['type'] === 'string' ? one['type'] : 'one without a type',
    )
    .filter((type) => !usualMiddleware.has(type))
    .map((type) => ({
      what: `${all?.name}: ${type}`,
      why: topFields[`${bare(type).replaceAll('-', '')}config`] ?? 'it has no counterpart here',
    }));
};

const isRead = (name: string, rows: Rows): boolean =>
  Object.hasOwn(rows, bare(name)) && rows[bare(name)] === undefined;

/** Old files have `ClientID`, new ones `client_id`: both are `clientid` here. */
const bare = (name: string): string => name.replaceAll('_', '').toLowerCase();

export const lookUp = (
  fields: Fields,
  name: string,
): { name: string; value: unknown } | undefined => {
  const found = Object.entries(fields).find(([key]) => bare(key) === name);
  return found === undefined ? undefined : { name: found[0], value: found[1] };
};

/** What Go writes for what was not set. */
export const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  value === 0 ||
  (typeof value === 'object' && Object.keys(value).length === 0) ||
  value === '0001-01-01T00:00:00Z';
