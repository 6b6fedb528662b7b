/** Servers whose credentials are got without a person: nobody is asked to sign in, or could. */
import { expect, test } from 'vitest';
import { browserOfTests } from './browser-of-tests.ts';
import { minted } from './scenes.ts';

const browser = browserOfTests();

test('say where their credential comes from, and offer no sign-in', async () => {
  await using open = await browser.open(minted());
  const { page } = open;
  const search = page.getByRole('article', { name: 'Search' });
  await search.getByText('Sends the header X-Api-Key').waitFor();
  await search.getByText('Credential in place').waitFor();
  const warehouse = page.getByRole('article', { name: 'Warehouse' });
  await warehouse.getByText('with the key pair of agent').waitFor();
  await warehouse.getByText(/46 min|47 min/).waitFor();
  expect(await page.getByRole('button', { name: /sign/i }).count()).toBe(0);
});

test('that is not to be had says why, and is tried again by a click', async () => {
  await using open = await browser.open(minted());
  const { page, drawbridge } = open;
  const build = page.getByRole('article', { name: 'Build' });
  await build.getByText('No credential to be had').waitFor();
  await build.getByText('run kinit').waitFor();
  await build.getByRole('button', { name: /Try now/ }).click();
  await expect
    .poll(() => drawbridge.calls)
    .toEqual([
      { route: 'renew', params: { server: 'build', account: 'default' }, body: undefined },
    ]);
});
