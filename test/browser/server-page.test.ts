/** The page of a server in a real browser, with everything behind it real: daemon, MCP server, authorization server. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Chromium, chromiumAvailable, openChromium } from '../servers/chromium.ts';
import { addInWindow, callAdd, openStage } from './stage.ts';

let chromium: Chromium;

beforeAll(async () => {
  if (chromiumAvailable()) chromium = await openChromium();
});
afterAll(() => chromium?.close());

it.skipIf(!chromiumAvailable())(
  'signs in step by step, tells the facts, calls a tool by hand, and gives another call up',
  { timeout: 120_000 },
  async () => {
    await using stage = await openStage(chromium.browser, 'light', { accessTokenSeconds: 600 });
    const { page, server, signInService, complaints } = stage;
    await addInWindow(page, server.url);
    await page.getByRole('button', { name: 'Not now' }).click();
    await page.getByRole('article').getByRole('link').first().click();

    // Signed out: where a sign-in would go can be looked up.
    await page.getByText('Nobody is signed in.').waitFor();
    await page.getByRole('button', { name: 'Look now' }).click();
    await page.getByText(`${signInService.issuer}/token`, { exact: true }).waitFor();

    const opening = page.context().waitForEvent('page');
    await page.getByRole('button', { name: /^Sign in: / }).click();
    const consent = await opening;
    const steps = page.getByRole('list', { name: 'How far the sign-in is' });
    await steps.locator('[aria-current=step]', { hasText: 'in the browser' }).waitFor();
    await consent.getByRole('button', { name: 'Allow' }).click();
    const panel = page.getByRole('region', { name: 'Accounts' });
    await panel.getByText('Signed in', { exact: true }).waitFor();

    await page.getByText('Access token', { exact: true }).click();
    await page.getByRole('row', { name: /^iss/ }).getByText(signInService.issuer).waitFor();
    await page.getByText('Drawbridge has registered itself').waitFor();
    const text = await page.locator('main').innerText();
    expect(signInService.needles().filter((needle) => text.includes(needle))).toEqual([]);

    await callAdd(page);
    await page.locator('summary', { hasText: 'Add' }).click();

    await page.locator('summary', { hasText: 'Takes its time' }).click();
    await page.getByRole('textbox', { name: 'stepMs (optional)' }).fill('10000');
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    await page.getByText(/^Called \d+ s ago…$/).waitFor();
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await page.getByText('Given up. What it had begun may have been done.').waitFor();
    await expect.poll(() => server.givenUp()).toBe(1);

    await page.getByRole('link', { name: 'Activity' }).last().click();
    await page.getByText('Cancelled').waitFor();
    await page.getByText('Drawbridge', { exact: true }).last().waitFor();
    // The call that was given up is answered with a problem, which Chromium reports.
    expect(complaints).toEqual([expect.stringContaining('409 (Conflict)')]);
  },
);
