/** The secrets in the vault by their names: who uses them, a new value, and their end. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { ProblemError } from '../../shared/contract/problems.ts';
import { eventually } from '../doubles/eventually.ts';
import { browserOfTests } from './browser-of-tests.ts';
import { lockedVault, minted, provider, removal, signedIn, snapshot } from './scenes.ts';
import { goTo, type OpenWindow } from './window.ts';

const browser = browserOfTests();

const canary = 'canary-new-value';
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const region = (page: Page) => page.getByRole('region', { name: 'Secrets in the vault' });
const focused = (page: Page) =>
  page.evaluate(
    () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent,
  );
const deeds = ({ drawbridge }: OpenWindow) =>
  drawbridge.calls
    .filter(({ route }) => route !== 'secrets')
    .map(({ route, body }) => [route, body] as const);
const rows = (page: Page) => region(page).locator('li').allInnerTexts();

/** A vault that changes as it is told to. */
const look = async (open: OpenWindow): Promise<Set<string>> => {
  const names = new Set(['OLD_KEY', 'SEARCH_KEY']);
  const { drawbridge, page } = open;
  drawbridge.on('secrets', () => ({ names: [...names].toSorted() }));
  drawbridge.on('keepSecret', ({ body }) => {
    names.add((body as { name: string }).name);
    return {};
  });
  drawbridge.on('remove', ({ body }) => {
    names.delete((body as { name: string }).name);
    return removal;
  });
  await goTo(page, 'Settings');
  await region(page).getByText('OLD_KEY').waitFor();
  return names;
};

test('are named with the servers that use them, those that are not there as well', async () => {
  await using open = await browser.open(minted());
  await look(open);
  expect(await rows(open.page)).toEqual([
    expect.stringMatching(/^OLD_KEY\s+Used by no server\s+Replace\s+Remove$/),
    expect.stringMatching(/^SEARCH_KEY\s+Used by Search\s+Replace\s+Remove$/),
    expect.stringMatching(/^SNOWFLAKE_KEY\s+Not in the vault\s+Used by Warehouse\s+Type it in$/),
  ]);
  expect(open.complaints).toEqual([]);
});

test('are named with servers that sign in or show a certificate with them, and with the HTTP door', async () => {
  const [search] = minted().servers.filter(({ id }) => id === 'search');
  const signIn = { hasClientSecret: false, hasClientKey: false };
  await using open = await browser.open(
    snapshot([
      {
        ...provider('okta', 'Okta', [signedIn()]),
        signIn: { ...signIn, clientSecretFrom: '${vault:OKTA_SECRET}' },
      },
      {
        ...search!,
        clientCertificate: {
          ...{ certificate: '${file:/cert.pem}', key: '${vault:CERT_KEY}', alsoAt: [] },
        },
      },
    ]),
  );
  open.drawbridge.on('secrets', () => ({
    names: ['CERT_KEY', 'SEARCH_KEY'],
    door: ['DOOR_SECRET', 'SEARCH_KEY'],
  }));
  await goTo(open.page, 'Settings');
  await region(open.page).getByText('CERT_KEY').waitFor();
  expect(await rows(open.page)).toEqual([
    expect.stringMatching(/^CERT_KEY\s+Used by Search\s+Replace\s+Remove$/),
    expect.stringMatching(/^DOOR_SECRET\s+Not in the vault\s+Used by HTTP door\s+Type it in$/),
    expect.stringMatching(/^OKTA_SECRET\s+Not in the vault\s+Used by Okta\s+Type it in$/),
    expect.stringMatching(/^SEARCH_KEY\s+Used by Search and HTTP door\s+Replace\s+Remove$/),
  ]);
  expect(open.complaints).toEqual([]);
});

test('one gets a new value, which leaves its field at once', async () => {
  await using open = await browser.open(minted());
  const { page } = open;
  await look(open);
  await press(page, 'Replace: SEARCH_KEY');
  const field = page.getByLabel('New value of SEARCH_KEY');
  await expect.poll(() => field.evaluate((one) => one === document.activeElement)).toBe(true);
  await page.keyboard.type(canary);
  expect(await page.content()).not.toContain(canary);
  await press(page, 'Save');
  await expect.poll(() => focused(page), eventually).toBe('Replace: SEARCH_KEY');
  expect(deeds(open)).toEqual([['keepSecret', { name: 'SEARCH_KEY', value: canary }]]);
});

