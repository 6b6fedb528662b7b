/** In a language with longer words: is every text of ours from a catalogue, and none of it cut off? */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { RouteBody } from '../../shared/contract/routes.ts';
import type { Snapshot } from '../../shared/contract/snapshot.ts';
import { buildWindow } from '../setup/build-window.ts';
import { pseudo } from '../setup/pseudo-locale.ts';
import { monthAhead } from './long-scenes.ts';
import {
  activityOf,
  allSettled,
  asking,
  company,
  everyState,
  inUse,
  keeping,
  keyed,
  local,
  lockedVault,
  minted,
  networkSet,
  passphraseVault,
  pkceUnsaid,
  requests,
  ruled,
  seenAiClients,
  server,
  signedIn,
  snapshot,
  twoPeople,
  verifiedDoor,
  waiting,
  withArguments,
  withCode,
} from './scenes.ts';
import { tellAll } from './server-scenes.ts';
import { type Browser, inApp, type OpenWindow, startBrowser } from './window.ts';

// A real browser on a busy machine needs longer than the five seconds of a plain test.
vi.setConfig({ testTimeout: 60_000 });

let browser: Browser;
let remove: () => Promise<void>;
beforeAll(async () => {
  const built = await buildWindow('test/setup/pseudo-window.config.ts');
  remove = built.remove;
  browser = await startBrowser(built.folder);
}, 120_000);
afterAll(async () => {
  await browser.close();
  await remove();
});

interface Scene {
  readonly shows: Snapshot;
  readonly at?: string;
  readonly before?: (open: OpenWindow) => Promise<void>;
}

/** Presses every button that opens something in place, and opens what is folded: by what they are, not by what they say. */
const unfold = async (page: Page): Promise<void> => {
  for (const summary of await page.locator('main summary').all()) await summary.click();
};

const two = [server('linear', 'Linear', [signedIn()]), server('sentry', 'Sentry', [signedIn()])];
const removals: Snapshot['removals'] = [
  {
    id: '0'.repeat(16),
    what: 'sign-in',
    name: 'Linear',
    until: Date.now() + 30_000,
    livesOn: true,
  },
  { id: '1'.repeat(16), what: 'key', name: 'nightly report', until: Date.now() + 30_000 },
];

const scenes: Readonly<Record<string, Scene>> = {
  'no servers': { shows: snapshot([]) },
  'servers in every state': { shows: everyState() },
  'sign-ins under way': {
    shows: snapshot([
      server('linear', 'Linear', [withCode]),
      server('sentry', 'Sentry', [waiting]),
      server('asana', 'Asana', [pkceUnsaid]),
      ...company().servers,
      local(),
    ]),
  },
  'a vault that is closed': { shows: snapshot(two, { vault: passphraseVault }) },
  'a vault that somebody has to open': { shows: snapshot(two, { vault: lockedVault }) },
  'calls that wait, and removals': {
    shows: snapshot(two, { approvals: [...asking()], removals }),
    before: async ({ drawbridge }) => {
      drawbridge.on('approvalArguments', () => ({ text: withArguments, more: 7 }));
    },
  },
  'a server': { shows: snapshot([twoPeople]), at: '/servers/linear', before: knowing },
  'its tools': { shows: snapshot([twoPeople]), at: '/servers/linear/tools', before: knowing },
  'its prompts': { shows: snapshot([twoPeople]), at: '/servers/linear/prompts', before: knowing },
  'its resources': {
    shows: snapshot([twoPeople]),
    at: '/servers/linear/resources',
    before: knowing,
  },
  'its activity': { shows: snapshot([twoPeople]), at: '/servers/linear/activity', before: knowing },
  'its settings': { shows: snapshot([allSettled([signedIn()])]), at: '/servers/linear/settings' },
  'AI clients': {
    shows: snapshot([twoPeople], { ...keyed(), rules: [...ruled()] }),
    at: '/ai-clients',
    before: async ({ drawbridge }) => {
      drawbridge.on('aiClients', () => ({ aiClients: seenAiClients() }));
    },
  },
  activity: {
    shows: { ...inUse(), ...keeping() },
    at: '/activity',
    before: async ({ drawbridge }) => {
      drawbridge.on('activity', ({ body }) =>
        activityOf(requests, body as RouteBody<'activity'>, [requests[0]!.id]),
      );
    },
  },
  forecast: { shows: monthAhead(), at: '/forecast' },
  settings: {
    shows: snapshot([...minted().servers, ...two], {
      policy: {
        file: '/etc/drawbridge/policy.json',
        required: ['noProxy'],
        disabled: ['capture'],
        notice: 'Ask the help desk.',
      },
    }),
    at: '/settings',
    before: async ({ page, drawbridge }) => {
      drawbridge.on('preferences', networkSet);
      drawbridge.on('door', verifiedDoor);
      drawbridge.on('secrets', () => ({ names: ['SEARCH_KEY'] }));
      await inApp(page, {
        ...{ startAtLogin: true, startHidden: false },
        notices: { on: true, quietAbout: ['back'] },
        updates: { wanted: true, state: 'idle' },
      });
    },
  },
  'a page without a session': {
    shows: snapshot([]),
    before: async ({ drawbridge }) => drawbridge.setSession(false),
  },
};

