/** The whole window without a mouse: every screen is reached, and on each everything that can be done, with the focus in sight. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { RouteBody } from '../../shared/contract/routes.ts';
import { browserOfTests } from './browser-of-tests.ts';
import {
  activityOf,
  inUse,
  keyed,
  pkceUnsaid,
  requests,
  ruled,
  seenAiClients,
  server,
  snapshot,
  someTools,
  twoPeople,
  waiting,
} from './scenes.ts';
import { tellAll } from './server-scenes.ts';
import { everySetting } from './settings-scenes.ts';

const browser = browserOfTests();

/** Names every element that can be acted on, as a person would have to reach it. */
const stops = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const candidates = document.querySelectorAll<HTMLElement>(
      'a[href], button, input, select, textarea, summary, [tabindex="0"]',
    );
    const seen = new Set<string>();
    const names: string[] = [];
    for (const element of candidates) {
      if (!element.checkVisibility() || element.tabIndex < 0 || element.matches(':disabled'))
        continue;
      // Of a group of radio buttons one is a stop; the arrows go on from there.
      if (element instanceof HTMLInputElement && element.type === 'radio') {
        if (seen.has(element.name)) continue;
        seen.add(element.name);
        element
          .closest('fieldset, form, [role="radiogroup"], main')
          ?.querySelectorAll<HTMLInputElement>(`input[name="${CSS.escape(element.name)}"]`)
          .forEach((radio) => (radio.dataset['stop'] = `radio ${element.name}`));
        names.push(`radio ${element.name}`);
        continue;
      }
      const name = `${names.length} ${element.ariaLabel ?? element.textContent?.trim().slice(0, 40) ?? ''}`;
      element.dataset['stop'] = name;
      names.push(name);
    }
    return names;
  });

interface Held {
  readonly stop: string | undefined;
  readonly isSeen: boolean;
}

/** Where the focus is, and whether somebody who looks can tell: it has a ring, and is not hidden behind the edge. */
const held = (page: Page): Promise<Held> =>
  page.evaluate(() => {
    const element = document.activeElement as HTMLElement | null;
    if (element === null || element === document.body) return { stop: undefined, isSeen: true };
    const ringed = [element, element.parentElement, element.nextElementSibling].some(
      (one) => one !== null && getComputedStyle(one).outlineStyle !== 'none',
    );
    const { top, bottom } = element.getBoundingClientRect();
    return {
      stop: element.dataset['stop'],
      isSeen: ringed && bottom > 0 && top < innerHeight,
    };
  });

/** Goes through the whole page by the key alone, from wherever the focus is: past its end it begins anew. */
const goThrough = async (page: Page): Promise<void> => {
  const wanted = await stops(page);
  const reached = new Set<string>();
  const unseen = new Set<string>();
  for (let step = 0; step < 2 * wanted.length + 5 && reached.size < wanted.length; step += 1) {
    await page.keyboard.press('Tab');
    const { stop, isSeen } = await held(page);
    if (stop === undefined) continue;
    reached.add(stop);
    if (!isSeen) unseen.add(stop);
  }
  expect({ missed: wanted.filter((stop) => !reached.has(stop)), unseen: [...unseen] }).toEqual({
    missed: [],
    unseen: [],
  });
};

/** Presses Tab until what is called so has the focus, and then Enter. */
const press = async (page: Page, name: string): Promise<void> => {
  const named = () =>
    page.evaluate(() => {
      const { activeElement: one } = document;
      return one?.ariaLabel ?? one?.textContent?.trim() ?? '';
    });
  const before = await page.locator('a[href], button, input, select, textarea, summary').count();
  for (let step = 0; step < before + 5; step += 1) {
    if ((await named()).startsWith(name)) break;
    await page.keyboard.press('Tab');
  }
  expect(await named()).toMatch(new RegExp(`^${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`));
  await page.keyboard.press('Enter');
};

test('every screen, and what is opened on it', async () => {
  const shown = snapshot(
    [twoPeople, server('sentry', 'Sentry', [waiting]), server('asana', 'Asana', [pkceUnsaid])],
    { ...inUse(), ...keyed(), rules: [...ruled()] },
  );
  const { servers } = snapshot([
    twoPeople,
    server('sentry', 'Sentry', [waiting]),
    server('asana', 'Asana', [pkceUnsaid]),
  ]);
  await using open = await browser.open({ ...shown, servers });
  const { page, drawbridge } = open;
  tellAll(drawbridge);
  drawbridge.on('activity', ({ body }) => activityOf(requests, body as RouteBody<'activity'>));
  drawbridge.on('aiClients', () => ({ aiClients: seenAiClients() }));
  drawbridge.on('knownTools', () => ({ tools: someTools }));
  await everySetting(open);
  await page.getByRole('article').first().waitFor();
  await goThrough(page);
  await press(page, 'Add server');
  await page.getByRole('textbox', { name: 'Server address' }).waitFor();
  await goThrough(page);
  await press(page, 'It wants an API key or token');
  await page.getByLabel('What the server takes').waitFor();
  await goThrough(page);
  await press(page, 'Cancel');
  await press(page, 'Sign-in settings: Linear');
  await page.getByRole('textbox', { name: 'Client id' }).waitFor();
  await goThrough(page);

  await press(page, 'Servers');
  await page.getByRole('article').first().waitFor();
  await press(page, 'Linear');
  await page.getByRole('heading', { level: 2, name: 'Linear' }).waitFor();
  await goThrough(page);
  for (const part of ['Tools', 'Prompts', 'Resources', 'Activity']) {
    // The one of the window comes first.
    await page.getByRole('link', { name: /^Details/ }).focus();
    await press(page, part);
    await page.getByRole('region', { name: part }).waitFor();
    await goThrough(page);
  }

  await press(page, 'AI clients');
  await page.getByRole('heading', { level: 2, name: 'AI clients' }).waitFor();
  await page.getByText('Claude').first().waitFor();
  await goThrough(page);
  await press(page, 'Connect an AI client');
  await page.getByRole('textbox', { name: 'The entry' }).waitFor();
  await goThrough(page);
  await press(page, 'Add rule');
  await page.getByLabel('Server', { exact: true }).waitFor();
  await goThrough(page);

  await press(page, 'Activity');
  await page.getByText('update_issue').waitFor();
  await goThrough(page);
  await press(page, 'Keep what is said for a while');
  await page.getByRole('combobox', { name: 'For how long' }).waitFor();
  await goThrough(page);

  await press(page, 'Forecast');
  await page.getByRole('heading', { level: 2, name: 'Forecast' }).waitFor();
  await page.getByRole('button', { name: 'Renew all now' }).waitFor();
  await goThrough(page);

  await press(page, 'Settings');
  await page.getByText('How callers are verified').waitFor();
  await goThrough(page);
  for (const change of ['Change: Proxy', 'Change vault key…', 'Wipe everything…']) {
    await press(page, change);
    await goThrough(page);
    await page.keyboard.press('Escape');
  }
  expect(open.complaints).toEqual([]);
});
