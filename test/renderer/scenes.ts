/** Snapshots to look at and to test with. */
import { findActivity } from '../../broker/state/find-activity.ts';
import { type ActivityEntry, ActivityWish } from '../../shared/contract/activity.ts';
import type { RouteBody, RouteReply } from '../../shared/contract/routes.ts';
import type { ApprovalView, Rule } from '../../shared/contract/rules.ts';
import type {
  AccountState,
  AccountView,
  ServerView,
  Snapshot,
} from '../../shared/contract/snapshot.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export const account = (state: AccountState, more: Partial<AccountView> = {}): AccountView => ({
  id: 'default',
  state,
  since: Date.now(),
  ...more,
});

export const server = (
  id: string,
  title: string,
  accounts: AccountView[],
  url?: string,
  more: Partial<ServerView> = {},
): ServerView => ({
  id,
  kind: 'mcp',
  title,
  url: url ?? `https://mcp.${id}.example/mcp`,
  accounts,
  defaultAccount: accounts[0]?.id ?? 'default',
  ...more,
});

/** What is settled for a sign-in, when that is little. */
export const settled = (
  signIn: Omit<NonNullable<ServerView['signIn']>, 'hasClientSecret' | 'hasClientKey'> = {},
  holds: { hasClientSecret?: boolean; hasClientKey?: boolean } = {},
): Pick<ServerView, 'signIn'> => ({
  signIn: { hasClientSecret: false, hasClientKey: false, ...signIn, ...holds },
});

export const provider = (id: string, title: string, accounts: AccountView[]): ServerView =>
  server(id, title, accounts, `https://${id}.example/`, { kind: 'identity-provider' });

export const snapshot = (servers: ServerView[], more: Partial<Snapshot> = {}): Snapshot => ({
  revision: 1,
  version: '0.1.0',
  servers,
  vault: { kind: 'keychain', state: 'open' },
  doors: { http: 'http://127.0.0.1:7420' },
  notices: [],
  ...more,
});

/** Keys of AI clients for the HTTP door: used and never, for every server and for some. */
export const keyed = (): Partial<Snapshot> => ({
  doors: {
    http: 'http://127.0.0.1:7420',
    keys: [
      {
        id: '0a1b2c3d4e',
        aiClient: 'cursor',
        madeAt: Date.now() - 40 * DAY,
        usedAt: Date.now() - 4 * MINUTE,
      },
      {
        id: '5f60718293',
        aiClient: 'nightly report',
        madeAt: Date.now() - 2 * DAY,
        servers: ['sentry', 'github/work'],
      },
    ],
  },
});

/** What AI clients have asked so far: one of them has a key and rules as well. */
export const seenAiClients = (): RouteReply<'aiClients'>['aiClients'] => [
  {
    ...{ name: 'Cursor', lastAt: Date.now() - 4 * MINUTE, requests: 341 },
    ...{ servers: ['sentry', 'linear'], doors: ['http', 'shim'] },
  },
  {
    ...{ name: 'Claude', lastAt: Date.now() - 3.2 * 60 * MINUTE, requests: 1 },
    ...{ servers: ['linear'], doors: ['shim'] },
  },
];

/** Everything of the network is set, and some of it does not work. */
export const networkSet = (): RouteReply<'preferences'> => ({
  preferences: {
    ...{ proxy: 'http://proxy.acme.example:8080', hasProxyPassword: true },
    ...{ noProxy: '.acme.example, 10.0.0.0/8', caFile: '/etc/acme/authorities.pem' },
  },
  required: ['noProxy'],
  network: {
    proxy: { from: 'settings', hosts: ['proxy.acme.example:8080'] },
    certificates: {
      ...{ system: 0, file: 0 },
      problem: {
        code: 'ca-file-unusable',
        message: 'the file with certificate authorities cannot be read: /etc/acme/authorities.pem',
        hint: 'put it back, or choose another one',
      },
    },
  },
});

