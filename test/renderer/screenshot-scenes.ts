/** The window in each of its states, and how a person gets there. */

import type { ActivityEntry } from '../../shared/contract/activity.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { ProbeReport, RouteBody } from '../../shared/contract/routes.ts';
import { signInExceptions } from '../../shared/contract/sign-in-settings.ts';
import type { Snapshot } from '../../shared/contract/snapshot.ts';
import { manyServers } from '../doubles/many-servers.ts';
import { png } from '../doubles/png.ts';
import { aroundScenes } from './around-scenes.ts';
import { hundredsAhead, manyRequests, monthAhead } from './long-scenes.ts';
import {
  account,
  activityOf,
  allSettled,
  asking,
  behind,
  company,
  doesNotRun,
  everyState,
  inUse,
  keeping,
  keyed,
  local,
  lockedVault,
  memoryVault,
  minted,
  muchAhead,
  namedByHand,
  needsClient,
  networkSet,
  olderVault,
  passphraseVault,
  pkceUnsaid,
  request,
  requests,
  ruled,
  saidIn,
  secretMissing,
  seenAiClients,
  server,
  settled,
  signedIn,
  signInRefused,
  snapshot,
  someTools,
  twoPeople,
  verifiedDoor,
  waiting,
  withArguments,
  withCode,
} from './scenes.ts';
import { serverPageScenes } from './server-page-scenes.ts';
import { ownApp } from './settings-scenes.ts';
import type { Scene } from './show-scene.ts';
import { goTo, inApp, type OpenWindow, scrollTo } from './window.ts';

const report: ProbeReport = {
  url: 'https://mcp.linear.example/mcp',
  name: 'Linear',
  signIn: 'oauth',
  issuer: 'https://login.linear.example',
  registration: 'none',
  findings: [
    { tone: 'good', text: 'mcp.linear.example wants a sign-in' },
    { tone: 'good', text: 'you sign in at login.linear.example' },
    {
      tone: 'attention',
      text: 'Drawbridge cannot register there by itself; it needs a client id from the operator',
    },
  ],
};

const check = async ({ page, drawbridge }: OpenWindow): Promise<void> => {
  drawbridge.on('probe', () => report);
  await page.getByRole('textbox', { name: 'Server address' }).fill(report.url);
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  await page.getByLabel('Name').waitFor();
};

const addWithoutRegistration = async (open: OpenWindow): Promise<void> => {
  const { page, drawbridge } = open;
  const added = server('linear', 'Linear', [account('needs-sign-in')]);
  drawbridge.on('addServer', () => ({ server: added, probe: report }));
  await page.getByRole('button', { name: 'Add server' }).click();
  await check(open);
  await page.getByRole('button', { name: 'Add server' }).click();
  await page.getByRole('textbox', { name: 'Client id' }).waitFor();
};

const askOlder = ({ page }: OpenWindow): Promise<void> =>
  page.getByRole('button', { name: 'Use this older file' }).click();

const askWipe = async (open: OpenWindow): Promise<void> => {
  await openOwnSettings(open);
  await open.page.getByRole('button', { name: 'Wipe everything…' }).click();
};

const doWipe = async (open: OpenWindow): Promise<void> => {
  open.drawbridge.on('wipe', () => ({
    accounts: [
      { server: 'sentry', account: 'default', revoked: 'no' },
      { server: 'linear', account: 'default', revoked: 'yes' },
    ],
    left: [
      {
        code: 'vault-remains',
        message: 'the keychain did not let go of the key of the wiped vault',
        hint: 'unlock the keychain and wipe again',
      },
    ],
  }));
  await askWipe(open);
  await open.page.getByRole('button', { name: 'Wipe everything', exact: true }).click();
  await open.page.getByRole('button', { name: 'Close' }).waitFor();
};

const slip = async ({ page, drawbridge }: OpenWindow): Promise<void> => {
  drawbridge.on('openVault', () => {
    throw new ProblemError('vault-wrong-key', 'this passphrase does not open the vault');
  });
  await page.getByRole('textbox', { name: 'Passphrase' }).fill('wrong');
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await page.getByRole('alert').waitFor();
};

const askSeal = async (open: OpenWindow): Promise<void> => {
  await openOwnSettings(open);
  await open.page.getByRole('button', { name: 'Change vault key…' }).click();
};

const askPassphrase = async (open: OpenWindow): Promise<void> => {
  await askSeal(open);
  await open.page.getByRole('radio', { name: 'From a passphrase' }).click();
  await open.page.getByLabel('Passphrase', { exact: true }).fill('one');
  await open.page.getByLabel('The same once more').fill('another');
  await open.page.getByRole('button', { name: 'Change key' }).click();
  await open.page.getByText('two different').waitFor();
};

