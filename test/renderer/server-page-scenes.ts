/** The page of a server in each of its states, to be looked at. */
import { ProblemError } from '../../shared/contract/problems.ts';
import type { ServerView, Snapshot } from '../../shared/contract/snapshot.ts';
import {
  account,
  inUse,
  local,
  minted,
  server,
  signedIn,
  signInRefused,
  snapshot,
  twoPeople,
  waiting,
  withCode,
} from './scenes.ts';
import { nothingKnown, tellAll, tools } from './server-scenes.ts';
import type { Scene } from './show-scene.ts';
import type { OpenWindow } from './window.ts';

const linear = (...accounts: ServerView['accounts']): Snapshot =>
  snapshot([server('linear', 'Linear', accounts), server('sentry', 'Sentry', [signedIn()])]);

const openPage = async ({ page, drawbridge }: OpenWindow, title = 'Linear'): Promise<void> => {
  tellAll(drawbridge);
  await page.getByRole('link', { name: title, exact: true }).click();
  await page.getByRole('heading', { level: 2, name: title }).waitFor();
};

const openPart =
  (part: string) =>
  async (open: OpenWindow): Promise<void> => {
    await openPage(open);
    await open.page.getByRole('link', { name: part }).last().click();
    await open.page.getByRole('region', { name: part }).waitFor();
  };

const openTool =
  (name: string) =>
  async (open: OpenWindow): Promise<void> => {
    await openPart('Tools')(open);
    await open.page.locator('summary', { hasText: name }).click();
    await open.page.getByRole('button', { name: 'Call', exact: true }).waitFor();
  };

const call = async (open: OpenWindow): Promise<void> => {
  await openTool('Create an issue')(open);
  const { page } = open;
  await page.getByRole('textbox', { name: 'title' }).fill('The bridge creaks');
  await page.getByRole('combobox', { name: 'team' }).selectOption('bridge');
  await page.getByRole('button', { name: 'Call', exact: true }).click();
  await page.getByText('Answered in').waitFor();
};

const wrong = async (open: OpenWindow): Promise<void> => {
  await openTool('Create an issue')(open);
  await open.page.getByRole('textbox', { name: 'estimate' }).fill('much');
  await open.page.getByRole('textbox', { name: 'labels' }).fill('{}');
  await open.page.getByRole('button', { name: 'Call', exact: true }).click();
};

const failedAt = account('needs-sign-in', {
  problem: signInRefused.problem,
  lastSignIn: { problem: signInRefused.problem, step: 'waiting-for-browser' },
});

const one = signedIn();

