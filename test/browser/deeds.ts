/** What a person does in the window, one thing after the other, wherever it is shown: by the headless host, or in the app. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { reachBroker } from '../../broker/broker.ts';
import { createControlClient } from '../../shared/contract/client.ts';
import { openClient } from '../broker/bridge/official-clients.ts';
import { eventually } from '../doubles/eventually.ts';
import { goTo } from '../renderer/window.ts';
import { addInWindow, callAdd } from './stage.ts';

export interface DeedWorld {
  /** The window as it is now. */
  readonly page: () => Promise<Page>;
  readonly dataFolder: () => string;
  /** An MCP server that wants a sign-in. */
  readonly guarded: string;
  /** Presses what opens the sign-in page, and answers there. */
  readonly answer: (press: () => Promise<void>, answer: 'Allow' | 'Deny') => Promise<void>;
  /** Presses what opens the sign-in page, and leaves it open. */
  readonly leaveOpen: (press: () => Promise<void>) => Promise<void>;
  /** Where a person pauses it: there is no button for that in the window. */
  readonly pause: () => Promise<unknown>;
  /** Ends Drawbridge, has `meanwhile` looked at, and starts it again. */
  readonly restart: (meanwhile: (page: Page) => Promise<void>) => Promise<void>;
  /** Whether the page outlives that. */
  readonly pageStays: boolean;
}

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first();
const removed = (page: Page) => page.getByRole('region', { name: 'Just removed' });
const isSignedIn = (page: Page) => page.getByText('Signed in', { exact: true }).first().waitFor();

/** Adds, cancels, is refused, tries again, signs in. */
const signInAtLast = async ({ page: at, guarded, answer, leaveOpen }: DeedWorld): Promise<void> => {
  const page = await at();
  await addInWindow(page, guarded);
  await page.getByText('Needs sign-in').waitFor();
  const signIn = () => button(page, /^Sign in/).click();

  await leaveOpen(signIn);
  await page.getByText('Signing in').first().waitFor();
  await button(page, /^Cancel: /).click();
  await page.getByText('Needs sign-in').first().waitFor();

  await answer(signIn, 'Deny');
  await page.locator('.note-message', { hasText: 'was told no' }).waitFor();
  await answer(signIn, 'Allow');
  await isSignedIn(page);
  expect(await page.locator('.note-message', { hasText: 'was told no' }).count()).toBe(0);
};

/** Signs out and takes it back, and gives the server another name. */
const undoAndRename = async ({ page: at }: DeedWorld): Promise<void> => {
  const page = await at();
  await button(page, /^Sign out: /).click();
  await removed(page).getByText('Signed out of').waitFor();
  await page.getByText('Needs sign-in').first().waitFor();
  await button(page, /^Undo: /).click();
  await isSignedIn(page);

  await page.getByRole('article').first().getByRole('link').first().click();
  await button(page, /^Rename: /).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Issues');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 2, name: 'Issues' }).waitFor();
  await goTo(page, 'Servers');
  await page.getByRole('article', { name: 'Issues' }).waitFor();
};

/** A second account: signed in to, removed, and back again. */
const secondAccount = async ({ page: at, answer }: DeedWorld): Promise<void> => {
  const page = await at();
  await button(page, 'Sign-in settings: Issues').click();
  await button(page, 'Add account').click();
  await page.getByRole('textbox', { name: 'Name' }).last().fill('work');
  await answer(() => button(page, 'Add and sign in').click(), 'Allow');
  const remove = button(page, /^Remove account: Issues/);
  await goTo(page, 'Servers');
  const rows = page.getByRole('article', { name: 'Issues' }).getByRole('listitem');
  await expect.poll(() => rows.filter({ hasText: 'Signed in' }).count(), eventually).toBe(2);

  await button(page, 'Sign-in settings: Issues').click();
  await remove.click();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await removed(page).getByText('Removed the account').waitFor();
  await page.keyboard.press('Control+z');
  await remove.waitFor();
  await goTo(page, 'Servers');
  await expect.poll(() => rows.filter({ hasText: 'Signed in' }).count(), eventually).toBe(2);
};

/** What an AI client has to be told. */
const connect = async ({ page: at }: DeedWorld): Promise<void> => {
  const page = await at();
  await goTo(page, 'AI clients');
  // Who has none yet need not ask for it.
  const entry = page.getByRole('textbox', { name: 'The entry' });
  await entry.waitFor();
  expect(await entry.inputValue()).toContain('drawbridge');
};

/** A call by hand, in the activity and in a file of it. */
const callAndExport = async ({ page: at }: DeedWorld): Promise<void> => {
  const page = await at();
  await goTo(page, 'Servers');
  await page.getByRole('article').first().getByRole('link').first().click();
  await callAdd(page);
  await goTo(page, 'Activity');
  await page.getByRole('main').getByText('add', { exact: true }).first().waitFor();

  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    button(page, 'Save as CSV').click(),
  ]);
  expect(await readFile(await saved.path(), 'utf8')).toMatch(/,tools\/call,add,/);
};

