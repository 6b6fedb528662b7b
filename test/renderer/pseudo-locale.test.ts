/** In a language with longer words: is every text of ours from a catalogue, and none of it cut off? */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { RouteBody } from '../../shared/contract/routes.ts';
import type { Snapshot } from '../../shared/contract/snapshot.ts';
import { EVENTS_PATH } from '../../shared/contract/snapshots.ts';
import { buildWindow } from '../setup/build-window.ts';
import { pseudo } from '../setup/pseudo-locale.ts';
import { aroundScenes, follow } from './around-scenes.ts';
import { monthAhead } from './long-scenes.ts';
import {
  account,
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
  passphraseVault,
  pkceUnsaid,
  requests,
  ruled,
  seenAiClients,
  server,
  signedIn,
  snapshot,
  twoPeople,
  waiting,
  withArguments,
  withCode,
} from './scenes.ts';
import { tellAll } from './server-scenes.ts';
import { everySetting } from './settings-scenes.ts';
import { partsLoaded } from './show-scene.ts';
import { type Browser, type OpenWindow, startBrowser } from './window.ts';

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
  /** Once the screen is there: nothing is found by what it says, for nobody can read that here. */
  readonly further?: (open: OpenWindow) => Promise<void>;
}

/** Opens what is folded: by what it is, not by what it says. */
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
    before: everySetting,
  },
  'a page without a session': {
    shows: snapshot([]),
    before: async ({ drawbridge }) => drawbridge.setSession(false),
  },
  'a pause': {
    shows: aroundScenes.paused!.shows,
    further: ({ page }) => page.locator('.notices .note').first().waitFor(),
  },
  'an update that was found': { ...aroundScenes['update-found']!, further: seeVersion },
  'an update that is ready': { ...aroundScenes['update-ready']!, further: seeVersion },
  'a link that proposes a server': { shows: snapshot(two), further: follow },
  'what a link proposes, filled in': {
    shows: snapshot(two),
    further: async (open) => {
      await follow(open);
      await open.page.locator('.review .button').first().click();
      await open.page.locator('.add').waitFor();
    },
  },
  'adding a server': { shows: snapshot(two), further: add },
  'adding a server with a credential': { shows: snapshot(two), further: addBy(0, 'headers') },
  'adding one with a token for another': {
    shows: snapshot(two),
    further: addBy(0, 'token-exchange'),
  },
  'adding a program': { shows: snapshot(two), further: addBy(1) },
  'adding a company sign-in': { shows: snapshot(two), further: addBy(2) },
  'the first server, found': { shows: snapshot([]), further: find },
  'the first server, to be signed in to': { shows: snapshot([]), further: addFirst },
  'the first server, signed in to': {
    shows: snapshot([]),
    further: async (open) => {
      await addFirst(open);
      open.drawbridge.show(snapshot(two.slice(0, 1)));
      await open.page.locator('.first-run-done').nth(1).waitFor();
    },
  },
  'the settings of a credential': { shows: minted(), at: '/servers/warehouse/settings' },
  'a rule in the making': {
    shows: snapshot(two),
    at: '/ai-clients',
    further: async ({ page }) => {
      await page.locator('.section > .buttons > .button:has(.icon)').last().click();
      await page.locator('form').waitFor();
    },
  },
  'no answer any more': {
    shows: snapshot(two),
    further: async ({ page, drawbridge }) => {
      drawbridge.setReachable(false);
      drawbridge.dropStreams();
      await page.getByRole('alert').waitFor();
    },
  },
  'no answer yet': {
    shows: snapshot(two),
    before: async ({ page }) => {
      await page.route(`**${EVENTS_PATH}`, () => undefined);
    },
  },
  'no answer ever': {
    shows: snapshot(two),
    before: async ({ page }) => {
      await page.route(`**${EVENTS_PATH}`, (route) => route.abort());
    },
  },
  'a screen that cannot be loaded': {
    shows: snapshot(two),
    at: '/settings',
    before: async ({ page }) => {
      await page.route('**/settings-screen*', (route) => route.abort());
      await page.reload();
    },
  },
};

async function seeVersion({ page }: OpenWindow): Promise<void> {
  await page.getByText('1.2.0').waitFor();
}

async function add({ page }: OpenWindow): Promise<void> {
  await page.locator('.list-head > .button').click();
  await page.locator('.other-ways').waitFor();
}

/** By one of the other ways, as they stand beneath the address. */
function addBy(way: number, kind?: string) {
  return async (open: OpenWindow): Promise<void> => {
    await add(open);
    await open.page.locator('.other-ways > .button').nth(way).click();
    await open.page.locator('.other-ways').waitFor({ state: 'detached' });
    if (kind !== undefined) await open.page.locator('select:has(optgroup)').selectOption(kind);
  };
}

async function find({ page, drawbridge }: OpenWindow): Promise<void> {
  const url = 'https://mcp.linear.example/mcp';
  const findings = [{ tone: 'good', text: 'mcp.linear.example wants a sign-in' }] as const;
  drawbridge.on('probe', () => ({ url, name: 'Linear', signIn: 'oauth', findings: [...findings] }));
  await page.locator('.address .input').fill(url);
  await page.locator('.address [type="submit"]').click();
  await page.locator('.finding').waitFor();
}