export const serverPageScenes: Readonly<Record<string, Scene>> = {
  'server-page': {
    shows: linear(one),
    before: async (open) => {
      await openPage(open);
      await open.page.getByText('Access token', { exact: true }).click();
    },
  },
  'server-page-narrow': {
    shows: linear(one),
    width: 360,
    before: async (open) => {
      await openPage(open);
      await open.page.getByText('Access token', { exact: true }).click();
    },
  },
  'server-signing-in': { shows: linear(waiting), before: openPage },
  'server-signing-in-narrow': { shows: linear(waiting), width: 360, before: openPage },
  'server-code': { shows: linear(withCode), before: openPage },
  'server-exchanging': {
    shows: linear(account('signing-in', { signIn: { step: 'exchanging', startedAt: Date.now() } })),
    before: openPage,
  },
  'server-failed': { shows: linear(failedAt), before: openPage },
  'server-signed-out': {
    shows: linear(account('needs-sign-in')),
    before: async (open) => {
      tellAll(open.drawbridge, [], nothingKnown);
      open.drawbridge.on('catalogue', () => ({ lists: [], found: 0, items: [] }));
      await open.page.getByRole('link', { name: 'Linear', exact: true }).click();
      await open.page.getByRole('button', { name: 'Look now' }).waitFor();
    },
  },
  'server-two-people': { shows: snapshot([twoPeople]), before: openPage },
  'server-credential': {
    shows: minted(),
    before: async (open) => {
      await openPage(open, 'Warehouse');
      open.drawbridge.on('accountFacts', () => ({
        ...{ kind: 'source', source: 'snowflake', getting: false },
        ...{ gotAt: Date.now() - 780_000, expiresAt: Date.now() + 2_820_000 },
      }));
      await open.page.reload();
    },
  },
  'server-program': {
    shows: snapshot([local()]),
    before: async (open) => {
      open.drawbridge.on('accountFacts', () => ({
        ...{ kind: 'local', processes: 'own', secrets: [{ name: 'API_KEY', isKept: false }] },
      }));
      tellAll(open.drawbridge);
      open.drawbridge.on('accountFacts', () => ({
        ...{ kind: 'local', processes: 'own', secrets: [{ name: 'API_KEY', isKept: false }] },
      }));
      await open.page.getByRole('link', { name: 'Files', exact: true }).click();
      await open.page.getByText('has no value').waitFor();
    },
  },
  'server-rename': {
    shows: linear(one),
    before: async (open) => {
      await openPage(open);
      await open.page.getByRole('button', { name: 'Rename: Linear' }).click();
    },
  },
  'server-remove': {
    shows: linear(one),
    before: async (open) => {
      await openPage(open);
      await open.page.getByRole('button', { name: 'Remove: Linear' }).click();
    },
  },
  'server-tools': { shows: linear(one), before: openPart('Tools') },
  'server-tools-narrow': { shows: linear(one), width: 360, before: openPart('Tools') },
  'server-tools-many': {
    shows: linear(one),
    before: async (open) => {
      tellAll(
        open.drawbridge,
        Array.from({ length: 312 }, (_, place) => ({
          ...tools[place % tools.length]!,
          name: `tool_${place}`,
        })),
      );
      await open.page.goto(`${open.drawbridge.url}#/servers/linear/tools`);
      await open.page.getByRole('button', { name: 'Next' }).click();
      await open.page.getByText('51 to 100').waitFor();
    },
  },
  'server-tools-unknown': {
    shows: linear(account('needs-sign-in')),
    before: async (open) => {
      tellAll(open.drawbridge, [], nothingKnown);
      open.drawbridge.on('catalogue', () => ({ lists: [], found: 0, items: [] }));
      await open.page.getByRole('link', { name: 'Linear', exact: true }).click();
      await open.page.getByRole('link', { name: 'Tools' }).click();
      await open.page.getByText('not known yet').waitFor();
    },
  },
  'server-tools-failed': {
    shows: linear(one),
    before: async (open) => {
      await openPage(open);
      open.drawbridge.on('catalogue', () => {
        throw new ProblemError('internal', 'something went wrong inside Drawbridge');
      });
      await open.page.getByRole('link', { name: 'Tools' }).click();
      await open.page.getByRole('alert').waitFor();
    },
  },
  'server-tool': { shows: linear(one), before: openTool('Create an issue') },
  'server-tool-narrow': { shows: linear(one), width: 360, before: openTool('Create an issue') },
  'server-tool-json': { shows: linear(one), before: openTool('run_query') },
  'server-tool-wrong': { shows: linear(one), before: wrong },
  'server-tool-called': { shows: linear(one), before: call },
  'server-tool-called-narrow': { shows: linear(one), width: 360, before: call },
  'server-tool-calling': {
    shows: linear(one),
    before: async (open) => {
      await openTool('delete_project')(open);
      open.drawbridge.on('callTool', () => new Promise(() => undefined));
      await open.page.getByRole('textbox', { name: 'project' }).fill('old');
      await open.page.getByRole('button', { name: 'Call', exact: true }).click();
      await open.page.getByRole('button', { name: 'Cancel', exact: true }).waitFor();
    },
  },
  'server-prompts': {
    shows: linear(one),
    before: async (open) => {
      await openPart('Prompts')(open);
      await open.page.locator('summary').click();
    },
  },
  'server-resources': {
    shows: linear(one),
    before: async (open) => {
      await openPart('Resources')(open);
      await open.page.locator('summary').first().click();
    },
  },
  'server-activity': { shows: inUse(), before: openPart('Activity') },
  'server-activity-narrow': { shows: inUse(), width: 360, before: openPart('Activity') },
};