/** Renewals, and settings that are there after a new start. */
const setAndRestart = async ({ page: at, restart, pageStays }: DeedWorld): Promise<void> => {
  const page = await at();
  await goTo(page, 'Forecast');
  await button(page, 'Renew all now').click();
  await page
    .getByText(/renewed/i)
    .first()
    .waitFor();
  await goTo(page, 'Settings');
  await button(page, 'Change: Not through the proxy').click();
  await page.getByRole('textbox', { name: 'Not through the proxy' }).fill('.acme.example');
  await button(page, 'Save').click();
  await page.getByText('.acme.example', { exact: true }).waitFor();
  await page.evaluate(() => Object.assign(window, { sameDocument: true }));

  await restart(async (left) => {
    await left.getByText('Drawbridge is not answering').waitFor();
  });

  const after = await at();
  await after.getByText('Drawbridge is not answering').waitFor({ state: 'detached' });
  expect(await after.evaluate(() => 'sameDocument' in window)).toBe(pageStays);
  await goTo(after, 'Settings');
  await after.getByText('.acme.example', { exact: true }).waitFor();
  await goTo(after, 'Servers');
  await after.getByRole('article', { name: 'Issues' }).waitFor();
  const rows = after.getByRole('article', { name: 'Issues' }).getByRole('listitem');
  await expect.poll(() => rows.filter({ hasText: 'Signed in' }).count(), eventually).toBe(2);
};

/** An AI client that may only call with the person's leave, what it says kept for a while, and an end of all that. */
const watchOver = async ({ page: at, pause, dataFolder }: DeedWorld): Promise<void> => {
  const page = await at();
  await goTo(page, 'Activity');
  await button(page, 'Keep what is said for a while').click();
  await button(page, 'Keep it').click();
  await button(page, 'Stop now').click();
  await page.getByText('Drawbridge keeps what').waitFor({ state: 'detached' });

  await goTo(page, 'AI clients');
  await button(page, 'Add rule').click();
  await page.getByLabel('Ask me before these tools').fill('add');
  await page.getByRole('form').getByRole('button', { name: 'Add rule' }).click();
  const rules = page.getByRole('region', { name: 'Rules' });
  await rules.getByText('Asks before add').waitFor();

  // In a terminal: a page cannot make itself one.
  const control = createControlClient(await reachBroker(dataFolder(), 'terminal'));
  const { key } = await control.makeDoorKey({ aiClient: 'Nightly' });
  const { doors, servers } = await control.snapshot();
  const door = { url: `${doors.http}/mcp/${servers[0]?.id}`, key };
  await using client = await openClient('SDK 2.x, modern era', door);
  const call = async (): Promise<string> => (await client.call('add', { a: 20, b: 22 })).text;
  const calling = call();
  const allow = button(page, 'Allow once: add');
  await expect.poll(() => allow.getAttribute('aria-disabled'), eventually).toBeNull();
  await allow.click();
  expect(await calling).toBe('42');

  await rules.getByRole('button', { name: /^Remove/ }).click();
  await button(page, 'Remove').click();
  await removed(page).getByText('Removed the rule').waitFor();
  expect(await call()).toBe('42');

  await pause();
  await page.getByText('Drawbridge is paused').first().waitFor();
  expect(await call()).toContain('has paused');
  await button(page, 'Resume').click();
  await page.getByText('Drawbridge is paused').first().waitFor({ state: 'detached' });

  await button(page, 'Revoke: Nightly').click();
  await page.getByRole('button', { name: 'Revoke', exact: true }).click();
  await removed(page).getByText('Revoked a key of').waitFor();
  await expect(call()).rejects.toThrow('Drawbridge key');
};

/** The end of everything. */
const wipe = async ({ page: at }: DeedWorld): Promise<void> => {
  const page = await at();
  await goTo(page, 'Settings');
  await button(page, 'Wipe everything…').click();
  await page.getByRole('button', { name: 'Wipe everything', exact: true }).click();
  await page.getByText('Everything is wiped.').waitFor();
  await goTo(page, 'Servers');
  await page.getByText('Needs sign-in').first().waitFor();
  await page.getByText('Signed in', { exact: true }).first().waitFor({ state: 'detached' });
};

export const everyDeed = async (world: DeedWorld): Promise<void> => {
  for (const deed of [
    signInAtLast,
    undoAndRename,
    secondAccount,
    connect,
    callAndExport,
    watchOver,
    setAndRestart,
    wipe,
  ])
    await deed(world);
};
