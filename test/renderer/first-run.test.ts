/** Is a person who begins without a server led to a connected AI client, whatever they skip or look at meanwhile? */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { ProbeReport } from '../../shared/contract/routes.ts';
import { browserOfTests } from './browser-of-tests.ts';
import { account, server, signedIn, snapshot } from './scenes.ts';
import { goTo, type OpenWindow } from './window.ts';

const browser = browserOfTests();

const linear = (one = account('needs-sign-in')) => server('linear', 'Linear', [one]);
const probe: ProbeReport = {
  ...{ url: 'https://mcp.linear.app/mcp', name: 'Linear', signIn: 'oauth', findings: [] },
  ...{ issuer: 'https://login.linear.example', registration: 'dynamic' },
};

const panel = (page: Page) => page.getByRole('region', { name: 'First steps' });
const stepNow = async (page: Page): Promise<string> => {
  const now = panel(page).locator('[aria-current=step]');
  await now.waitFor();
  return (await now.innerText()).replace(/\s+/g, ' ');
};

const answering = ({ drawbridge }: OpenWindow): void => {
  drawbridge.on('probe', () => probe);
  for (const route of ['addServer', 'addDemo'] as const)
    drawbridge.on(route, () => {
      drawbridge.show(snapshot([linear()]));
      return { server: linear(), probe };
    });
};

test('a server that many have, its sign-in, and an AI client, one step after the other', async () => {
  await using open = await browser.open(snapshot([]));
  const { page, drawbridge } = open;
  answering(open);
  await page.getByRole('button', { name: 'Linear', exact: true }).click();
  await page.getByRole('button', { name: 'Add server' }).click();
  await page.getByRole('button', { name: 'Not now' }).click();
  expect(await stepNow(page)).toContain('Sign in');

  // Somewhere else, and back.
  await goTo(page, 'Settings');
  await goTo(page, 'Servers');
  expect(await stepNow(page)).toContain('Sign in');

  drawbridge.show(snapshot([linear(signedIn())]));
  await panel(page).getByRole('button', { name: 'Connect an AI client' }).click();
  await page.getByRole('heading', { level: 2, name: 'AI clients' }).waitFor();
  await goTo(page, 'Servers');
  await page.getByRole('article', { name: 'Linear' }).waitFor();
  expect(await panel(page).count()).toBe(0);
  expect(open.complaints).toEqual([]);
});

test('the demo is offered, and added with a click', async () => {
  await using open = await browser.open(snapshot([]));
  answering(open);
  await open.page.getByRole('button', { name: /demo server/ }).click();
  await open.page.getByRole('article', { name: 'Linear' }).waitFor();
  expect(open.drawbridge.calls.map(({ route }) => route)).toContain('addDemo');
  expect(await stepNow(open.page)).toContain('Sign in');
});

test('each step can be skipped, and stays so', async () => {
  await using open = await browser.open(snapshot([]));
  const { page, drawbridge } = open;
  answering(open);
  await page.getByRole('button', { name: /demo server/ }).click();
  await page.getByRole('article', { name: 'Linear' }).waitFor();
  await page.getByRole('button', { name: 'Not now' }).click();
  await panel(page).getByRole('button', { name: 'Skip' }).click();
  expect(await stepNow(page)).toContain('Connect');
  await panel(page).getByRole('button', { name: 'Later' }).click();
  await panel(page).waitFor({ state: 'detached' });
  await goTo(page, 'Forecast');
  await goTo(page, 'Servers');
  await page.getByRole('article', { name: 'Linear' }).waitFor();
  expect(await panel(page).count()).toBe(0);

  // With the last server everything has gone, and begins anew.
  drawbridge.show(snapshot([]));
  await page.getByRole('button', { name: 'Linear', exact: true }).waitFor();
});

test('whoever has servers is not led anywhere', async () => {
  await using open = await browser.open(snapshot([linear()]));
  await open.page.getByRole('article', { name: 'Linear' }).waitFor();
  expect(await panel(open.page).count()).toBe(0);
});
