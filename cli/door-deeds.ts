/** What does each word behind `drawbridge door` make of the door's settings? One row a deed. */
import { readFile } from 'node:fs/promises';
import { type DoorCaller, type DoorSettings, isForSame } from '../shared/contract/door.ts';
import { ProblemError } from '../shared/contract/problems.ts';
import type { Invocation } from './command.ts';
import { fullPath } from './full-path.ts';

type Given = Pick<Invocation, 'flag' | 'option' | 'options'>;

interface Deed {
  /** The options that belong to it. */
  readonly takes: readonly string[];
  /** What is to be settings is checked by whoever asks. */
  readonly next: (now: DoorSettings, given: Given) => unknown;
}

export const doorOptions = {
  issuer: { type: 'string' },
  jwks: { type: 'string' },
  'plain-jwt': { type: 'boolean' },
  introspect: { type: 'boolean' },
  endpoint: { type: 'string' },
  'client-id': { type: 'string' },
  'client-secret': { type: 'string' },
  'client-post': { type: 'boolean' },
  kubernetes: { type: 'boolean' },
  api: { type: 'string' },
  'ca-file': { type: 'string' },
  'token-file': { type: 'string' },
  audience: { type: 'string', multiple: true },
  scope: { type: 'string', multiple: true },
  subject: { type: 'string' },
  group: { type: 'string' },
  claim: { type: 'string' },
  anyone: { type: 'boolean' },
  name: { type: 'string' },
  server: { type: 'string', multiple: true },
  every: { type: 'boolean' },
  public: { type: 'string' },
  address: { type: 'string' },
  port: { type: 'string' },
  proxy: { type: 'string', multiple: true },
  nowhere: { type: 'boolean' },
  free: { type: 'boolean' },
  file: { type: 'string' },
} as const;

const condition = ['subject', 'group', 'claim', 'anyone'] as const;

export const doorDeeds: Readonly<Record<string, Deed>> = {
  verify: {
    takes: [
      ...['issuer', 'jwks', 'plain-jwt', 'introspect', 'endpoint', 'client-id', 'client-secret'],
      ...['client-post', 'kubernetes', 'api', 'ca-file', 'token-file', 'audience', 'scope'],
    ],
    next: (now, given) => ({ ...now, verify: verifierOf(given) }),
  },
  keys: {
    takes: [],
    next: ({ verify: _verify, listen: _listen, ...rest }) => rest,
  },
  allow: {
    takes: [...condition, 'name', 'server', 'every'],
    next: (now, given) => {
      const row = rowOf(given);
      return { ...now, callers: [...now.callers.filter((one) => !isForSame(one, row)), row] };
    },
  },
  disallow: {
    takes: condition,
    next: (now, given) => {
      const row = rowOf(given);
      const left = now.callers.filter((one) => !isForSame(one, row));
      if (left.length < now.callers.length) return { ...now, callers: left };
      throw new ProblemError('not-found', 'nothing is open to such callers', {
        hint: 'drawbridge door shows to whom; say all that is said of them there',
      });
    },
  },
  listen: {
    takes: ['public', 'address', 'port', 'proxy', 'nowhere'],
    next: (now, given) => {
      const { publicAddress: _public, listen: _listen, proxies: _proxies, ...rest } = now;
      if (given.flag('nowhere')) return rest;
      const [address, port] = [given.option('address'), given.option('port')];
      return {
        ...rest,
        ...named({ publicAddress: given.option('public') }),
        ...(address === undefined && port === undefined
          ? {}
          : { listen: { address, port: Number(port) } }),
        proxies: given.options('proxy'),
      };
    },
  },
  set: {
    takes: ['file'],
    next: async (_now, { option }) => JSON.parse(await textOf(option('file') ?? '')) as unknown,
  },
};

const verifierOf = ({ flag, option, options }: Given): unknown => {
  if (flag('introspect') && flag('kubernetes'))
    throw new ProblemError('bad-usage', '--introspect and --kubernetes are two ways: one of them');
  const lists = Object.fromEntries(
    [['audiences', options('audience')] as const, ['scopes', options('scope')] as const].filter(
      ([, all]) => all.length > 0,
    ),
  );
  const issuer = option('issuer');
  if (flag('kubernetes'))
    return {
      ...named({ issuer, api: option('api'), caFile: fullPath(option('ca-file')) }),
      ...named({ tokenFile: fullPath(option('token-file')) }),
      ...lists,
      kind: 'kubernetes',
    };
  if (flag('introspect'))
    return {
      ...named({ issuer, endpoint: option('endpoint'), clientId: option('client-id') }),
      ...named({ clientSecret: option('client-secret') }),
      ...(flag('client-post') ? { clientAuth: 'post' } : {}),
      ...lists,
      kind: 'introspection',
    };
  return {
    ...named({ issuer, jwksUrl: option('jwks') }),
    ...(flag('plain-jwt') ? { plainJwt: true } : {}),
    ...lists,
    kind: 'jwks',
  };
};

/** Also the row that is to go: what it opened is of no matter then. */
const rowOf = ({ flag, option, options }: Given): DoorCaller => {
  const [name, value] = splitOnce(option('claim'));
  if (name !== undefined && value === undefined)
    throw new ProblemError('bad-usage', 'a claim is given as --claim name=value');
  const servers = options('server');
  return {
    ...named({ subject: option('subject'), group: option('group'), name: option('name') }),
    ...(name === undefined || value === undefined ? {} : { claim: { name, value } }),
    ...(flag('anyone') ? { anyone: true as const } : {}),
    servers: flag('every') ? 'every' : [...servers],
  };
};

/** Names of claims can be addresses, but hold no equals sign. */
const splitOnce = (text: string | undefined): [name?: string, value?: string] => {
  if (text === undefined) return [];
  const at = text.indexOf('=');
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
};

const named = <T extends Record<string, unknown>>(all: T) =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };

const textOf = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ProblemError('bad-usage', `${JSON.stringify(file)} cannot be read`, {
      hint: 'drawbridge door set --file <file>',
      cause,
    });
  });
