/** A sign-in that ends somewhere else: in a browser on another machine, or with a code on another device. */
import { expect, test } from 'vitest';
import { ProblemError } from '../../shared/contract/problems.ts';
import { browserOfTests } from './browser-of-tests.ts';
import { account, server, signedIn, snapshot, waiting, withCode } from './scenes.ts';

const browser = browserOfTests();

const params = { server: 'linear', account: 'default' };
const linear = (state: ReturnType<typeof account>) =>
  snapshot([server('linear', 'Linear', [state])]);
const ask = { name: 'My browser is on another machine' };
const link = 'https://login.linear.example/authorize?state=1';
const clipboard = {
  own: { permissions: ['clipboard-read', 'clipboard-write'] },
};

test('the address is taken there, and the one it ends at is pasted', async () => {
  await using open = await browser.open(linear(waiting), clipboard);
  const { page, drawbridge } = open;
  drawbridge.on('signInLink', () => ({ link }));
  let wrong = true;
  drawbridge.on('pasteCallback', () => {
    if (wrong) {
      throw new ProblemError('sign-in-mismatch', 'this address is not the answer to this sign-in');
    }
    drawbridge.show(
      linear(account('signing-in', { signIn: { step: 'exchanging', startedAt: Date.now() } })),
    );
    return {};
  });
  await page.getByRole('button', ask).click();
  const box = page.getByRole('textbox', { name: 'Address the browser ended at' });
  const hasFocus = () => box.evaluate((element) => element === document.activeElement);
  await expect.poll(hasFocus).toBe(true);
  await page.getByRole('button', { name: 'Copy the sign-in address' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(link);

  await box.fill('http://127.0.0.1:33418/callback');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('alert').getByText('This address is not the answer').waitFor();
  expect(await box.getAttribute('aria-invalid')).toBe('true');
  await expect.poll(hasFocus).toBe(true);

  wrong = false;
  const address = 'http://127.0.0.1:33418/callback?code=fake&state=1';
  await box.fill(` ${address}\n`);
  await page.getByRole('alert').waitFor({ state: 'detached' });
  await page.keyboard.press('Enter');
  await page.getByRole('article').getByText('Completing the sign-in…').waitFor();
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Linear');
  expect(drawbridge.calls.at(-1)).toEqual({ route: 'pasteCallback', params, body: { address } });
  expect(open.complaints).toEqual([]);
});

test('a code instead: the sign-in begins again, and shows where to type it in', async () => {
  await using open = await browser.open(linear(waiting), clipboard);
  const { page, drawbridge } = open;
  drawbridge.on('signInLink', () => ({ link }));
  drawbridge.on('cancelSignIn', () => {
    drawbridge.show(linear(account('needs-sign-in')));
    return {};
  });
  drawbridge.on('signIn', () => {
    drawbridge.show(linear(withCode));
    return { step: 'discovering' };
  });
  await page.getByRole('button', ask).click();
  await page.getByRole('button', { name: 'Use a code instead' }).click();
  const anchor = page.getByRole('link', { name: 'login.linear.example/device' });
  await anchor.waitFor();
  expect(await anchor.getAttribute('href')).toBe('https://login.linear.example/device');
  expect(await anchor.getAttribute('target')).toBe('_blank');
  expect(await anchor.getAttribute('rel')).toContain('noopener');
  await page.getByRole('article').getByText('Waiting for you to enter the code…').waitFor();
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Linear');
  await expect
    .poll(() => page.getByRole('status').innerText())
    .toContain('enter the code WDJB-MJHT at login.linear.example');
  await page.getByRole('button', { name: 'Copy: code' }).click();
  await page.getByRole('button', { name: 'Copied: code' }).waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('WDJB-MJHT');
  expect(drawbridge.calls.slice(1)).toEqual([
    { route: 'cancelSignIn', params, body: undefined },
    { route: 'signIn', params, body: { onDevice: true } },
  ]);
  drawbridge.show(linear(signedIn()));
  await page.getByText('ada@example.org').waitFor();
  expect(await page.getByText('WDJB-MJHT').count()).toBe(0);
  expect(open.complaints).toEqual([]);
});

test('a server that takes no codes says so', async () => {
  await using open = await browser.open(linear(waiting));
  const { page, drawbridge } = open;
  const unsupported = new ProblemError(
    'device-unsupported',
    'login.linear.example does not sign people in with a code',
  );
  drawbridge.on('signInLink', () => ({ link }));
  drawbridge.on('cancelSignIn', () => {
    drawbridge.show(linear(account('needs-sign-in')));
    return {};
  });
  drawbridge.on('signIn', () => {
    drawbridge.show(linear(account('needs-sign-in', { problem: unsupported.problem })));
    return { step: 'discovering' };
  });
  await page.getByRole('button', ask).click();
  await page.getByRole('button', { name: 'Use a code instead' }).click();
  await page
    .getByRole('article')
    .getByText('login.linear.example does not sign people in with a code.')
    .waitFor();
  await page.getByRole('button', { name: 'Sign in: Linear' }).waitFor();
});

test('an address for the code that is a script is not made into a link', async () => {
  const device = { userCode: 'ABCD', address: 'javascript:alert(1)' };
  const signIn = { step: 'waiting-for-browser', startedAt: 0, device } as const;
  await using open = await browser.open(linear(account('signing-in', { signIn })));
  await open.page.getByText('not safe to open').waitFor();
  expect(await open.page.getByRole('article').locator('a[target]').count()).toBe(0);
  expect(await open.page.locator('a[href^="javascript:"]').count()).toBe(0);
});
