/** What an administrator has settled: told, and what is switched off shown as such with the reason beside it. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { PolicyView } from '../../shared/contract/policy.ts';
import { violations } from './axe.ts';
import { browserOfTests } from './browser-of-tests.ts';
import { account, pkceUnsaid, server, signedIn, snapshot, waiting } from './scenes.ts';
import { goTo } from './window.ts';

const browser = browserOfTests();

const policy: PolicyView = {
  file: '/etc/drawbridge/policy.json',
  notice: 'Ask the help desk: help@acme.example',
  allowedHosts: { servers: ['*.acme.example'], signIn: [] },
  required: ['proxy', 'noProxy'],
  disabled: ['local-servers', 'capture', 'sign-in-exceptions', 'device-sign-in'],
};
const forbidden = account('needs-setup', {
  problem: {
    code: 'policy-forbids',
    message:
      'the policy of your administrator forbids this: mcp.other.example is not in allowedHosts.servers',
    hint: 'Ask the help desk: help@acme.example',
  },
});
const off = 'Switched off by your administrator.';
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });

/** It does nothing when it is pressed, and says why to who sees it and to who hears it. */
const isOff = async (page: Page, name: string | RegExp): Promise<void> => {
  const found = button(page, name).first();
  expect(await found.getAttribute('aria-disabled')).toBe('true');
  const reason = page.locator(`[id="${await found.getAttribute('aria-describedby')}"]`);
  expect(await reason.textContent()).toBe(off);
  expect(await reason.isVisible()).toBe(true);
  await found.click({ force: true });
};

test('it is told what is settled, and by whom', async () => {
  await using open = await browser.open(
    snapshot([server('other', 'Other', [forbidden])], { policy }),
  );
  const { page } = open;
  await page.getByText('forbids this: mcp.other.example').waitFor();
  await goTo(page, 'Settings');
  await page.getByText('Settled by your administrator').waitFor();
  const lines = await page
    .getByRole('region', { name: 'Settled by your administrator' })
    .getByRole('listitem')
    .allTextContents();
  expect(lines).toEqual([
    'Only these servers: *.acme.example.',
    'No sign-in services at all.',
    'Set for you: proxy, noProxy.',
    'Switched off: servers that are programs on this computer.',
    'Switched off: keeping what is said in requests.',
    'Switched off: letting a server break a rule of signing in.',
    'Switched off: signing in with a code on another device.',
    'Ask the help desk: help@acme.example.',
  ]);
  expect(await violations(page)).toEqual([]);
  expect(open.complaints).toEqual([]);
});

test('what is switched off cannot be pressed, and says why', async () => {
  await using open = await browser.open(
    snapshot(
      [
        server('sentry', 'Sentry', [signedIn()]),
        server('strict', 'Strict', [pkceUnsaid]),
        server('new', 'New', [waiting]),
      ],
      { policy },
    ),
  );
  const { page, drawbridge } = open;
  await goTo(page, 'Activity');
  await isOff(page, 'Keep what is said for a while');
  await goTo(page, 'Servers');
  await isOff(page, /^Allow this for this server/);
  await button(page, 'My browser is on another machine').click();
  await isOff(page, 'Use a code instead');
  await button(page, 'Add server').click();
  await isOff(page, /program/);
  expect(await page.getByText('Allow this?').count()).toBe(0);
  expect(drawbridge.calls.map(({ route }) => route)).not.toContain('signIn');
  expect(await violations(page)).toEqual([]);
  expect(open.complaints).toEqual([]);
});

test('credentials that a program gets: neither chosen for a server nor kept for one that has such a credential', async () => {
  const withProgram = server('acme', 'Acme', [account('signed-in')], 'https://mcp.acme.example', {
    source: { kind: 'command', command: ['print-token'], env: [], timeoutS: 30 },
  });
  await using open = await browser.open(
    snapshot([withProgram], { policy: { ...policy, disabled: ['command-sources'] } }),
  );
  const { page, drawbridge } = open;
  await button(page, 'Add server').click();
  await button(page, 'It wants an API key or token').click();
  const said = 'A program that prints a token (switched off by your administrator)';
  const choice = page.getByRole('option', { name: said });
  await choice.waitFor({ state: 'attached' });
  expect(await choice.isDisabled()).toBe(true);
  expect(await page.getByRole('option', { name: 'A token', exact: true }).isDisabled()).toBe(false);
  await button(page, 'Cancel').click();

  await button(page, 'Credential settings: Acme').click();
  await isOff(page, 'Save');
  await page.getByRole('textbox', { name: 'Command' }).press('Enter');
  expect(drawbridge.calls.map(({ route }) => route)).not.toContain('configureSource');
  expect(await violations(page)).toEqual([]);
  expect(open.complaints).toEqual([]);
});

test('without a policy there is nothing to see of one', async () => {
  await using open = await browser.open(snapshot([server('sentry', 'Sentry', [signedIn()])]));
  await goTo(open.page, 'Activity');
  await button(open.page, 'Keep what is said for a while').waitFor();
  expect(await open.page.getByText('administrator').count()).toBe(0);
});
