/** What stands around the screens, and before there is one: the first run, what is said above them, and what is missing. */
import type { ProbeReport } from '../../shared/contract/routes.ts';
import type { UpdatesView } from '../../shared/contract/shell.ts';
import { EVENTS_PATH } from '../../shared/contract/snapshots.ts';
import { toFragment } from '../../shared/review-link.ts';
import { account, inUse, server, signedIn, snapshot } from './scenes.ts';
import { ownApp } from './settings-scenes.ts';
import type { Scene } from './show-scene.ts';
import { goTo, inApp, type OpenWindow } from './window.ts';

const report: ProbeReport = {
  url: 'https://mcp.linear.example/mcp',
  name: 'Linear',
  signIn: 'oauth',
  issuer: 'https://login.linear.example',
  registration: 'dynamic',
  findings: [
    { tone: 'good', text: 'mcp.linear.example wants a sign-in' },
    { tone: 'good', text: 'Drawbridge can register there by itself' },
  ],
};

const linear = (one = signedIn()) => server('linear', 'Linear', [one]);

const addFirst = async ({ page, drawbridge }: OpenWindow): Promise<void> => {
  const added = linear(account('needs-sign-in'));
  drawbridge.on('probe', () => report);
  drawbridge.on('addServer', () => {
    drawbridge.show(snapshot([added]));
    return { server: added, probe: report };
  });
  await page.getByRole('textbox', { name: 'Server address' }).fill(report.url);
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  await page.getByRole('button', { name: 'Add server' }).click();
  await page.getByRole('button', { name: 'Not now' }).waitFor();
};

const signInFirst = async (open: OpenWindow): Promise<void> => {
  await addFirst(open);
  await open.page.getByRole('button', { name: 'Not now' }).click();
  open.drawbridge.show(snapshot([linear()]));
  await open.page.getByRole('button', { name: 'Connect an AI client' }).waitFor();
};

const update =
  (updates: Partial<UpdatesView>) =>
  async ({ page }: OpenWindow): Promise<void> => {
    await inApp(page, { ...ownApp, updates: { wanted: true, state: 'found', ...updates } });
    await page.getByText('1.2.0').waitFor();
  };

/** Without a word of ours: it is followed in any language. */
export const follow = async ({ page, drawbridge }: OpenWindow): Promise<void> => {
  const url = `https://mcp.linear.example/${'a-long-way/'.repeat(12)}mcp`;
  await page.goto(`${drawbridge.url}${toFragment({ kind: 'add', url })}`);
  await page.locator('.review').waitFor();
};

const loadAgain = async (
  { page }: OpenWindow,
  path: string,
  answer: 'nothing' | 'error',
): Promise<void> => {
  await page.route(path, (route) => (answer === 'error' ? route.abort() : undefined));
  await page.reload();
};

/** All that the list tells, for the README. */
const everyday = () => {
  const { servers, ...rest } = inUse();
  const [linear, , sentry] = servers;
  const notion = server('notion', 'Notion', [
    account('needs-sign-in', { wanted: { by: ['Claude'], since: Date.now() } }),
  ]);
  return { ...rest, servers: [linear, notion, sentry].filter((one) => one !== undefined) };
};

export const aroundScenes: Readonly<Record<string, Scene>> = {
  everyday: { shows: everyday() },
  'first-run-sign-in': { shows: snapshot([]), before: addFirst },
  'first-run-sign-in-narrow': { shows: snapshot([]), width: 360, before: addFirst },
  'first-run-connect': { shows: snapshot([]), before: signInFirst },
  'first-run-connect-narrow': { shows: snapshot([]), width: 360, before: signInFirst },
  paused: {
    shows: { ...inUse(), pause: { since: Date.now(), until: Date.now() + 15 * 60_000 } },
    before: ({ page }) => page.getByRole('button', { name: 'Resume' }).waitFor(),
  },
  'update-found': { shows: snapshot([linear()]), before: update({ version: '1.2.0' }) },
  'update-failed': {
    shows: snapshot([linear()]),
    before: update({
      version: '1.2.0',
      problem: {
        code: 'server-unreachable',
        message: 'new versions could not be looked for or fetched',
        hint: 'this one goes on; Drawbridge tries again tomorrow',
      },
    }),
  },
  'update-fetching': {
    shows: snapshot([linear()]),
    before: update({ state: 'fetching', version: '1.2.0', progress: 0.4 }),
  },
  'update-ready': {
    shows: snapshot([linear()]),
    before: update({ state: 'ready', version: '1.2.0' }),
  },
  review: { shows: snapshot([linear()]), before: follow },
  'review-narrow': { shows: snapshot([linear()]), width: 360, before: follow },
  connecting: {
    shows: snapshot([linear()]),
    before: async (open) => {
      await loadAgain(open, `**${EVENTS_PATH}`, 'nothing');
      await open.page.getByText('Connecting').waitFor();
    },
  },
  'never-connected': {
    shows: snapshot([linear()]),
    before: async (open) => {
      await loadAgain(open, `**${EVENTS_PATH}`, 'error');
      await open.page.getByRole('alert').waitFor();
    },
  },
  'not-loaded': {
    shows: snapshot([linear()]),
    before: async (open) => {
      await loadAgain(open, '**/settings-screen*', 'error');
      await goTo(open.page, 'Settings');
      await open.page.getByRole('alert').waitFor();
    },
  },
};