const openSecrets = async ({ page, drawbridge }: OpenWindow): Promise<void> => {
  drawbridge.on('secrets', () => ({ names: ['ACME_OLD_KEY', 'SEARCH_KEY'] }));
  await goTo(page, 'Settings');
  await page.getByText('ACME_OLD_KEY').waitFor();
};

const addWithKey = async ({ page, drawbridge }: OpenWindow): Promise<void> => {
  drawbridge.on('secrets', () => ({ names: ['ACME_OLD_KEY', 'SEARCH_KEY'] }));
  await page.getByRole('button', { name: 'Add server' }).click();
  await page.getByRole('button', { name: 'It wants an API key or token' }).click();
  await page.getByRole('textbox', { name: 'Server address' }).fill('https://mcp.acme.example/mcp');
};

const ofKind =
  (kind: string) =>
  async (open: OpenWindow): Promise<void> => {
    await addWithKey(open);
    await open.page.getByLabel('What the server takes').selectOption(kind);
  };

const credentialOf =
  (title: string) =>
  async ({ page, drawbridge }: OpenWindow): Promise<void> => {
    drawbridge.on('secrets', () => ({ names: ['ACME_OLD_KEY', 'SEARCH_KEY'] }));
    await page
      .getByRole('button', { name: `Credential settings: ${title}` })
      .first()
      .click();
  };

const openOwnSettings = async ({ page, drawbridge }: OpenWindow): Promise<void> => {
  drawbridge.on('secrets', () => ({ names: ['SEARCH_KEY'] }));
  await goTo(page, 'Settings');
};

const settledByPolicy = (): Snapshot =>
  snapshot(two, {
    doors: { http: 'http://127.0.0.1:7420', verified: { base: 'https://mcp.acme.example' } },
    policy: {
      file: '/etc/drawbridge/policy.json',
      required: ['noProxy'],
      disabled: ['capture'],
      notice: 'Ask the help desk.',
    },
  });

const openSet = async (open: OpenWindow): Promise<void> => {
  open.drawbridge.on('preferences', networkSet);
  open.drawbridge.on('door', verifiedDoor);
  await openOwnSettings(open);
  await open.page.getByText('How callers are verified').click();
};

const changeProxy = async (open: OpenWindow): Promise<void> => {
  open.drawbridge.on('changePreferences', () => {
    throw new ProblemError('proxy-failed', 'what is set as the proxy is no address of one', {
      hint: 'check the proxy in the settings of Drawbridge',
    });
  });
  await openSet(open);
  await open.page.getByRole('button', { name: 'Change: Proxy' }).click();
  await open.page.getByRole('textbox', { name: 'Address' }).fill('proxy:');
  await open.page.getByRole('button', { name: 'Save' }).click();
  await open.page.getByRole('alert').waitFor();
};

const changePort = async (open: OpenWindow): Promise<void> => {
  await openOwnSettings(open);
  await open.page.getByRole('button', { name: 'Change: Port' }).click();
  await open.page.getByRole('textbox', { name: 'Port' }).fill('99999');
  await open.page.getByRole('button', { name: 'Save' }).click();
};

const openInApp = async (open: OpenWindow): Promise<void> => {
  await inApp(open.page, ownApp);
  await openOwnSettings(open);
};

const withAiClients = (): Snapshot =>
  snapshot(two, {
    ...keyed(),
    rules: [...ruled()],
    activity: { revision: 1, lastAt: Date.now() },
  });

const openAiClients = async (open: OpenWindow): Promise<void> => {
  open.drawbridge.on('aiClients', () => ({ aiClients: seenAiClients() }));
  await openKeys(open);
  await open.page.getByText('Claude').waitFor();
};

const connect = async (open: OpenWindow): Promise<void> => {
  await openAiClients(open);
  await open.page.getByRole('button', { name: 'Connect an AI client' }).click();
  await open.page.getByLabel('AI client', { exact: true }).selectOption('vscode');
};

const openKeys = ({ page }: OpenWindow): Promise<void> => goTo(page, 'AI clients');

const openRules = ({ page }: OpenWindow): Promise<void> => goTo(page, 'AI clients');

const addRule = async (open: OpenWindow): Promise<void> => {
  open.drawbridge.on('knownTools', () => ({ tools: someTools }));
  await openRules(open);
  await open.page.getByRole('button', { name: 'Add rule' }).click();
  await open.page.getByLabel('Server', { exact: true }).selectOption('sentry');
  await open.page.getByLabel('delete_project').selectOption('off');
  await open.page.getByText('Name tools by pattern').click();
};

