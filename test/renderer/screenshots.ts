/** Draws the window in each state into test/results/screenshots, to be looked at by a person. */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import type { ProbeReport } from '../../shared/contract/routes.ts';
import type { Snapshot } from '../../shared/contract/snapshot.ts';
import {
  account,
  everyState,
  memoryVault,
  server,
  signedIn,
  signInRefused,
  snapshot,
  waiting,
} from './scenes.ts';
import { type OpenWindow, startBrowser } from './window.ts';

const folder = fileURLToPath(new URL('../results/screenshots/', import.meta.url));

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

const two = [
  server('sentry', 'Sentry', [signedIn()]),
  server('docs', 'Public docs', [account('open')]),
];

interface Scene {
  readonly shows: Snapshot;
  readonly width?: number;
  readonly before?: (open: OpenWindow) => Promise<void>;
}

const scenes: Readonly<Record<string, Scene>> = {
  empty: { shows: snapshot([]) },
  'signed-out': {
    shows: snapshot([server('linear', 'Linear', [account('needs-sign-in')]), ...two]),
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
  failed: { shows: snapshot([server('linear', 'Linear', [signInRefused]), ...two]) },
  'memory-vault': { shows: snapshot(two, { vault: memoryVault }) },
  'add-with-findings': { shows: snapshot([]), before: check },
  'add-another': {
    shows: snapshot(two),
    before: ({ page }) => page.getByRole('button', { name: 'Add server' }).click(),
  },
  'every-state': { shows: everyState() },
  'every-state-narrow': { shows: everyState(), width: 360 },
  'add-narrow': { shows: snapshot([]), width: 360, before: check },
  remove: {
    shows: snapshot(two),
    before: ({ page }) => page.getByRole('button', { name: 'Remove: Sentry' }).click(),
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
  'no-session': {
    shows: snapshot([]),
    before: async ({ page, drawbridge }) => {
      drawbridge.setSession(false);
      await page.reload();
    },
  },
};

const settle = async (page: Page): Promise<void> => {
  await page.locator('h2').first().waitFor();
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter((one) => one instanceof CSSTransition)
        .map((one) => one.finished),
    ).then(() => undefined),
  );
};

const wanted = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const browser = await startBrowser();
try {
  for (const [name, { shows, width = 760, before }] of Object.entries(scenes)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    for (const colorScheme of ['light', 'dark'] as const) {
      await using open = await browser.open(shows, {
        colorScheme,
        viewport: { width, height: 600 },
        deviceScaleFactor: 1.5,
      });
      await settle(open.page);
      await before?.(open);
      await settle(open.page);
      await open.page.screenshot({ path: `${folder}${name}-${colorScheme}.png`, fullPage: true });
      if (open.complaints.length > 0) console.error(`${name}: ${open.complaints.join('\n')}`);
    }
  }
} finally {
  await browser.close();
}