test('one that is not there is typed in', async () => {
  await using open = await browser.open(minted());
  const { page } = open;
  await look(open);
  await press(page, 'Type it in: SNOWFLAKE_KEY');
  await page.getByLabel('New value of SNOWFLAKE_KEY').fill(`${canary}\nof two lines`);
  await press(page, 'Save');
  await page.getByText('Not in the vault').waitFor({ state: 'detached' });
  expect(deeds(open)).toEqual([
    ['keepSecret', { name: 'SNOWFLAKE_KEY', value: `${canary}\nof two lines` }],
  ]);
});

test('one that cannot be kept says why, and keeps nothing in the page', async () => {
  await using open = await browser.open(minted());
  const { page, drawbridge } = open;
  await look(open);
  drawbridge.on('keepSecret', () => {
    throw new ProblemError('cannot-save', 'the disk is full');
  });
  await press(page, 'Replace: SEARCH_KEY');
  const field = page.getByLabel('New value of SEARCH_KEY');
  await field.fill(canary);
  await press(page, 'Save');
  await page.getByRole('alert').getByText('The disk is full.').waitFor();
  expect(await field.inputValue()).toBe('');
  await expect.poll(() => field.evaluate((one) => one === document.activeElement)).toBe(true);
  await page.keyboard.press('Escape');
  await expect.poll(() => focused(page), eventually).toBe('Replace: SEARCH_KEY');
});

test('are removed after one more question, by keyboard, which says whom it hurts', async () => {
  await using open = await browser.open(minted());
  const { page } = open;
  await look(open);
  await page.getByRole('button', { name: 'Remove: SEARCH_KEY' }).press('Enter');
  await page.getByText('Search cannot be used without it.').waitFor();
  await expect.poll(() => focused(page), eventually).toBe('Keep');
  await page.keyboard.press('Escape');
  await expect.poll(() => focused(page), eventually).toBe('Remove: SEARCH_KEY');
  await page.keyboard.press('Enter');
  await expect.poll(() => focused(page), eventually).toBe('Keep');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  // It is still named by a server, so it can be typed in again.
  await expect.poll(() => focused(page), eventually).toBe('Type it in: SEARCH_KEY');
  await page.getByRole('button', { name: 'Remove: OLD_KEY' }).press('Enter');
  await page.getByText('No server uses it.').waitFor();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await region(page).getByText('OLD_KEY').waitFor({ state: 'detached' });
  await expect.poll(() => focused(page), eventually).toContain('What credentials are made of');
  expect(deeds(open)).toEqual([
    ['remove', { what: 'secret', name: 'SEARCH_KEY' }],
    ['remove', { what: 'secret', name: 'OLD_KEY' }],
  ]);
});

test('are asked for again when a server names another one', async () => {
  await using open = await browser.open(minted());
  const names = await look(open);
  names.add('NEW_KEY');
  const { servers } = minted();
  const [first, ...others] = servers;
  const source = { kind: 'bearer', token: '${vault:NEW_KEY}' } as const;
  open.drawbridge.show(snapshot([{ ...first!, source }, ...others]));
  await expect
    .poll(() => rows(open.page), eventually)
    .toContainEqual(expect.stringMatching(/^NEW_KEY\s+Used by Warehouse\s+Replace/));
});

test('are not spoken of where nothing can name one, nor told while the vault is closed', async () => {
  await using none = await browser.open(snapshot([provider('okta', 'Okta', [signedIn()])]));
  await none.page.getByRole('heading', { name: 'Okta' }).waitFor();
  expect(await region(none.page).count()).toBe(0);

  await using closed = await browser.open({ ...minted(), vault: lockedVault });
  await goTo(closed.page, 'Settings');
  await region(closed.page).getByText('The vault is closed.').waitFor();
  expect(await region(closed.page).locator('li').count()).toBe(0);
});
