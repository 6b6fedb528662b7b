/** What was removed can be put back: by click, by keyboard, and only as long as that is offered. */
import { expect, test } from 'vitest';
import { type Problem, ProblemError } from '../../shared/contract/problems.ts';
import type { RemovalView } from '../../shared/contract/removals.ts';
import { eventually } from '../doubles/eventually.ts';
import { faults } from './axe.ts';
import { browserOfTests } from './browser-of-tests.ts';
import { account, server, signedIn, snapshot } from './scenes.ts';
import { goTo } from './window.ts';

const browser = browserOfTests();

const linear = (state: ReturnType<typeof account>) => server('linear', 'Linear', [state]);
const docs = server('docs', 'Public docs', [account('open')]);
const before = snapshot([linear(signedIn()), docs]);
const idOf = (place: number): string => place.toString(16).padStart(16, '0');
const removed = (place: number, change: Partial<RemovalView> = {}): RemovalView => ({
  ...{ id: idOf(place), what: 'sign-in', name: 'Linear', until: Date.now() + 30_000 },
  ...change,
});
const signedOut = (...removals: RemovalView[]) =>
  snapshot([linear(account('needs-sign-in')), docs], removals.length === 0 ? {} : { removals });
const bar = 'Just removed';

test('a sign-out is undone by a click, and the focus is not lost', async () => {
  await using open = await browser.open(before);
  const { page, drawbridge } = open;
  drawbridge.on('remove', () => {
    drawbridge.show(signedOut(removed(1)));
    return { id: idOf(1) };
  });
  drawbridge.on('undo', () => {
    drawbridge.show(before);
    return {};
  });
  await page.getByRole('button', { name: 'Sign out: Linear' }).click();
  const offered = page.getByRole('region', { name: bar });
  await offered.getByText('Signed out of Linear').waitFor();
  expect(await page.getByRole('status').allInnerTexts()).toContainEqual(
    expect.stringContaining('Signed out of Linear, which can be undone'),
  );
  expect(await faults(page)).toEqual([]);
  await offered.getByRole('button', { name: 'Undo: Linear' }).click();
  await page.getByText('ada@example.org').waitFor();
  await offered.waitFor({ state: 'detached' });
  expect(drawbridge.calls.map(({ route, body }) => [route, body])).toEqual([
    ['remove', { what: 'sign-in', server: 'linear', account: 'default' }],
    ['undo', { id: idOf(1) }],
  ]);
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.textContent), eventually)
    .toBe('Servers');
  expect(open.complaints).toEqual([]);
});

test('the last removal is undone by the keys that everybody knows, but not while somebody types', async () => {
  await using open = await browser.open(
    signedOut(removed(1), removed(2, { what: 'key', name: 'nightly report' })),
  );
  const { page, drawbridge } = open;
  drawbridge.on('undo', () => {
    drawbridge.show(signedOut(removed(1)));
    return {};
  });
  await page.getByText('Revoked a key of nightly report').waitFor();
  await page.getByRole('button', { name: 'Add server' }).click();
  await page.getByRole('textbox', { name: 'Server address' }).fill('https://mcp');
  await page.keyboard.press('Control+z');
  expect(drawbridge.calls).toEqual([]);
  await page.getByRole('link', { name: 'Linear' }).focus();
  // Held for a moment too long: the key repeats.
  await page.keyboard.down('Control');
  for (let repeat = 0; repeat < 5; repeat += 1) await page.keyboard.down('z');
  await page.keyboard.up('z');
  await page.keyboard.up('Control');
  await page.getByText('Revoked a key of').waitFor({ state: 'detached' });
  expect(drawbridge.calls).toEqual([{ route: 'undo', params: {}, body: { id: idOf(2) } }]);
});

test('it follows to every screen, is closed by whoever does not want it, and goes with its time', async () => {
  await using open = await browser.open(signedOut(removed(1, { livesOn: true })));
  const { page, drawbridge } = open;
  drawbridge.on('settleRemoval', () => {
    drawbridge.show(signedOut());
    return {};
  });
  const offered = page.getByRole('region', { name: bar });
  await goTo(page, 'Settings');
  await offered.getByText('offers no way to end the sign-in on its side').waitFor();
  await offered.getByRole('button', { name: 'Close: Linear' }).click();
  await offered.waitFor({ state: 'detached' });
  expect(drawbridge.calls).toEqual([{ route: 'settleRemoval', params: {}, body: { id: idOf(1) } }]);

  drawbridge.show(signedOut(removed(2)));
  await offered.waitFor();
  drawbridge.show(signedOut());
  await offered.waitFor({ state: 'detached' });
});

test('that it cannot be put back is said beside it', async () => {
  await using open = await browser.open(signedOut(removed(1)));
  const { page, drawbridge } = open;
  drawbridge.on('undo', () => {
    throw new ProblemError('undo-too-late', 'somebody has signed in there meanwhile', {
      hint: 'sign out first',
    });
  });
  await page.getByRole('button', { name: 'Undo: Linear' }).click();
  await page.getByRole('alert').getByText('Somebody has signed in there meanwhile.').waitFor();
  expect(await faults(page)).toEqual([]);
});

test('what a server did not confirm stays until it has been read', async () => {
  const problem: Problem = { code: 'not-revoked', message: 'Linear did not confirm it' };
  const told: RemovalView = { id: idOf(1), what: 'sign-in', name: 'Linear', problem };
  await using open = await browser.open(signedOut(told));
  const { page, drawbridge } = open;
  drawbridge.on('settleRemoval', () => {
    drawbridge.show(signedOut());
    return {};
  });
  await page.getByText('Linear did not confirm it.').waitFor();
  expect(await page.getByRole('button', { name: /^Undo/ }).count()).toBe(0);
  await page.getByRole('button', { name: 'OK: Linear' }).click();
  await page.getByText('Linear did not confirm it.').waitFor({ state: 'detached' });
});

test.each([
  ['markup', '<img src=x onerror="document.title=\'broken\'">'],
  ['bidirectional controls', '\u202Egnp.exe\u2066 \u202B'],
  ['a million letters', 'A'.repeat(1_000_000)],
])('%s in a name stays inert and within the page', async (_name, name) => {
  await using open = await browser.open(
    signedOut(...[1, 2, 3, 4].map((place) => removed(place, { name }))),
    { viewport: { width: 360, height: 500 } },
  );
  const { page } = open;
  const offered = page.getByRole('region', { name: bar });
  await offered.waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  expect((await offered.boundingBox())?.height).toBeLessThan(400);
  expect(await offered.locator('img').count()).toBe(0);
  expect(await offered.getByRole('listitem').count()).toBe(3);
  expect(open.complaints).toEqual([]);
});
