/** The page of one server: the way there and back, renaming, the steps of a sign-in, and its facts. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { AccountView, ServerView, SignInStep } from '../../shared/contract/snapshot.ts';
import { browserOfTests } from './browser-of-tests.ts';
import {
  account,
  company,
  local,
  minted,
  removal,
  server,
  settled,
  signedIn,
  signInRefused,
  snapshot,
  twoPeople,
  waiting,
  withCode,
} from './scenes.ts';
import { nothingKnown, signInFacts, tellAll } from './server-scenes.ts';
import { goTo, type OpenWindow } from './window.ts';

const browser = browserOfTests();

const key = { server: 'linear', account: 'default' };
const linear = (one: AccountView, more: Partial<ServerView> = {}) =>
  snapshot([
    server('linear', 'Linear', [one], undefined, more),
    server('docs', 'Public docs', [account('open')]),
  ]);

const openPage = async (open: OpenWindow, title = 'Linear'): Promise<void> => {
  await open.page.getByRole('link', { name: title, exact: true }).click();
  await open.page.getByRole('heading', { level: 2, name: title }).waitFor();
};
const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    return element?.getAttribute('aria-label') ?? element?.textContent;
  });
const asked = ({ drawbridge }: OpenWindow, route: string) =>
  drawbridge.calls.filter((call) => call.route === route);

describe('the way there and back', () => {
  test('the whole head of a server leads to its page, but for its buttons', async () => {
    await using open = await browser.open(linear(signedIn()));
    tellAll(open.drawbridge);
    const { page } = open;
    const head = page.getByRole('article', { name: 'Linear' }).locator('.server-head');
    await head.locator('.tile').click({ force: true });
    await page.getByRole('heading', { level: 2, name: 'Linear' }).waitFor();
    expect(new URL(page.url()).hash).toBe('#/servers/linear');
    await expect.poll(() => focused(page)).toBe('Linear');

    await page.getByRole('link', { name: 'Servers', exact: true }).last().click();
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.id), { message: 'back at its link' })
      .toBe('server-linear');
    await head.getByRole('button', { name: 'Remove: Linear' }).click();
    await page.getByText('Remove this server?').waitFor();
    expect(new URL(page.url()).hash).toBe('#/servers');
    expect(open.complaints).toEqual([]);
  });

  test('a link leads to a part of it, and what is no part to its details', async () => {
    await using open = await browser.open(linear(signedIn()));
    tellAll(open.drawbridge);
    const { page } = open;
    for (const [fragment, part] of [
      ['#/servers/linear/tools', 'Tools'],
      ['#/servers/linear/nonsense', 'Details'],
      ['#/servers/linear/activity', 'Activity'],
    ]) {
      await page.goto(`${open.drawbridge.url}${fragment}`);
      await expect
        .poll(() => page.locator('.parts [aria-current=page]').innerText())
        .toContain(part);
    }
    await page.goBack();
    await expect.poll(() => page.locator('.parts [aria-current=page]').innerText()).toBe('Details');
  });

  test('a server that is removed meanwhile leaves its page', async () => {
    await using open = await browser.open(linear(signedIn()));
    tellAll(open.drawbridge);
    await openPage(open);
    open.drawbridge.show(snapshot([server('docs', 'Public docs', [account('open')])]));
    await open.page.getByRole('article', { name: 'Public docs' }).waitFor();
    await expect.poll(() => focused(open.page)).toBe('Servers');
  });

  test('removing asks once more, and ends in the list', async () => {
    await using open = await browser.open(linear(signedIn()));
    const { page, drawbridge } = open;
    tellAll(drawbridge);
    await openPage(open);
    drawbridge.on('remove', () => {
      drawbridge.show(snapshot([server('docs', 'Public docs', [account('open')])]));
      return removal;
    });
    await page.getByRole('button', { name: 'Remove: Linear' }).click();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByRole('article', { name: 'Public docs' }).waitFor();
    expect(asked(open, 'remove')).toHaveLength(1);
  });

  test('its settings lead back to where they were opened', async () => {
    await using open = await browser.open(linear(signedIn()));
    tellAll(open.drawbridge);
    const { page } = open;
    await openPage(open);
    await page.getByRole('button', { name: 'Sign-in settings: Linear' }).click();
    await page.getByRole('button', { name: 'Linear', exact: true }).click();
    await page.getByRole('heading', { level: 2, name: 'Linear' }).waitFor();
    await goTo(page, 'Servers');
    await page.getByRole('button', { name: 'Sign-in settings: Linear' }).click();
    await page.getByRole('button', { name: 'Servers', exact: true }).click();
    await page.getByRole('article', { name: 'Linear' }).waitFor();
  });

  test('an identity provider has nothing to leaf through, and nobody is asked for it', async () => {
    await using open = await browser.open(company());
    tellAll(open.drawbridge);
    await openPage(open, 'Okta');
    await open.page.getByText('ada@company.example').waitFor();
    await open.page.getByRole('heading', { name: 'Endpoints' }).waitFor();
    expect(await open.page.getByRole('navigation', { name: 'Parts of this page' }).count()).toBe(0);
    expect(asked(open, 'catalogue')).toEqual([]);
    expect(open.complaints).toEqual([]);
  });
});

describe('renaming', () => {
  test('happens in place, and gives the focus back', async () => {
    await using open = await browser.open(linear(signedIn()));
    const { page, drawbridge } = open;
    tellAll(drawbridge);
    await openPage(open);
    const renamed = server('linear', 'Issues', [signedIn()]);
    drawbridge.on('renameServer', () => {
      drawbridge.show(snapshot([renamed]));
      return { server: renamed };
    });
    await page.getByRole('button', { name: 'Rename: Linear' }).click();
    const box = page.getByRole('textbox', { name: 'Name' });
    expect(await box.inputValue()).toBe('Linear');
    await box.fill('  Issues ');
    await box.press('Enter');
    await page.getByRole('heading', { level: 2, name: 'Issues' }).waitFor();
    await expect.poll(() => focused(page)).toBe('Rename: Issues');
    expect(asked(open, 'renameServer')).toEqual([
      { route: 'renameServer', params: { server: 'linear' }, body: { title: 'Issues' } },
    ]);
  });

  test('to nothing is not asked for, and Escape leaves it as it was', async () => {
    await using open = await browser.open(linear(signedIn()));
    const { page } = open;
    tellAll(open.drawbridge);
    await openPage(open);
    await page.getByRole('button', { name: 'Rename: Linear' }).click();
    const box = page.getByRole('textbox', { name: 'Name' });
    await box.fill('   ');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Give it a name.').waitFor();
    await expect.poll(() => box.evaluate((one) => one === document.activeElement)).toBe(true);
    await box.press('Escape');
    await expect.poll(() => focused(page)).toBe('Rename: Linear');
    expect(asked(open, 'renameServer')).toEqual([]);
  });

  test('that is refused says why, and what was typed stays', async () => {
    await using open = await browser.open(linear(signedIn()));
    const { page } = open;
    tellAll(open.drawbridge);
    await openPage(open);
    open.drawbridge.on('renameServer', () => {
      throw new ProblemError('policy-faulty', 'the policy cannot be read');
    });
    await page.getByRole('button', { name: 'Rename: Linear' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Issues');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('alert').getByText('The policy cannot be read.').waitFor();
    expect(await page.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('Issues');
  });
});

describe('a sign-in', () => {
  const at = (step: SignInStep) =>
    linear(account('signing-in', { signIn: { step, startedAt: Date.now() } }));
  const steps = (page: Page) => page.getByRole('list', { name: 'How far the sign-in is' });
  const states = async (page: Page): Promise<string[]> =>
    (await steps(page).locator('.step-title .unseen').allInnerTexts()).map((text) =>
      text.replace(', ', ''),
    );

  test('is followed through its three steps, and is gone once it is over', async () => {
    await using open = await browser.open(at('discovering'));
    const { page, drawbridge } = open;
    tellAll(drawbridge);
    await openPage(open);
    const expected: [SignInStep, string[]][] = [
      ['registering', ['under way', 'not yet', 'not yet']],
      ['opening-browser', ['done', 'under way', 'not yet']],
      ['waiting-for-browser', ['done', 'under way', 'not yet']],
      ['exchanging', ['done', 'done', 'under way']],
      ['saving', ['done', 'done', 'under way']],
    ];
    for (const [step, words] of expected) {
      drawbridge.show(at(step));
      await expect.poll(() => states(page), { message: step }).toEqual(words);
      expect(await steps(page).locator('[aria-current=step]').count()).toBe(1);
      await expect
        .poll(() => page.getByRole('button', { name: 'No page opened?' }).count())
        .toBe(step === 'waiting-for-browser' ? 1 : 0);
    }
    drawbridge.show(linear(signedIn()));
    await steps(page).waitFor({ state: 'detached' });
    expect(open.complaints).toEqual([]);
  });

  test('is begun and cancelled here, and the focus stays', async () => {
    await using open = await browser.open(linear(account('needs-sign-in')));
    const { page, drawbridge } = open;
    tellAll(drawbridge);
    await openPage(open);
    drawbridge.on('signIn', () => {
      drawbridge.show(linear(waiting));
      return { step: 'discovering' };
    });
    drawbridge.on('cancelSignIn', () => {
      const cancelled = { code: 'sign-in-cancelled', message: 'cancelled' } as const;
      drawbridge.show(
        linear(
          account('needs-sign-in', { lastSignIn: { problem: cancelled, step: 'discovering' } }),
        ),
      );
      return {};
    });
    await page.getByRole('button', { name: 'Sign in: Linear' }).click();
    await steps(page).waitFor();
    await page.getByRole('button', { name: 'Cancel: Linear' }).click();
    await steps(page).waitFor({ state: 'detached' });
    await expect.poll(() => focused(page)).toBe('Sign in: Linear');
  });

  test('that failed says why beside the step that failed', async () => {
    const { problem } = signInRefused;
    const failed = account('needs-sign-in', {
      problem,
      lastSignIn: { problem, step: 'exchanging' },
    });
    await using open = await browser.open(linear(failed));
    tellAll(open.drawbridge);
    await openPage(open);
    const failure = steps(open.page).getByRole('listitem').nth(2);
    await failure.getByText('The sign-in service said no: access was denied.').waitFor();
    expect(await states(open.page)).toEqual(['done', 'done', 'failed']);
    expect(await open.page.getByText('access was denied').count()).toBe(1);
  });

  test('whose problem is another by now shows no step for it', async () => {
    const now = { code: 'policy-forbids', message: 'the policy does not allow it' } as const;
    const failed = account('needs-setup', {
      problem: now,
      lastSignIn: { problem: signInRefused.problem, step: 'exchanging' },
    });
    await using open = await browser.open(linear(failed));
    tellAll(open.drawbridge);
    await openPage(open);
    await open.page.getByText('The policy does not allow it.').waitFor();
    expect(await steps(open.page).count()).toBe(0);
  });

  test('with a code shows it in its step; one without a person has no step in a browser', async () => {
    await using open = await browser.open(linear(withCode));
    tellAll(open.drawbridge);
    await openPage(open);
    await steps(open.page).getByText('WDJB-MJHT').waitFor();
    await steps(open.page).getByText('You sign in with the code, on any device').waitFor();
    open.drawbridge.show(
      linear(
        account('signing-in', { signIn: { step: 'exchanging', startedAt: 0 } }),
        settled({ kind: 'client-credentials' }),
      ),
    );
    await expect.poll(() => states(open.page)).toEqual(['done', 'under way']);
  });
});

describe('facts', () => {
  const card = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
  const fact = (page: Page, name: string) =>
    page.locator('.fact', { has: page.locator('dt', { hasText: name }) }).locator('dd');

  test('of a sign-in: who, what for, times, access, and where each was found', async () => {
    await using open = await browser.open(linear(signedIn()));
    tellAll(open.drawbridge);
    await openPage(open);
    const { page } = open;
    const said = card(page, 'Sign-in');
    await said.getByText('user-8421').waitFor();
    expect(await fact(page, 'Sign-in service').innerText()).toMatch(
      /^https:\/\/login\.linear\.example\s+Said by the server in its protected-resource metadata$/,
    );
    expect(await fact(page, 'Client id').innerText()).toContain('Drawbridge has registered itself');
    expect(await fact(page, 'Refresh token').innerText()).toBe('kept in the vault');
    expect(await card(page, 'Times').locator('time').count()).toBe(3);
    expect(await fact(page, 'Not granted').innerText()).toBe('issues:write');
    // Of the two documents the first is listed itself.
    expect(await fact(page, 'Token endpoint').innerText()).toMatch(
      /^https:\/\/login\.linear\.example\/token\s+Said by the sign-in service in its metadata$/,
    );
    expect(await fact(page, 'Revocation of tokens').innerText()).toMatch(
      /metadata\s+in https:\/\/login\.linear\.example\/\.well-known\/openid-configuration$/,
    );
    const exceptions = card(page, 'Exceptions on record');
    await exceptions.getByText('It does not say that it protects sign-ins with PKCE.').waitFor();
    await exceptions.getByText('The policy of your administrator').waitFor();
    expect(asked(open, 'accountFacts')).toEqual([{ route: 'accountFacts', params: key, body: {} }]);
    expect(open.complaints).toEqual([]);
  });

  test('of a token: its claims in a table, said to be unverified, and no secret among them', async () => {
    await using open = await browser.open(linear(signedIn()));
    tellAll(open.drawbridge);
    await openPage(open);
    const { page } = open;
    await page.getByText('Decoded, not verified.').waitFor();
    expect(await page.getByRole('table').count()).toBe(0);
    await page.getByText('Access token', { exact: true }).click();
    const row = (name: string) => page.getByRole('row', { name: new RegExp(`^${name}`) });
    expect(await row('sub').innerText()).toMatch(/sub\s+subject\s+user-8421/);
    expect(await row('exp').locator('time').count()).toBe(1);
    expect(await row('jti').innerText()).toContain('not shown, may be a secret');
    await page.getByText('ID token', { exact: true }).click();
    await page.getByText('Only the service that issued it can read it.').waitFor();
  });

  test('are asked for anew once the sign-in is another', async () => {
    await using open = await browser.open(linear(account('needs-sign-in')));
    const { page, drawbridge } = open;
    tellAll(drawbridge, [], nothingKnown);
    await openPage(open);
    await page.getByText('Nobody is signed in.').waitFor();
    drawbridge.on('accountFacts', () => signInFacts());
    drawbridge.show(linear(signedIn()));
    await page.getByText('user-8421').waitFor();
    expect(asked(open, 'accountFacts')).toHaveLength(2);
  });

  test('that nobody knows are looked for when the person wants it, and a failure says why', async () => {
    await using open = await browser.open(linear(account('needs-sign-in')));
    const { page, drawbridge } = open;
    tellAll(drawbridge, [], nothingKnown);
    await openPage(open);
    await page.getByText('Nothing is known of where its sign-in is found.').waitFor();
    drawbridge.on('accountFacts', () => {
      throw new ProblemError('server-unreachable', 'the server cannot be reached');
    });
    await page.getByRole('button', { name: 'Look now' }).click();
    await page.getByRole('alert').getByText('The server cannot be reached.').waitFor();
    drawbridge.on('accountFacts', () =>
      signInFacts({ held: undefined, lookedAt: Date.now(), exceptions: [] }),
    );
    await page.getByRole('button', { name: 'Look now' }).click();
    await page.getByText('https://login.linear.example/token').waitFor();
    await expect.poll(() => focused(page)).toBe('Look now');
    expect(asked(open, 'accountFacts').map(({ body }) => body)).toEqual([
      {},
      { look: true },
      { look: true },
    ]);
  });

  test('that cannot be told say why, and can be asked for again', async () => {
    await using open = await browser.open(linear(signedIn()));
    const { page, drawbridge } = open;
    tellAll(drawbridge);
    drawbridge.on('accountFacts', () => {
      throw new ProblemError('vault-locked', 'the keychain is locked', { hint: 'unlock it' });
    });
    await openPage(open);
    await page.getByRole('alert').getByText('The keychain is locked.').waitFor();
    drawbridge.on('accountFacts', () => signInFacts());
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('user-8421').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('stay when Drawbridge does not answer any more', async () => {
    await using open = await browser.open(linear(signedIn()));
    const { page, drawbridge } = open;
    tellAll(drawbridge);
    await openPage(open);
    await page.getByText('user-8421').waitFor();
    drawbridge.setReachable(false);
    drawbridge.dropStreams();
    await page.getByText('Drawbridge is not answering').first().waitFor();
    expect(await page.getByText('user-8421').first().isVisible()).toBe(true);
  });

  test('are those of the account that is chosen', async () => {
    await using open = await browser.open(snapshot([twoPeople]));
    const { page, drawbridge } = open;
    tellAll(drawbridge);
    drawbridge.on('accountFacts', ({ params }) =>
      signInFacts({
        held: { ...heldOf(), subject: `subject of ${params['account'] ?? ''}` },
      }),
    );
    await openPage(open);
    await page.getByText('subject of default').waitFor();
    const choice = page.getByRole('combobox', { name: 'Account' });
    await choice.focus();
    await choice.selectOption('work');
    await page.getByText('subject of work').waitFor();
    expect(await choice.evaluate((one) => one === document.activeElement)).toBe(true);
    await page.getByRole('link', { name: 'Tools' }).click();
    await page.getByText('Create an issue').waitFor();
    expect(asked(open, 'catalogue').at(-1)?.params).toEqual({ server: 'linear', account: 'work' });
  });

  test('have the accounts beside them: one is added, and its sign-in shows above', async () => {
    await using open = await browser.open(linear(signedIn()));
    const { page, drawbridge } = open;
    tellAll(drawbridge);
    await openPage(open);
    const two = (second: AccountView) =>
      snapshot([server('linear', 'Linear', [signedIn(), { ...second, id: 'work' }])]);
    drawbridge.on('addAccount', () => {
      const added = two(account('needs-sign-in'));
      drawbridge.show(added);
      return { server: added.servers[0]! };
    });
    drawbridge.on('signIn', () => {
      drawbridge.show(two(waiting));
      return { step: 'discovering' };
    });
    await page.getByRole('button', { name: 'Add account' }).click();
    await page.getByRole('button', { name: 'Add and sign in' }).click();
    await page.getByRole('list', { name: 'How far the sign-in is' }).waitFor();
    await expect.poll(() => focused(page)).toBe('Linear');
    await page.getByRole('combobox', { name: 'Account' }).waitFor();
    expect(asked(open, 'addAccount')).toHaveLength(1);
  });

  test('of what nobody signs in to: a credential, a program, and nothing at all', async () => {
    await using open = await browser.open(
      snapshot([...minted().servers, local(), server('docs', 'Public docs', [account('open')])]),
    );
    const { page, drawbridge } = open;
    tellAll(drawbridge);
    drawbridge.on('accountFacts', ({ params }) => {
      if (params['server'] === 'docs') return { kind: 'open' };
      if (params['server'] === 'files')
        return {
          ...{ kind: 'local', processes: 'shared' },
          secrets: [{ name: 'API_KEY', isKept: false }],
        };
      return { kind: 'source', source: 'snowflake', getting: true, expiresAt: Date.now() };
    });
    await openPage(open, 'Warehouse');
    await page.getByText('It is being got just now.').waitFor();
    // A credential makes one account, and nobody else to be.
    await card(page, 'About').waitFor();
    expect(await page.getByRole('button', { name: /account/ }).count()).toBe(0);
    await page.goBack();
    await openPage(open, 'Files');
    await page.getByText('once for all AI clients').waitFor();
    await page.getByText('has no value').waitFor();
    await page.goBack();
    await openPage(open, 'Public docs');
    await page.getByText('Nobody has to sign in.').waitFor();
  });
});

const heldOf = () => {
  const facts = signInFacts();
  if (facts.kind !== 'sign-in' || facts.held === undefined)
    throw new Error('no facts of a sign-in');
  return facts.held;
};

describe('what servers and their tokens say', () => {
  const markup = '<img src=x onerror="document.title=\'broken\'"><script>document.title=1</script>';
  const bidi = '\u202Egnp.exe\u2066 \u202B';
  const long = 'A'.repeat(1024 * 1024);

  test.each([
    ['markup', markup],
    ['bidirectional controls', bidi],
    ['a million letters', long],
  ])('%s stay inert, and within the page', { timeout: 60_000 }, async (_name, hostile) => {
    const facts = signInFacts({
      held: {
        ...heldOf(),
        ...{ subject: hostile, label: hostile },
        issuer: { url: hostile, from: 'metadata' },
        scopes: { asked: [hostile, 'other'], granted: ['other'], from: 'challenge' },
        accessToken: {
          ...{ form: 'jwt', verified: false, header: { alg: hostile }, more: 3 },
          claims: [{ name: hostile, value: hostile, more: 12 }],
        },
      },
      endpoints: [{ what: 'token', url: hostile, from: 'metadata', at: hostile }],
    });
    const shown = snapshot([server('linear', hostile, [signedIn({ label: hostile })])]);
    await using open = await browser.open(shown, { viewport: { width: 360, height: 700 } });
    const { page, drawbridge } = open;
    tellAll(drawbridge, [], facts);
    drawbridge.on('catalogue', () => ({
      about: { name: hostile, version: hostile, protocols: [hostile], instructions: hostile },
      ...{ lists: [], found: 0, items: [] },
    }));
    await page.goto(`${drawbridge.url}#/servers/linear`);
    await page.getByText('Access token', { exact: true }).click();
    await page.getByRole('table').waitFor();
    await page.getByRole('textbox', { name: 'Instructions for AI clients' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    expect(await page.locator('main img, main script').count()).toBe(0);
    expect(await page.title()).not.toContain('1');
    expect((await page.getByRole('heading', { level: 2 }).boundingBox())?.height).toBeLessThan(60);
    // Nothing of it is left that turns text around.
    expect((await page.locator('.claim-value').allInnerTexts()).join()).not.toContain('\u202E');
    expect(await page.evaluate(() => document.body.innerText.length)).toBeLessThan(20_000);
    expect(open.complaints).toEqual([]);
  });
});