/** A door that takes the tokens of its callers. */
export const verifiedDoor = (): RouteReply<'door'> => ({
  settings: {
    verify: {
      ...{ kind: 'jwks', issuer: 'https://login.acme.example/realms/main' },
      ...{ audiences: ['https://mcp.acme.example'], scopes: ['mcp:use'] },
    },
    callers: [
      { group: 'engineering', servers: 'every' },
      { subject: '4711', name: 'Nightly report', servers: ['sentry', 'linear/work'] },
    ],
    publicAddress: 'https://mcp.acme.example',
    listen: { address: '10.0.0.7', port: 8400 },
    proxies: ['10.0.0.1'],
  },
  ...{ base: 'https://mcp.acme.example', port: 8400, restart: false },
});

/** Rules of every kind, for one and for all. */
export const ruled = (): readonly Rule[] => [
  { id: '00000000a1', aiClient: 'Cursor', server: 'sentry', deny: ['delete_*', 'drop_?'] },
  { id: '00000000a2', readOnly: true, server: 'linear/work' },
  {
    ...{ id: '00000000a3', aiClient: 'nightly report' },
    ...{ allow: ['get_*', 'list_*', 'search'], approve: ['create_*'] },
  },
];

/** What AI clients want to call, and may not without the person. */
export const asking = (): readonly ApprovalView[] => [
  {
    ...{ id: '00000000b1', server: 'sentry', account: 'default' },
    ...{ aiClient: 'Cursor', tool: 'delete_project' },
    ...{ askedAt: Date.now(), endsAt: Date.now() + 4.5 * MINUTE },
  },
  {
    ...{ id: '00000000b2', server: 'gone', account: 'work' },
    ...{ aiClient: 'nightly report', tool: 'create_issue' },
    ...{ askedAt: Date.now(), endsAt: Date.now() + 1.5 * MINUTE },
  },
];

/** The JSON that such a call would be made with. */
export const withArguments =
  '{"project":"web","reason":"It is \\u202eold","ids":[12345678901234567890,2],"force":true,"force":false}';

export const someTools = [
  { name: 'create_issue', readOnly: false },
  { name: 'delete_project', readOnly: false },
  { name: 'search', readOnly: true },
];

export const signedIn = (more: Partial<AccountView> = {}): AccountView =>
  account('signed-in', {
    label: 'ada@example.org',
    expiresAt: Date.now() + 43 * MINUTE,
    renewsAt: Date.now() + 30 * MINUTE,
    renewable: true,
    ...more,
  });

export const waiting = account('signing-in', {
  signIn: { step: 'waiting-for-browser', startedAt: Date.now() },
});

export const signInRefused = account('needs-sign-in', {
  problem: {
    code: 'sign-in-refused',
    message: 'the sign-in service said no: access was denied',
    hint: 'sign in again and approve the access Drawbridge asks for',
  },
});

export const withCode = account('signing-in', {
  signIn: {
    step: 'waiting-for-browser',
    startedAt: Date.now(),
    device: { userCode: 'WDJB-MJHT', address: 'https://login.linear.example/device' },
  },
});

/** What is said is being kept of everything, and of one server for longer. */
export const keeping = (): Partial<Snapshot> => ({
  capture: {
    running: [
      { until: Date.now() + 14 * MINUTE },
      { server: 'linear', until: Date.now() + 4 * 60 * MINUTE },
    ],
    holds: true,
  },
});

/** Refused for a habit of the server that the person may allow. */
export const pkceUnsaid = account('needs-setup', {
  problem: {
    code: 'pkce-unsupported',
    message: 'login.linear.example does not offer a protected sign-in (PKCE with S256)',
    hint: 'ask its operator to switch PKCE on',
    exception: 'pkce-unadvertised',
  },
});

export const needsClient = account('needs-setup', {
  problem: {
    code: 'registration-unavailable',
    message: 'login.linear.example does not let apps register themselves',
    hint: 'ask its operator for a client id, and tell them the redirect',
  },
});

