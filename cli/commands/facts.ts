/** `drawbridge facts <server>` */
import {
  type AccountFacts,
  type Claim,
  endpointNames,
  factOrigins,
  type HeldSignIn,
  type TokenView,
} from '../../shared/contract/account-facts.ts';
import { type ClientSource, signInExceptions } from '../../shared/contract/sign-in-settings.ts';
import { timeAgo, timeLeft } from '../../shared/expiry.ts';
import { accountKey } from '../account-key.ts';
import { inColumns } from '../columns.ts';
import { accountOption, type Command } from '../command.ts';

export const facts: Command = {
  usage: 'facts <server>',
  summary: 'show where a sign-in stands: scopes, times, claims, and where each endpoint was found',
  help: [
    '',
    '  --account <id>  which account, when the server has several',
    '  --look          where nothing is kept, ask the server and its sign-in service where they are',
    '',
    'No token is shown. What a token says of itself is decoded and not verified; what may be a secret in it is left out.',
  ],
  words: [1, 1],
  options: { ...accountOption, look: { type: 'boolean' } },
  run: async ({ words: [server = ''], option, flag, terminal, control }) => {
    const client = await control();
    const key = await accountKey(client, server, option('account'));
    const told = await client.accountFacts(key, { look: flag('look') });
    // A long value must not push what is said of others out of sight: that stands behind it, and in no column of its own.
    const rows = rowsOf(told, Date.now()).map(([name = '', value = '', more = '']) => [
      name,
      more === '' ? value : `${value} (${more})`,
    ]);
    terminal.facts(inColumns(rows), told);
  },
};

type Row = readonly string[];
type Facts<K extends AccountFacts['kind']> = Extract<AccountFacts, { kind: K }>;

const rowsOf = (told: AccountFacts, now: number): Row[] => {
  switch (told.kind) {
    case 'sign-in':
      return ofSignIn(told, now);
    case 'source':
      return ofSource(told, now);
    case 'local':
      return ofLocal(told);
    case 'open':
      return [['sign-in', 'none is needed']];
  }
};

const ofSignIn = ({ held, endpoints, exceptions }: Facts<'sign-in'>, now: number): Row[] => [
  ...(held === undefined ? [['sign-in', 'nobody is signed in']] : ofHeld(held, now)),
  ...endpoints.map(({ what, url, from }) => [
    endpointNames[what].says,
    url,
    factOrigins[from].says,
  ]),
  ...(endpoints.length === 0 ? [['endpoints', 'not known: --look asks for them']] : []),
  ...exceptions.map(({ exception, from, heeded }) => [
    'exception',
    `the server ${signInExceptions[exception].breaks}`,
    heeded ? factOrigins[from].says : 'not heeded: the policy does not allow it',
  ]),
];

/** How a client id came to be. */
const clientWords: Readonly<Record<ClientSource, string>> = {
  given: 'given by hand',
  published: 'the address of our client document',
  registered: 'registered by Drawbridge',
  dynamic: 'registered by Drawbridge',
  none: '',
};

/** How it proves which client it is. */
const proofWords: Readonly<Record<string, string>> = {
  none: 'without a secret',
  client_secret_basic: 'with a secret',
  client_secret_post: 'with a secret',
  private_key_jwt: 'with a signature',
};

const ofHeld = (held: HeldSignIn, now: number): Row[] => {
  const { client, scopes, resource, issuer } = held;
  const rows: (Row | undefined)[] = [
    ['signed in as', held.label ?? held.subject ?? 'somebody whom the service does not name'],
    row('subject', held.subject),
    ['issuer', issuer.url, factOrigins[issuer.from].says],
    [
      'client',
      client.id,
      `${clientWords[client.from]}, ${proofWords[client.authMethod] ?? client.authMethod}`,
    ],
    row('client secret until', time(client.secretEndsAt, now)),
    resource && ['for', resource.url, factOrigins[resource.from].says],
    row('scopes asked', scopes.asked?.join(' '), scopes.from && factOrigins[scopes.from].says),
    row('scopes granted', scopes.granted?.join(' ')),
    ['got', `${new Date(held.obtainedAt).toISOString()} (${timeAgo(held.obtainedAt, now)})`],
    row('expires', time(held.expiresAt, now)),
    row('renews', time(held.renewsAt, now)),
    row('ends', time(held.endsAt, now)),
    ['refresh token', held.hasRefreshToken ? 'kept' : 'none'],
    row('cannot be renewed', held.ended?.message),
    held.shows === 'id-token' ? ['shown to the server', 'the ID token'] : undefined,
    ...ofToken('access token', held.accessToken),
    ...(held.idToken === undefined ? [] : ofToken('ID token', held.idToken)),
  ];
  return rows.filter((one) => one !== undefined);
};

const row = (name: string, value: string | undefined, more = ''): Row | undefined =>
  value === undefined ? undefined : [name, value, more];

const time = (at: number | undefined, now: number): string | undefined =>
  at === undefined ? undefined : `${new Date(at).toISOString()} (${timeLeft(at, now)})`;

const ofToken = (name: string, token: TokenView): Row[] => {
  if (token.form === 'opaque') return [[name, 'opaque: only who issued it can read it']];
  const header = Object.entries(token.header).map(([part, value]) => `${part} ${value}`);
  const head = `JWT, ${header.join(', ')}`;
  if (token.form !== 'jwt') return [[name, `${head}, ${token.form}`]];
  return [
    [name, `${head}; decoded, not verified`],
    // Its issuer has chosen the name, which could be one of ours.
    ...token.claims.map((claim) => [`claim ${claim.name}`, valueOf(claim)]),
    ...(token.more === 0 ? [] : [['claims', `${token.more} more`]]),
  ];
};

const valueOf = ({ value, more, at }: Claim): string => {
  if (value === undefined) return '(not shown)';
  if (at !== undefined) return `${value} (${new Date(at).toISOString()})`;
  return more === undefined ? value : `${value}... (${more} more characters)`;
};

const ofSource = (told: Facts<'source'>, now: number): Row[] => {
  const rows = [
    ['credential', told.source],
    row('got', told.gotAt === undefined ? 'not yet' : new Date(told.gotAt).toISOString()),
    row('expires', time(told.expiresAt, now)),
    row('renews', time(told.renewsAt, now)),
    row('problem', told.problem?.message),
  ];
  return rows.filter((one) => one !== undefined);
};

const ofLocal = ({ processes, secrets, problem }: Facts<'local'>): Row[] => {
  const rows = [
    ['program', processes === 'shared' ? 'one for all AI clients' : 'one for each AI client'],
    ...(secrets ?? []).map(({ name, isKept }) => ['secret', name, isKept ? 'kept' : 'missing']),
    row('problem', problem?.message),
  ];
  return rows.filter((one) => one !== undefined);
};
