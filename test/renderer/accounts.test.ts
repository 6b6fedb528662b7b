/** Who the person is on a server, once or several times: what the window shows of it, and what it asks of the broker. */
import { describe, expect, test } from 'vitest';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { ServerView } from '../../shared/contract/snapshot.ts';
import { eventually } from '../doubles/eventually.ts';
import { browserOfTests } from './browser-of-tests.ts';
import {
  account,
  company,
  needsClient,
  removal,
  server,
  settled,
  signedIn,
  snapshot,
  twoPeople,
} from './scenes.ts';
import type { OpenWindow } from './window.ts';

const browser = browserOfTests();

const one = server('linear', 'Linear', [signedIn()]);
const work = { server: 'linear', account: 'work' };

const openSettings = async (shown: ServerView): Promise<OpenWindow> => {
  const open = await browser.open(snapshot([shown]));
  await open.page.getByRole('button', { name: 'Sign-in settings: Linear' }).click();
  return open;
};

describe('a card', () => {
  test('with one account names nobody but the person', async () => {
    await using open = await browser.open(snapshot([one]));
    const card = open.page.getByRole('article');
    await card.getByText('ada@example.org').waitFor();
    expect(await card.getByText('default').count()).toBe(0);
    expect(
      await card.getByRole('button').evaluateAll((all) => all.map(({ ariaLabel }) => ariaLabel)),
    ).toEqual(['Sign-in settings: Linear', 'Remove: Linear', 'Sign out: Linear']);
  });

  test('with several tells them apart, and which one AI clients use', async () => {
    await using open = await browser.open(
      snapshot([
        {
          ...twoPeople,
          accounts: [...twoPeople.accounts, account('needs-sign-in', { id: 'third' })],
        },
      ]),
    );
    const rows = open.page.getByRole('article').getByRole('listitem');
    await rows.first().waitFor();
    expect(await rows.allInnerTexts()).toEqual([
      expect.stringMatching(/Signed in\s+ada@example.org\s+Used by default[^]*Sign out/),
      expect.stringMatching(/Signed in\s+grace@work.example\s+2 days left[^]*Sign out/),
      expect.stringMatching(/Needs sign-in\s+third[^]*Sign in/),
    ]);
    await open.page.getByRole('button', { name: 'Sign out: Linear (grace@work.example)' }).click();
    await open.page.getByRole('button', { name: 'Sign in: Linear (third)' }).click();
    await expect
      .poll(
        () => open.drawbridge.calls.map(({ route, params, body }) => [route, params, body]),
        eventually,
      )
      .toEqual([
        ['remove', {}, { what: 'sign-in', ...work }],
        ['signIn', { server: 'linear', account: 'third' }, expect.anything()],
      ]);
  });

  test('tells two accounts of the same person apart by their names', async () => {
    const same = server('linear', 'Linear', [signedIn(), signedIn({ id: 'work' })]);
    await using open = await browser.open(snapshot([same]));
    await open.page.getByRole('button', { name: 'Sign out: Linear (work)' }).waitFor();
    await open.page.getByRole('button', { name: 'Sign out: Linear (default)' }).waitFor();
  });
});

describe('an account', () => {
  test('is added under the name proposed and signed in to, which shows in the list', async () => {
    await using open = await openSettings(one);
    const { page, drawbridge } = open;
    drawbridge.on('addAccount', () => {
      drawbridge.show(snapshot([twoPeople]));
      return { server: twoPeople };
    });
    drawbridge.on('signIn', () => ({ step: 'discovering' }));
    await page.getByRole('button', { name: 'Add account' }).click();
    expect(await page.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('work');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Servers' }).waitFor();
    expect(drawbridge.calls).toEqual([
      { route: 'addAccount', params: { server: 'linear' }, body: { account: 'work' } },
      { route: 'signIn', params: work, body: {} },
    ]);
    expect(open.complaints).toEqual([]);
  });

  test('that cannot be added says why, and is not signed in to', async () => {
    await using open = await openSettings(one);
    const { page, drawbridge } = open;
    drawbridge.on('addAccount', () => {
      throw new ProblemError('account-exists', 'AI clients know linear-home already');
    });
    await page.getByRole('button', { name: 'Add account' }).click();
    const name = page.getByRole('textbox', { name: 'Name' });
    await name.fill('Not A Name');
    await page.keyboard.press('Enter');
    await page.getByText('Lowercase letters, digits and hyphens only').waitFor();
    expect(drawbridge.calls).toEqual([]);
    await name.fill('home');
    await page.keyboard.press('Enter');
    await page.getByText('AI clients know linear-home already').waitFor();
    expect(drawbridge.calls.map(({ route }) => route)).toEqual(['addAccount']);
    await page.getByRole('button', { name: 'Cancel' }).first().click();
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.textContent))
      .toBe('Add account');
  });

  test('becomes another person’s by a sign-in that lets them choose', async () => {
    await using open = await openSettings(one);
    const { page, drawbridge } = open;
    drawbridge.on('signIn', () => ({ step: 'discovering' }));
    await page.getByRole('button', { name: 'Use another account: Linear' }).click();
    await page.getByRole('heading', { name: 'Servers' }).waitFor();
    expect(drawbridge.calls).toEqual([
      {
        route: 'signIn',
        params: { server: 'linear', account: 'default' },
        body: { chooseAccount: true },
      },
    ]);
  });

  test('becomes the one that is used by default', async () => {
    await using open = await openSettings(twoPeople);
    const { page, drawbridge } = open;
    drawbridge.on('makeDefaultAccount', () => {
      drawbridge.show(snapshot([{ ...twoPeople, defaultAccount: 'work' }]));
      return {};
    });
    await page.getByRole('button', { name: 'Use by default: Linear (grace@work.example)' }).click();
    await page.getByRole('button', { name: 'Use by default: Linear (ada@example.org)' }).waitFor();
    expect(drawbridge.calls).toEqual([
      { route: 'makeDefaultAccount', params: work, body: undefined },
    ]);
    // The default one stays.
    await page.getByRole('button', { name: 'Remove account: Linear (ada@example.org)' }).waitFor();
    expect(await page.getByRole('button', { name: /^Remove account/ }).count()).toBe(1);
  });

  test('is removed after one more question, with the focus on the harmless answer', async () => {
    await using open = await openSettings(twoPeople);
    const { page, drawbridge } = open;
    drawbridge.on('remove', () => {
      drawbridge.show(snapshot([one]));
      return removal;
    });
    await page.getByRole('button', { name: 'Remove account: Linear (grace@work.example)' }).click();
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Keep');
    expect(drawbridge.calls).toEqual([]);
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByText('grace@work.example').waitFor({ state: 'detached' });
    expect(drawbridge.calls).toEqual([
      { route: 'remove', params: {}, body: { what: 'account', ...work } },
    ]);
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.textContent))
      .toBe('Accounts');
  });
});

test.each<[string, ServerView]>([
  ['is not set up', server('linear', 'Linear', [needsClient])],
  [
    'signs in by itself',
    server('linear', 'Linear', [signedIn()], undefined, settled({ kind: 'client-credentials' })),
  ],
  ['is a company’s', { ...(company().servers[0] ?? one), title: 'Linear' }],
])('a server that %s offers no more accounts', async (_how, shown) => {
  await using open = await openSettings(shown);
  await open.page.getByRole('heading', { name: 'Sign-in settings' }).waitFor();
  expect(await open.page.getByRole('heading', { name: 'Accounts' }).count()).toBe(0);
});