/** A server that is signed in to as two people. */
export const twoPeople = server('linear', 'Linear', [
  signedIn(),
  signedIn({ id: 'work', label: 'grace@work.example', expiresAt: Date.now() + 3 * DAY }),
]);

/** A server of which everything is settled that can be. */
export const allSettled = (accounts: AccountView[]): ServerView =>
  server('linear', 'Linear', accounts, undefined, {
    ...settled(
      {
        clientId: 'drawbridge-at-work',
        redirect: 'http://localhost:8400/callback',
        scopes: ['issues:read', 'issues:write'],
        parameters: { audience: 'https://api.linear.example' },
        exceptions: ['pkce-unadvertised', 'resource-omitted'],
      },
      { hasClientSecret: true, hasClientKey: true },
    ),
  });

/** A server whose sign-in service was named by hand, and which is shown a certificate. */
export const namedByHand = (accounts: AccountView[]): ServerView =>
  server('linear', 'Linear', accounts, undefined, {
    ...settled({
      clientId: 'drawbridge-at-work',
      issuer: 'https://login.acme.example',
      authorizeUrl: 'https://login.acme.example/authorize',
      tokenUrl: 'https://login.acme.example/token',
      resource: 'https://mcp.acme.example',
      clientSecretFrom: '${file:/run/secrets/acme}',
      noBrowser: true,
      timeoutS: 1800,
    }),
    clientCertificate: {
      certificate: '${file:/etc/acme/client.pem}',
      key: '${vault:ACME_KEY}',
      alsoAt: ['https://login.acme.example'],
      endsAt: Date.now() + 23 * DAY + MINUTE,
    },
  });

/** A program that is run here, by itself with a secret. */
export const local = (
  accounts: AccountView[] = [account('open')],
  command: Partial<NonNullable<ServerView['command']>> = {},
): ServerView =>
  server('files', 'Files', accounts, 'local:files', {
    kind: 'local',
    command: {
      program: 'npx',
      args: ['-y', '@modelcontextprotocol/server-filesystem', '/home/ada/my notes'],
      ...{ env: {}, secretEnv: ['API_KEY'], processes: 'own' },
      ...command,
    },
  });

export const doesNotRun = account('does-not-run', {
  problem: {
    code: 'program-failed',
    message:
      'the program of Files ended 5 times within 5 minutes: Error: Cannot find module express',
    hint: 'it is tried again in 4 min, or at once by drawbridge doctor',
  },
});

export const secretMissing = account('does-not-run', {
  problem: {
    code: 'secret-missing',
    message: 'Files has no value for API_KEY',
    hint: 'it was wiped, or never given: drawbridge set-secret <server> <name>',
  },
});

/** Two servers that sign in with a company's identity provider, and the provider. */
export const company = (): Snapshot =>
  snapshot([
    server('wiki', 'Wiki', [signedIn()], undefined, enterprise),
    server('tickets', 'Tickets', [signedIn()], undefined, enterprise),
    provider('okta', 'Okta', [signedIn({ label: 'ada@company.example' })]),
  ]);
const enterprise = settled({ kind: 'enterprise', identityProvider: 'okta' });

/** One server in every state there is. */
export const everyState = (): Snapshot =>
  snapshot([
    server('open', 'Open docs', [account('open')]),
    server('linear', 'Linear', [signedIn()]),
    server('notion', 'Notion', [waiting]),
    server('asana', 'Asana', [account('renewing', { expiresAt: Date.now() + 90_000 })]),
    server('atlassian', 'Atlassian', [
      account('retrying', {
        expiresAt: Date.now() + 4 * MINUTE,
        problem: {
          code: 'server-trouble',
          message: 'the sign-in service answered with status 503',
        },
      }),
    ]),
    server('sentry', 'Sentry', [signInRefused]),
    server('paypal', 'PayPal', [account('offline', { expiresAt: Date.now() + 3 * DAY })]),
    server('stripe', 'Stripe', [
      signedIn({
        state: 'cannot-save',
        problem: {
          code: 'cannot-save',
          message: 'the vault cannot be written: the disk is full',
          hint: 'free some space; Drawbridge keeps trying',
        },
      }),
    ]),
    local([doesNotRun]),
    server('github', 'GitHub', [
      account('needs-setup', {
        problem: {
          code: 'registration-unavailable',
          message: 'this server does not let apps register themselves',
          hint: 'create an OAuth app there and give Drawbridge its client id',
        },
      }),
    ]),
  ]);