async function knowing({ drawbridge }: OpenWindow): Promise<void> {
  tellAll(drawbridge);
}

/** Texts that no catalogue has said, and texts that do not fit where they stand. */
const look = (page: Page): Promise<{ foreign: string[]; cut: string[] }> =>
  page.evaluate(() => {
    const elsewhere =
      '.foreign, bdi, code, pre, time, kbd, textarea, select, script, [dir="auto"], [lang]';
    const foreign: string[] = [];
    const cut: string[] = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node !== null; node = walk.nextNode()) {
      const element = node.parentElement;
      const text = node.textContent?.trim() ?? '';
      if (element === null || text === '' || !element.checkVisibility()) continue;
      if (element.closest('.unseen') !== null) continue;
      const isOurs = element.closest(elsewhere) === null;
      if (isOurs && /\p{L}/u.test(text) && !/[⟦⟧]/.test(text)) foreign.push(text.slice(0, 80));
      if (!isOurs) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const { left, right, top, bottom } = range.getBoundingClientRect();
      if (right > document.documentElement.clientWidth + 1) {
        cut.push(`${text.slice(0, 60)} beyond the page`);
        continue;
      }
      for (let box: Element | null = element; box !== null; box = box.parentElement) {
        const style = getComputedStyle(box);
        if (
          box !== element &&
          style.overflow === 'visible' &&
          !box.matches('button, .note, .badge')
        )
          continue;
        if (style.display === 'inline') continue;
        const edge = box.getBoundingClientRect();
        if (
          left < edge.left - 1 ||
          right > edge.right + 1 ||
          top < edge.top - 1 ||
          bottom > edge.bottom + 1
        ) {
          cut.push(`${text.slice(0, 60)} in ${box.tagName.toLowerCase()}.${box.className}`);
          break;
        }
      }
    }
    return { foreign: [...new Set(foreign)], cut: [...new Set(cut)] };
  });

describe.each(Object.entries(scenes))('%s', (_name, { shows, at, before }) => {
  test('is told in the words of its catalogue, and they fit', async () => {
    await using open = await browser.open(shows);
    const { page, drawbridge } = open;
    await before?.(open);
    if (at !== undefined) await page.goto(`${drawbridge.url}#${at}`);
    if (at === undefined && before !== undefined) await page.reload();
    await page.locator('main:not([aria-busy])').waitFor();
    await page.getByText('⟦').first().waitFor();
    await unfold(page);
    for (const width of [760, 360]) {
      await page.setViewportSize({ width, height: 700 });
      const { foreign, cut } = await look(page);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth);
      expect({ width, cut, foreign, overflow }).toEqual({
        width,
        cut: [],
        foreign: [],
        overflow: width,
      });
    }
  });
});

test('the words of a catalogue are the longer the shorter they are', () => {
  expect(pseudo('Undo')).toBe('⟦Üñdö ~~~~⟧');
  expect(pseudo('Sign in to the server').length).toBeGreaterThan(21 * 1.5);
  expect(pseudo('·')).toBe('·');
});