const seeArguments = async ({ page, drawbridge }: OpenWindow): Promise<void> => {
  drawbridge.on('approvalArguments', () => ({ text: withArguments, more: 0 }));
  await page.reload();
  await page.getByLabel('What delete_project is called with').waitFor();
};

const askRevoke = async (open: OpenWindow): Promise<void> => {
  await openKeys(open);
  await open.page.getByRole('button', { name: 'Revoke: nightly report' }).click();
};

const lookAhead = ({ page }: OpenWindow): Promise<void> => goTo(page, 'Forecast');

const lookBack = async (open: OpenWindow, entries: readonly ActivityEntry[]): Promise<void> => {
  open.drawbridge.on('activity', ({ body }) => activityOf(entries, body as RouteBody<'activity'>));
  await goTo(open.page, 'Activity');
};

const lookAtSaid = async (open: OpenWindow): Promise<void> => {
  const [first] = requests;
  if (first === undefined) return;
  open.drawbridge.on('activity', ({ body }) =>
    activityOf(requests, body as RouteBody<'activity'>, [first.id]),
  );
  open.drawbridge.on('captured', () => saidIn(first));
  await goTo(open.page, 'Activity');
  await open.page.getByText('What was said', { exact: true }).click();
  await open.page.getByRole('textbox', { name: 'Answered' }).waitFor();
};

const askCapture = async (open: OpenWindow): Promise<void> => {
  await lookBack(open, requests);
  await open.page.getByRole('button', { name: 'Keep what is said for a while' }).click();
};

/** A day with its hours, more of them by day than at night. */
const aDay: readonly ActivityEntry[] = Array.from({ length: 400 }, (_, n) =>
  request(400 - n, {
    at: Date.now() - ((n * 3.6 + 40 * Math.sin(n / 20)) % 1_440) * 60_000,
    outcome: n % 9 === 0 ? 'error' : 'answered',
    ...(n % 9 === 0 ? { code: 'server-too-slow' } : {}),
  }),
);

const lookAtWeek = async (open: OpenWindow): Promise<void> => {
  await lookBack(open, manyRequests(3_000));
  await open.page.getByText('Week', { exact: true }).click();
  await open.page.getByText('in the last 7 days').first().waitFor();
};

const pointAtPiece = async (open: OpenWindow): Promise<void> => {
  await lookAtWeek(open);
  await open.page.getByRole('slider').hover();
};

const seeFresh = async (open: OpenWindow): Promise<void> => {
  await lookBack(open, requests);
  await open.page.getByText('update_issue').waitFor();
  await scrollTo(open.page, 200);
  const fresh = [102, 101, 100].map((id) => request(id, { at: Date.now() }));
  open.drawbridge.on('activity', ({ body }) =>
    activityOf([...fresh, ...requests], body as RouteBody<'activity'>),
  );
  open.drawbridge.show(inUse(2));
  await open.page.getByText('3 new requests').waitFor();
};

const renewAll = async (open: OpenWindow): Promise<void> => {
  open.drawbridge.on('renewAll', () => ({
    outcomes: [
      { key: { server: 'linear', account: 'default' } },
      { key: { server: 'stripe', account: 'default' } },
      {
        key: { server: 'sentry', account: 'default' },
        problem: {
          code: 'server-trouble',
          message: 'the sign-in service answered with status 503',
          hint: 'Drawbridge tries again by itself',
        },
      },
    ],
  }));
  await goTo(open.page, 'Forecast');
  await open.page.getByRole('button', { name: 'Renew all now' }).click();
  await open.page.getByRole('alert').waitFor();
};

const openSettings = ({ page }: OpenWindow): Promise<void> =>
  page.getByRole('button', { name: 'Sign-in settings: Linear' }).click();

const byHand = () => snapshot([namedByHand([signedIn()])]);

const openByHand = async (open: OpenWindow): Promise<void> => {
  open.drawbridge.on('secrets', () => ({ names: ['ACME_KEY', 'OTHER'] }));
  await openSettings(open);
  await open.page.getByRole('textbox', { name: 'Issuer' }).waitFor();
};