export const olderVault = {
  kind: 'keychain',
  state: 'closed',
  problem: {
    code: 'vault-rolled-back',
    message: 'the vault file is older than the one that was open last',
    hint: 'put the newer vault.sealed back; or, if you restored this one on purpose, open it in the window or with `drawbridge vault open --accept-older`: accounts renewed since may have to sign in again',
  },
} as const satisfies Snapshot['vault'];

export const lockedVault = {
  kind: 'keychain',
  state: 'closed',
  problem: {
    code: 'vault-locked',
    message: 'the keychain is locked',
    hint: 'unlock the keychain of your desktop session, then try again',
  },
} as const satisfies Snapshot['vault'];

export const passphraseVault = {
  kind: 'passphrase',
  state: 'closed',
  problem: {
    code: 'vault-wrong-key',
    message: 'this vault is sealed with a passphrase',
    hint: 'type it in the window, or give it to `drawbridge vault open --passphrase-prompt`',
  },
} as const satisfies Snapshot['vault'];

/** Sign-ins of which something is known to come: one renews itself, one lapses, one comes to its end. */
export const muchAhead = (): Snapshot =>
  snapshot([
    server('linear', 'Linear', [signedIn({ expiresAt: Date.now() + 43 * MINUTE })]),
    server('sentry', 'Sentry', [
      signedIn({
        expiresAt: Date.now() + 5 * 60 * MINUTE,
        renewsAt: Date.now() + 4.5 * 60 * MINUTE,
        endsAt: Date.now() + 12 * DAY,
      }),
    ]),
    server('asana', 'Asana', [
      signedIn({
        label: 'grace@work.example',
        renewable: false,
        renewsAt: undefined,
        expiresAt: Date.now() + 3 * DAY + MINUTE,
      }),
    ]),
    server('stripe', 'Stripe', [signedIn({ renewsAt: undefined, endsAt: Date.now() + 31 * DAY })]),
  ]);

/** Servers that AI clients have used, the first of them as two people. */
export const inUse = (revision = 1): Snapshot =>
  snapshot(
    [
      server(
        'linear',
        'Linear',
        [signedIn(), signedIn({ id: 'work', label: 'grace@work.example' })],
        undefined,
        {
          lastCallAt: Date.now() - 2.5 * MINUTE,
          usedBy: ['Claude', 'Cursor'],
        },
      ),
      server('docs', 'Public docs', [account('open')], undefined, {
        lastCallAt: Date.now() - 3.2 * 60 * MINUTE,
      }),
      server('sentry', 'Sentry', [signedIn()]),
    ],
    { activity: { revision, lastAt: Date.now() } },
  );

export const request = (id: number, more: Partial<ActivityEntry> = {}): ActivityEntry => ({
  id,
  // None is of a time to come, which may be one of the next hour.
  at: Date.now() - Math.max(0, 100 - id) * MINUTE,
  durationMs: 120 + id,
  server: 'linear',
  account: 'default',
  aiClient: 'Claude',
  door: 'http',
  method: 'tools/call',
  name: 'create_issue',
  outcome: 'answered',
  bytesIn: 420,
  bytesOut: 2_345,
  ...more,
});