async function addFirst(open: OpenWindow): Promise<void> {
  const { page, drawbridge } = open;
  await find(open);
  drawbridge.on('addServer', () => {
    const added = server('linear', 'Linear', [account('needs-sign-in')]);
    drawbridge.show(snapshot([added]));
    return { server: added, probe: { url: added.url, signIn: 'oauth', findings: [] } };
  });
  await page.locator('.finding [type="submit"]').click();
  await page.locator('.added').waitFor();
}

async function knowing({ drawbridge }: OpenWindow): Promise<void> {
  tellAll(drawbridge);
}

/** Texts that no catalogue has said, and texts that do not fit where they stand. */
const look = (page: Page): Promise<{ foreign: string[]; cut: string[] }> =>
  page.evaluate(() => {
    // The page itself has a language; a part that has one of its own is not in ours.
    const elsewhere =
      '.foreign, bdi, code, pre, kbd, textarea, script, [dir="auto"], :not(html)[lang]';
    const holds = 'button, .button, .badge, .note, .card';
    const foreign = new Set<string>();
    const cut = new Set<string>();

    // An address is the same in every language.
    const isSaidByUs = (text: string): boolean =>
      !/\p{L}/u.test(text.replace(/⟦[^⟧]*(⟧|$)/g, '')) || /^https?:\/\/\S+$/.test(text);

    const isForReaders = (element: Element): boolean => {
      for (let box: Element | null = element; box !== null; box = box.parentElement)
        if (getComputedStyle(box).clipPath === 'inset(50%)') return true;
      return false;
    };

    /** What hides a part of a text, or what a text stands out of though it belongs in there. */
    const cutBy = (node: Node, element: Element): Element | undefined => {
      const range = document.createRange();
      range.selectNodeContents(node);
      const text = range.getBoundingClientRect();
      const line = range.getClientRects()[0]?.height ?? 0;
      let isOwn = true;
      for (let box: Element | null = element; box !== null; box = box.parentElement) {
        const style = getComputedStyle(box);
        if (style.display === 'inline') continue;
        const hides = style.overflow !== 'visible';
        if (!isOwn && !hides && !box.matches(holds)) continue;
        isOwn = false;
        // A line may be lower than its font: nothing is lost of what stands out of it, unless something hides it.
        const low = line - (Number.parseFloat(style.lineHeight) || line);
        const spare = hides ? 1 : 1 + Math.max(0, low) / 2;
        const edge = box.getBoundingClientRect();
        const isWide = text.left < edge.left - 1 || text.right > edge.right + 1;
        const isHigh = text.top < edge.top - spare || text.bottom > edge.bottom + spare;
        // What can be scrolled to is not lost either.
        const scrolls = [isWide && style.overflowX, isHigh && style.overflowY].filter(Boolean);
        if (scrolls.some((overflow) => overflow !== 'auto' && overflow !== 'scroll')) return box;
        if (scrolls.length > 0) return undefined;
      }
      const page = document.documentElement;
      return text.left < -1 || text.right > page.clientWidth + 1 ? page : undefined;
    };

    // What is out of sight is not laid out before somebody scrolls there.
    for (const element of document.querySelectorAll<HTMLElement>('main *'))
      if (getComputedStyle(element).contentVisibility === 'auto')
        element.style.contentVisibility = 'visible';

    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node !== null; node = walk.nextNode()) {
      const element = node.parentElement;
      const text = node.textContent?.trim() ?? '';
      if (element === null || text === '' || element.closest(elsewhere) !== null) continue;
      // The system draws a choice, and all but one of them only once they are asked for.
      const isChoice = element.closest('option') !== null;
      if (!isChoice && !element.checkVisibility()) continue;
      // A link that shows where it leads says nothing.
      const isAddress = element.closest('a')?.href === `https://${text}`;
      if (!isAddress && !isSaidByUs(text)) foreign.add(text.slice(0, 80));
      if (isChoice || isForReaders(element)) continue;
      const box = cutBy(node, element);
      if (box !== undefined) cut.add(`${text.slice(0, 60)} in ${box.localName}.${box.classList}`);
    }
    for (const element of document.body.querySelectorAll('*')) {
      if (element.closest(elsewhere) !== null) continue;
      // Not the placeholder of a field: most are examples of what a machine reads.
      for (const name of ['aria-label', 'title', 'alt', 'label']) {
        const text = element.getAttribute(name) ?? '';
        if (!isSaidByUs(text)) foreign.add(`${name}: ${text.slice(0, 80)}`);
      }
    }
    return { foreign: [...foreign], cut: [...cut] };
  });

describe.each(Object.entries(scenes))('%s', (_name, { shows, at, before, further }) => {
  test('is told in the words of its catalogue, and they fit', async () => {
    await using open = await browser.open(shows);
    const { page, drawbridge } = open;
    await before?.(open);
    if (at !== undefined) await page.goto(`${drawbridge.url}#${at}`);
    if (at === undefined && before !== undefined) await page.reload();
    await page.getByText('⟦').first().waitFor();
    await partsLoaded(page);
    await further?.(open);
    await unfold(page);
    await partsLoaded(page);
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