const mistakeByHand = async (open: OpenWindow): Promise<void> => {
  await openByHand(open);
  const { page } = open;
  await page.getByRole('textbox', { name: 'Client id' }).fill('');
  await page.getByRole('textbox', { name: 'Issuer' }).fill('login');
  await page.getByRole('textbox', { name: 'Token endpoint' }).fill('');
  await page.getByRole('textbox', { name: 'Secret kept elsewhere' }).fill('');
  await page.getByRole('textbox', { name: 'Seconds' }).fill('5');
  await page.getByRole('textbox', { name: 'Also shown to' }).fill('https://login.acme.example/x');
  await page.getByRole('button', { name: 'Use this certificate' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
};

const askException = ({ page }: OpenWindow): Promise<void> =>
  page.getByRole('button', { name: 'Allow this for this server' }).click();

const goElsewhere = async ({ page, drawbridge }: OpenWindow): Promise<void> => {
  drawbridge.on('signInLink', () => ({ link: 'https://login.linear.example/authorize' }));
  await page.getByRole('button', { name: 'My browser is on another machine' }).click();
  await page.getByText('Copy the sign-in address').waitFor();
};

const typeProgram = async ({ page }: OpenWindow): Promise<void> => {
  await page.getByRole('button', { name: 'Add server' }).click();
  await page.getByRole('button', { name: 'Run a program on this computer instead' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Files');
  await page
    .getByRole('textbox', { name: 'Command' })
    .fill('npx -y @modelcontextprotocol/server-filesystem "/home/ada/my notes"');
  await page.getByRole('button', { name: 'Add a secret' }).click();
  await page.getByRole('textbox', { name: 'Variable' }).fill('API_KEY');
  await page.getByLabel('Value').fill('fake-secret');
  await page.getByText('More settings').click();
  await page.getByRole('textbox', { name: 'Environment' }).fill('LOG_LEVEL=debug');
};

const askProgram = async (open: OpenWindow): Promise<void> => {
  await typeProgram(open);
  await open.page.getByRole('button', { name: 'Next' }).click();
  await open.page.getByText('May Drawbridge run this program?').waitFor();
};

const two = [
  server('sentry', 'Sentry', [signedIn()]),
  server('docs', 'Public docs', [account('open')]),
];

const search =
  (words: string) =>
  async ({ page }: OpenWindow): Promise<void> => {
    await page.keyboard.press('/');
    await page.keyboard.type(words);
  };

const withoutSettings = snapshot(two, {
  removals: [
    {
      ...{ id: '0'.repeat(16), what: 'exception', until: Date.now() + 30_000 },
      name: `Linear: it ${signInExceptions['pkce-unadvertised'].breaks}`,
    },
    { id: '1'.repeat(16), what: 'certificate', name: 'Linear', until: Date.now() + 30_000 },
  ],
});

export const scenes: Readonly<Record<string, Scene>> = {
  sources: { shows: minted() },
  empty: { shows: snapshot([]) },
  'signed-out': {
    shows: snapshot([server('linear', 'Linear', [account('needs-sign-in')]), ...two]),
  },
  wanted: {
    shows: snapshot([
      server('linear', 'Linear', [
        account('needs-sign-in', { wanted: { by: ['Claude', 'Cursor'], since: Date.now() } }),
      ]),
      ...two,
    ]),
  },
  'signing-in': { shows: snapshot([server('linear', 'Linear', [waiting]), ...two]) },
  'signed-in': {
    shows: snapshot([
      server('linear', 'Linear', [signedIn()]),
      server('notion', 'Notion', [
        signedIn({ label: 'Ada Lovelace', renewable: false, renewsAt: undefined }),
      ]),
      server('github', 'GitHub', [
        signedIn({ id: 'work', label: 'ada@work.example' }),
        signedIn({ id: 'home', label: 'ada@home.example', expiresAt: Date.now() + 18_000 }),
      ]),
    ]),
  },
  'ends-soon': {
    shows: snapshot([
      server('notion', 'Notion', [
        signedIn({
          ...{ endsSoon: true, renewable: false, renewsAt: undefined },
          expiresAt: Date.now() + 40 * 60 * 60_000,
        }),
      ]),
      server('linear', 'Linear', [
        signedIn({ endsSoon: true, endsAt: Date.now() + 40 * 60 * 60_000 }),
      ]),
    ]),
  },
  failed: { shows: snapshot([server('linear', 'Linear', [signInRefused]), ...two]) },
  'vault-opening': {
    shows: behind({
      kind: 'keychain',
      state: 'closed',
      problem: { code: 'vault-opening', message: 'the vault is not open yet' },
    }),
  },
  'vault-locked': { shows: behind(lockedVault) },
  'vault-older': { shows: behind(olderVault) },
  'vault-older-asked': { shows: behind(olderVault), before: askOlder },
  'vault-older-asked-narrow': { shows: behind(olderVault), width: 360, before: askOlder },
  'vault-passphrase': { shows: behind(passphraseVault) },
  'vault-passphrase-wrong': { shows: behind(passphraseVault), before: slip },
  'vault-passphrase-narrow': { shows: behind(passphraseVault), width: 360, before: slip },
  'seal-asked': { shows: snapshot(two), before: askSeal },
  'seal-passphrase': { shows: snapshot(two), before: askPassphrase },
  'seal-passphrase-narrow': { shows: snapshot(two), width: 360, before: askPassphrase },
  sealed: {
    shows: snapshot(two),
    before: async (open) => {
      open.drawbridge.on('sealVault', () => ({ kind: 'keychain', state: 'open' }));
      await askSeal(open);
      await open.page.getByRole('button', { name: 'Change key' }).click();
      await open.page.getByRole('button', { name: 'Close' }).waitFor();
    },
  },
  ahead: { shows: muchAhead(), before: lookAhead },
  'ahead-narrow': { shows: muchAhead(), width: 360, before: lookAhead },
  'ahead-month': { shows: monthAhead(), before: lookAhead },
  'ahead-month-narrow': { shows: monthAhead(), width: 360, before: lookAhead },
  'ahead-month-zoomed': { shows: monthAhead(), width: 380, before: lookAhead },
  'ahead-hundreds': { shows: hundredsAhead(), before: lookAhead },
  'ahead-nothing': {
    shows: snapshot([server('docs', 'Public docs', [account('open')])]),
    before: lookAhead,
  },
  activity: {
    shows: inUse(),
    before: async (open) => {
      await lookBack(open, requests);
      await open.page.getByText('update_issue').waitFor();
    },
  },
  'activity-narrow': {
    shows: inUse(),
    width: 360,
    before: async (open) => {
      await lookBack(open, requests);
      await open.page.getByText('update_issue').waitFor();
    },
  },
  'activity-of-a-day': {
    shows: inUse(),
    before: async (open) => {
      await lookBack(open, aDay);
      await open.page.getByText('of 400').waitFor();
    },
  },
  'activity-of-a-week': { shows: inUse(), before: lookAtWeek },
  'activity-of-a-week-narrow': { shows: inUse(), width: 360, before: lookAtWeek },
  'activity-of-a-week-wide': { shows: inUse(), width: 1_200, before: lookAtWeek },
  'activity-pointed': { shows: inUse(), before: pointAtPiece },
  'activity-fresh': { shows: inUse(), before: seeFresh },
  'activity-table': {
    shows: inUse(),
    before: async (open) => {
      await lookAtWeek(open);
      await open.page.getByText('Show as a table').click();
    },
  },
  'activity-none': {
    shows: inUse(),
    before: async (open) => {
      await lookBack(open, requests);
      await open.page.getByRole('searchbox').fill('nothing');
      await open.page.getByText('Nothing of that kind').waitFor();
    },
  },
  'activity-failed': {
    shows: inUse(),
    before: async (open) => {
      await open.page.route('**/api/activity', (route) => route.abort());
      await lookBack(open, requests);
      await open.page.getByRole('alert').waitFor();
    },
  },
  capture: { shows: { ...inUse(), ...keeping() }, before: lookAtSaid },
  'capture-narrow': { shows: { ...inUse(), ...keeping() }, width: 360, before: lookAtSaid },
  'capture-asked': { shows: inUse(), before: askCapture },
  'capture-asked-narrow': { shows: inUse(), width: 360, before: askCapture },
  'capture-over': {
    shows: { ...inUse(), capture: { running: [], holds: true } },
    before: async (open) => {
      await lookBack(open, requests);
      await open.page.getByText('Forget it now').waitFor();
    },
  },
  'activity-never': {
    shows: snapshot(two),
    before: ({ page }) => goTo(page, 'Activity'),
  },
  'own-settings': { shows: snapshot(two), before: openOwnSettings },
  'own-settings-narrow': { shows: snapshot(two), width: 360, before: openOwnSettings },
  'own-settings-set': { shows: settledByPolicy(), before: openSet },
  'own-settings-set-narrow': { shows: settledByPolicy(), width: 360, before: openSet },
  'own-settings-proxy': { shows: settledByPolicy(), before: changeProxy },
  'own-settings-proxy-narrow': { shows: settledByPolicy(), width: 360, before: changeProxy },
  'own-settings-port-wrong': { shows: snapshot(two), before: changePort },
  'own-settings-app': { shows: snapshot(two), before: openInApp },
  'own-settings-app-narrow': { shows: snapshot(two), width: 360, before: openInApp },
  'ai-clients': { shows: withAiClients(), before: openAiClients },
  'ai-clients-narrow': { shows: withAiClients(), width: 360, before: openAiClients },
  'ai-clients-none': { shows: snapshot(two), before: openKeys },
  'ai-clients-no-server': { shows: snapshot([]), before: openKeys },
  connect: { shows: withAiClients(), before: connect },
  'connect-narrow': { shows: withAiClients(), width: 360, before: connect },
  keys: { shows: snapshot(two, keyed()), before: openKeys },
  'keys-narrow': { shows: snapshot(two, keyed()), width: 360, before: openKeys },
  'keys-asked': { shows: snapshot(two, keyed()), before: askRevoke },
  'keys-asked-narrow': { shows: snapshot(two, keyed()), width: 360, before: askRevoke },
  rules: { shows: snapshot(two, { rules: [...ruled()] }), before: openRules },
  'rules-narrow': { shows: snapshot(two, { rules: [...ruled()] }), width: 360, before: openRules },
  'rules-none': { shows: snapshot(two), before: openRules },
  'rules-adding': { shows: snapshot(two), before: addRule },
  'rules-adding-narrow': { shows: snapshot(two), width: 360, before: addRule },
  'rules-removing': {
    shows: snapshot(two, { rules: [...ruled()] }),
    before: async (open) => {
      await openRules(open);
      await open.page.getByRole('button', { name: /^Remove: Cursor/ }).click();
    },
  },
  approvals: { shows: snapshot(two, { approvals: [...asking()] }), before: seeArguments },
  'approvals-narrow': {
    shows: snapshot(two, { approvals: [...asking()] }),
    width: 360,
    before: seeArguments,
  },
  renewing: {
    shows: muchAhead(),
    before: async ({ page, drawbridge }) => {
      drawbridge.on('renewAll', () => new Promise(() => undefined));
      await goTo(page, 'Forecast');
      await page.getByRole('button', { name: 'Renew all now' }).click();
      await page.getByRole('button', { name: 'Renewing all…' }).waitFor();
    },
  },
  'renewed-partly': { shows: muchAhead(), before: renewAll },
  'renewed-partly-narrow': { shows: muchAhead(), width: 360, before: renewAll },
  'wipe-asked': { shows: snapshot(two), before: askWipe },
  'wipe-asked-narrow': { shows: snapshot(two), width: 360, before: askWipe },
  wiped: { shows: snapshot(two), before: doWipe },
  'memory-vault': { shows: snapshot(two, { vault: memoryVault }) },
  'add-with-findings': { shows: snapshot([]), before: check },
  'add-another': {
    shows: snapshot(two),
    before: ({ page }) => page.getByRole('button', { name: 'Add server' }).click(),
  },
  'every-state': { shows: everyState() },
  'every-state-narrow': { shows: everyState(), width: 360 },
  many: { shows: manyServers(300), before: search('') },
  search: { shows: manyServers(300), before: search('server 29') },
  'search-none': { shows: manyServers(13), before: search('not there') },
  icons: {
    shows: snapshot(two),
    before: async ({ page, drawbridge }) => {
      const colours = [
        [94, 106, 210],
        [54, 45, 89],
      ];
      const shown = two.map((one, place) => ({ ...one, icon: String(place).repeat(32) }));
      for (const { icon } of shown)
        drawbridge.icons.set(icon, png(48, 48, colours[Number(icon[0])]));
      drawbridge.show(snapshot([...shown, local()]));
      await page.locator('.tile img').last().waitFor();
    },
  },
  'not-revoked': {
    shows: snapshot(two, {
      removals: [
        {
          ...{ id: '0'.repeat(16), what: 'sign-in', name: 'Linear' },
          problem: {
            code: 'not-revoked',
            message:
              'the sign-in at Linear is wiped here, but the server did not confirm that it has ended there',
            hint: 'end it in the settings of your account there',
          },
        },
      ],
    }),
    before: ({ page }) => page.getByRole('region', { name: 'Just removed' }).waitFor(),
  },
  'undo-too-late': {
    shows: snapshot(two, {
      removals: [
        { id: '0'.repeat(16), what: 'sign-in', name: 'Linear', until: Date.now() + 30_000 },
      ],
    }),
    before: async ({ page, drawbridge }) => {
      drawbridge.on('undo', () => {
        throw new ProblemError('undo-too-late', 'somebody has signed in there meanwhile', {
          hint: 'sign out first',
        });
      });
      await page.getByRole('button', { name: 'Undo: Linear' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  'settings-removed': { shows: withoutSettings },
  'settings-removed-narrow': { shows: withoutSettings, width: 360 },
  removed: {
    shows: snapshot(two, {
      removals: [
        { id: '0'.repeat(16), what: 'server', name: 'Linear', until: Date.now() + 30_000 },
        {
          ...{ id: '1'.repeat(16), what: 'sign-in', name: 'Sentry', until: Date.now() + 30_000 },
          livesOn: true,
        },
      ],
    }),
    before: ({ page }) => page.getByRole('region', { name: 'Just removed' }).waitFor(),
  },
  'search-narrow': { shows: manyServers(13), width: 360, before: search('server 1') },
  'add-narrow': { shows: snapshot([]), width: 360, before: check },
  remove: {
    shows: snapshot(two),
    before: ({ page }) => page.getByRole('button', { name: 'Remove: Sentry' }).click(),
  },
  'needs-client-id': { shows: snapshot([server('linear', 'Linear', [needsClient]), ...two]) },
  accounts: {
    shows: snapshot([twoPeople, ...two]),
  },
  'accounts-of-one': {
    shows: snapshot([server('linear', 'Linear', [signedIn()]), ...two]),
    before: openSettings,
  },
  'accounts-of-two': {
    shows: snapshot([twoPeople, ...two]),
    before: openSettings,
  },
  'accounts-of-two-narrow': {
    shows: snapshot([twoPeople, ...two]),
    width: 360,
    before: openSettings,
  },
  'account-added': {
    shows: snapshot([server('linear', 'Linear', [signedIn()]), ...two]),
    before: async (open) => {
      await openSettings(open);
      await open.page.getByRole('button', { name: 'Add account' }).click();
    },
  },
  'account-removed': {
    shows: snapshot([twoPeople, ...two]),
    before: async (open) => {
      await openSettings(open);
      await open.page.getByRole('button', { name: /^Remove account/ }).click();
    },
  },
  'client-id': {
    shows: snapshot([server('linear', 'Linear', [needsClient]), ...two]),
    before: ({ page }) => page.getByRole('button', { name: 'Enter a client id: Linear' }).click(),
  },
  'client-id-after-adding': { shows: snapshot(two), before: addWithoutRegistration },
  'client-id-after-adding-narrow': {
    shows: snapshot(two),
    width: 360,
    before: addWithoutRegistration,
  },
  settings: { shows: snapshot([allSettled([signedIn()])]), before: openSettings },
  'settings-narrow': {
    shows: snapshot([allSettled([signedIn()])]),
    width: 360,
    before: openSettings,
  },
  'settings-plain': {
    shows: snapshot([server('linear', 'Linear', [signedIn()], undefined, settled())]),
    before: openSettings,
  },
  'settings-by-hand': { shows: byHand(), before: openByHand },
  'settings-by-hand-narrow': { shows: byHand(), width: 360, before: openByHand },
  'settings-by-hand-wrong': { shows: byHand(), before: mistakeByHand },
  'certificate-of-open': {
    shows: snapshot([server('docs', 'Docs', [account('open')])]),
    before: async ({ page }) => {
      await page.getByRole('button', { name: /^Credential settings: Docs/ }).click();
      await page.getByText('A certificate that the server').click();
    },
  },
  'settings-company': {
    shows: company(),
    before: ({ page }) => page.getByRole('button', { name: 'Sign-in settings: Wiki' }).click(),
  },
  'settings-wrong': {
    shows: snapshot([server('linear', 'Linear', [needsClient])]),
    before: async (open) => {
      const { page } = open;
      await openSettings(open);
      await page.getByText('More settings').click();
      await page.getByRole('textbox', { name: 'Redirect' }).fill('https://example.com/callback');
      await page.getByRole('textbox', { name: 'Extra parameters' }).fill('audience');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByText('Each line has to be').waitFor();
    },
  },
  exception: { shows: snapshot([server('linear', 'Linear', [pkceUnsaid]), ...two]) },
  'exception-asked': {
    shows: snapshot([server('linear', 'Linear', [pkceUnsaid]), ...two]),
    before: askException,
  },
  'exception-asked-narrow': {
    shows: snapshot([server('linear', 'Linear', [pkceUnsaid]), ...two]),
    width: 360,
    before: askException,
  },
  'exceptions-noted': { shows: snapshot([allSettled([signedIn()]), ...two]) },
  'browser-elsewhere': {
    shows: snapshot([server('linear', 'Linear', [waiting]), ...two]),
    before: goElsewhere,
  },
  'browser-elsewhere-narrow': {
    shows: snapshot([server('linear', 'Linear', [waiting]), ...two]),
    width: 360,
    before: goElsewhere,
  },
  'browser-elsewhere-wrong': {
    shows: snapshot([server('linear', 'Linear', [waiting]), ...two]),
    before: async (open) => {
      await goElsewhere(open);
      open.drawbridge.on('pasteCallback', () => {
        throw new ProblemError(
          'sign-in-mismatch',
          'this address is not the answer to this sign-in',
          { hint: 'paste the whole address that the browser ended at' },
        );
      });
      await open.page
        .getByRole('textbox', { name: 'Address the browser' })
        .fill('http://127.0.0.1:1/callback');
      await open.page.getByRole('button', { name: 'Continue' }).click();
      await open.page.getByRole('alert').waitFor();
    },
  },
  'device-code': { shows: snapshot([server('linear', 'Linear', [withCode]), ...two]) },
  'device-code-narrow': {
    shows: snapshot([server('linear', 'Linear', [withCode]), ...two]),
    width: 360,
  },
  company: { shows: company() },
  'company-narrow': { shows: company(), width: 360 },
  'company-remove': {
    shows: company(),
    before: ({ page }) => page.getByRole('button', { name: 'Remove: Okta' }).click(),
  },
  'add-company': {
    shows: snapshot(two),
    before: async ({ page }) => {
      await page.getByRole('button', { name: 'Add server' }).click();
      await page.getByRole('button', { name: 'Add a company sign-in instead' }).click();
    },
  },
  'add-program': { shows: snapshot(two), before: typeProgram },
  'add-program-narrow': { shows: snapshot(two), width: 360, before: typeProgram },
  'add-program-asked': { shows: snapshot(two), before: askProgram },
  'add-program-asked-narrow': { shows: snapshot(two), width: 360, before: askProgram },
  programs: {
    shows: snapshot([
      local(),
      { ...local([doesNotRun]), id: 'notes', title: 'Notes' },
      { ...local([secretMissing]), id: 'tickets', title: 'Tickets' },
      ...two,
    ]),
  },
  offline: {
    shows: snapshot(two),
    before: async ({ page, drawbridge }) => {
      await page.getByText('Signed in').waitFor();
      drawbridge.setReachable(false);
      drawbridge.dropStreams();
      await page.getByRole('alert').waitFor();
    },
  },
  secrets: { shows: minted(), before: openSecrets },
  'secrets-narrow': { shows: minted(), width: 360, before: openSecrets },
  'secrets-removing': {
    shows: minted(),
    before: async (open) => {
      await openSecrets(open);
      await open.page.getByRole('button', { name: 'Remove: SEARCH_KEY' }).click();
    },
  },
  'secrets-replacing': {
    shows: minted(),
    before: async (open) => {
      await openSecrets(open);
      await open.page.getByRole('button', { name: 'Type it in: SNOWFLAKE_KEY' }).click();
    },
  },
  'credential-headers': { shows: snapshot(two), before: addWithKey },
  'credential-headers-narrow': { shows: snapshot(two), width: 360, before: addWithKey },
  'credential-two-headers': {
    shows: snapshot(two),
    before: async (open) => {
      await addWithKey(open);
      const { page } = open;
      await page.getByLabel('Header', { exact: true }).fill('X-Api-Key');
      await page.getByRole('button', { name: 'Add a header' }).click();
      await page.getByLabel('Value', { exact: true }).nth(1).selectOption('written');
      await page.getByRole('button', { name: 'Add server', exact: true }).click();
    },
  },
  'credential-first': {
    shows: snapshot([]),
    before: ({ page }) => page.getByRole('button', { name: 'It wants an API key' }).click(),
  },
  ...Object.fromEntries(
    [
      'bearer',
      'command',
      'jwt',
      'snowflake',
      'client-credentials',
      'token-exchange',
      'aws-sigv4',
    ].map((kind) => [`credential-${kind}`, { shows: snapshot(two), before: ofKind(kind) }]),
  ),
  'credential-entra-narrow': { shows: snapshot(two), width: 360, before: ofKind('entra') },
  'credential-settings': { shows: minted(), before: credentialOf('Warehouse') },
  'credential-settings-narrow': { shows: minted(), width: 360, before: credentialOf('Warehouse') },
  'credential-failed': { shows: minted(), before: credentialOf('Build') },
  ...serverPageScenes,
  ...aroundScenes,
  'sources-narrow': { shows: minted(), width: 360 },
  'no-session': {
    shows: snapshot([]),
    before: async ({ page, drawbridge }) => {
      drawbridge.setSession(false);
      await page.reload();
    },
  },
};