/** What AI clients have asked, the newest first. */
export const requests: readonly ActivityEntry[] = [
  request(99),
  request(97, { outcome: 'tool-error', name: 'update_issue', account: 'work' }),
  request(96, { aiClient: 'Cursor', door: 'shim', name: undefined, method: 'tools/list' }),
  request(90, {
    aiClient: 'Cursor',
    door: 'shim',
    outcome: 'error',
    code: -32602,
    durationMs: 4_200,
  }),
  request(80, { outcome: 'error', code: 'needs-sign-in', name: undefined, method: 'initialize' }),
  request(70, {
    server: 'docs',
    method: 'resources/read',
    name: 'https://docs.example/a/rather/long/address/of/a/resource/that/goes/on/and/on',
    bytesOut: 3_100_000,
  }),
  request(60, { outcome: 'cancelled', durationMs: 190_000, name: 'search' }),
  request(50, { outcome: 'gone', aiClient: 'unknown', door: 'shim', name: 'search' }),
];

/** What was said in the first of them. */
export const saidIn = (entry: ActivityEntry): RouteReply<'captured'> => ({
  entry,
  asked: {
    text: JSON.stringify({
      jsonrpc: '2.0',
      id: 7,
      method: 'tools/call',
      params: {
        name: 'create_issue',
        arguments: { title: 'The bridge <b>creaks</b>', token: '[secret]' },
      },
    }),
  },
  answered: {
    text: `{"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"${'A long story. '.repeat(200)}`,
    isCut: true,
  },
});

/** What the broker would answer, were these all there are, the newest first. */
export const activityOf = (
  entries: readonly ActivityEntry[],
  wish: RouteBody<'activity'>,
  captured: readonly number[] = [],
): RouteReply<'activity'> => ({
  ...findActivity(entries.toReversed(), ActivityWish.parse(wish), Date.now()),
  ...(captured.length === 0 ? {} : { captured: [...captured] }),
  last: entries[0]?.id ?? 0,
});

/** Two servers whose sign-ins are in a vault that is closed for `vault`, and one that needs none. */
export const behind = (vault: Snapshot['vault']): Snapshot => {
  const hidden = account('offline', { ...(vault.problem && { problem: vault.problem }) });
  return snapshot(
    [
      server('linear', 'Linear', [hidden]),
      server('sentry', 'Sentry', [hidden]),
      server('docs', 'Public docs', [account('open')]),
    ],
    { vault },
  );
};

export const memoryVault = {
  kind: 'memory',
  state: 'open',
  problem: {
    code: 'vault-no-keychain',
    message: 'there is no keychain on this computer',
    hint: 'set DRAWBRIDGE_PASSPHRASE to keep sign-ins in a sealed file',
  },
} as const satisfies Snapshot['vault'];

/** Servers whose credentials are got without a person, in order and not. */
export const minted = (): Snapshot =>
  snapshot([
    server(
      'warehouse',
      'Warehouse',
      [
        account('signed-in', {
          ...{ expiresAt: Date.now() + 47 * 60_000, renewable: true },
          ...{ renewsAt: Date.now() + 40 * 60_000, gotAt: Date.now() - 13 * 60_000 },
        }),
      ],
      undefined,
      {
        source: {
          ...{ kind: 'snowflake', account: 'myorg-one', user: 'agent' },
          key: '${vault:SNOWFLAKE_KEY}',
        },
      },
    ),
    server('search', 'Search', [account('signed-in')], undefined, {
      source: { kind: 'headers', headers: { 'X-Api-Key': '${vault:SEARCH_KEY}' } },
    }),
    server(
      'build',
      'Build',
      [
        account('needs-setup', {
          problem: {
            code: 'source-failed',
            message: '/usr/local/bin/build-token ended with status 1',
            hint: 'it said: no ticket; run kinit',
          },
        }),
      ],
      undefined,
      {
        source: { kind: 'command', command: ['/usr/local/bin/build-token'], env: [], timeoutS: 30 },
      },
    ),
  ]);

/** What is said of a removal that can be undone. */
export const removal = { id: '00000000000000aa' };
