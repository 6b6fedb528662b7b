/** The certificate that a server is shown of this computer: named, looked at, and taken back. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { ServerView } from '../../shared/contract/snapshot.ts';
import { browserOfTests } from './browser-of-tests.ts';
import { account, namedByHand, server, settled, signedIn, snapshot } from './scenes.ts';
import type { OpenWindow } from './window.ts';

const browser = browserOfTests();

const certificate = '${file:/etc/acme/client.pem}';
const kinds: readonly (readonly [string, ServerView, string])[] = [
  [
    'that people sign in to',
    server('acme', 'Acme', [signedIn()], undefined, settled()),
    'Sign-in settings: Acme',
  ],
  [
    'with a source',
    server('acme', 'Acme', [signedIn()], undefined, {
      source: { kind: 'bearer', token: '${vault:ACME_KEY}' },
    }),
    'Credential settings: Acme',
  ],
  ['that is open', server('acme', 'Acme', [account('open')]), 'Credential settings: Acme'],
];
const open = kinds[2]?.[1] as ServerView;

const card = (page: Page) => page.getByText('A certificate that the server wants to see');
const box = (page: Page, name: string) => page.getByRole('textbox', { name });
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const saved = ({ drawbridge }: OpenWindow) =>
  drawbridge.calls.filter(({ route }) => route === 'configureCertificate').map(({ body }) => body);
const start = async (shown: ServerView): Promise<OpenWindow> => {
  const opened = await browser.open(snapshot([shown]));
  opened.drawbridge.on('secrets', () => ({ names: ['ACME_KEY', 'ACME_WORD'] }));
  return opened;
};

describe('a certificate that the server wants to see', () => {
  test.each(kinds)('is named for a server %s', async (_what, shown, settings) => {
    await using opened = await start(shown);
    const { page, drawbridge } = opened;
    const clientCertificate = { certificate, alsoAt: [] };
    drawbridge.on('configureCertificate', () => {
      drawbridge.show(snapshot([{ ...shown, clientCertificate }]));
      return { server: { ...shown, clientCertificate } };
    });
    await press(page, settings);
    await card(page).click();
    await box(page, 'Certificate: path of the file').fill('/etc/acme/client.pem');
    await press(page, 'Use this certificate');
    await page.getByText('It is shown from the next connection on.').waitFor();
    expect(saved(opened)).toEqual([{ clientCertificate }]);
    const then = { ...clientCertificate, endsAt: Date.now() + 5 * 86_400_000 };
    drawbridge.show(snapshot([{ ...shown, clientCertificate: then }]));
    await page.getByText(/good until .*2\d{3}.*\(4 days left\)/).waitFor();
    expect(opened.complaints).toEqual([]);
  });

  test('its key and passphrase are in the vault, and a token endpoint sees it too', async () => {
    await using opened = await start(open);
    const { page, drawbridge } = opened;
    drawbridge.on('configureCertificate', () => ({ server: open }));
    await press(page, 'Credential settings: Acme');
    await card(page).click();
    await box(page, 'Certificate: path of the file').fill('/etc/acme/client.pem');
    const key = page.getByRole('combobox', { name: 'Its key' });
    await key.getByRole('option', { name: 'ACME_KEY' }).waitFor({ state: 'attached' });
    await key.selectOption('ACME_KEY');
    await page.getByRole('combobox', { name: 'Passphrase' }).selectOption('ACME_WORD');
    await box(page, 'Also shown to').fill('https://login.acme.example\n');
    await press(page, 'Use this certificate');
    await expect.poll(() => saved(opened).length).toBe(1);
    expect(saved(opened)).toEqual([
      {
        clientCertificate: {
          ...{ certificate, key: '${vault:ACME_KEY}', passphrase: '${vault:ACME_WORD}' },
          alsoAt: ['https://login.acme.example'],
        },
      },
    ]);
  });

  test('is shown none any more, with the focus on what is left', async () => {
    const shown = namedByHand([signedIn()]);
    const { clientCertificate: _gone, ...bare } = shown;
    await using opened = await start(shown);
    const { page, drawbridge } = opened;
    drawbridge.on('remove', () => {
      drawbridge.show(snapshot([bare]));
      return { id: '0123456789abcdef' };
    });
    await press(page, 'Sign-in settings: Linear');
    expect(await box(page, 'Certificate: path').inputValue()).toBe('/etc/acme/client.pem');
    await press(page, 'Show none');
    await page.getByText('No certificate is shown from the next connection on.').waitFor();
    expect(drawbridge.calls.filter(({ route }) => route === 'remove')).toMatchObject([
      { body: { what: 'certificate', server: 'linear' } },
    ]);
    expect(await box(page, 'Certificate: path').inputValue()).toBe('');
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.textContent))
      .toBe('Use this certificate');
  });

  test('that is put back stands in its fields again, but for what was begun there meanwhile', async () => {
    const shown = namedByHand([signedIn()]);
    const { clientCertificate: _gone, ...bare } = shown;
    await using opened = await start(bare);
    const { page, drawbridge } = opened;
    await press(page, 'Sign-in settings: Linear');
    await card(page).click();
    drawbridge.show(snapshot([shown]));
    await page.getByRole('button', { name: 'Show none' }).waitFor();
    expect(await box(page, 'Certificate: path').inputValue()).toBe('/etc/acme/client.pem');
    await box(page, 'Certificate: path').fill('/etc/acme/other.pem');
    drawbridge.show(snapshot([bare]));
    await page.getByRole('button', { name: 'Show none' }).waitFor({ state: 'detached' });
    expect(await box(page, 'Certificate: path').inputValue()).toBe('/etc/acme/other.pem');
  });

  test.each([
    ['Certificate: path of the file', '', 'Say where it is.'],
    ['Also shown to', 'https://login.acme.example/token', 'without a path'],
  ])('%s: what is wrong is said beside the field', async (name, text, words) => {
    await using opened = await start(namedByHand([signedIn()]));
    const { page } = opened;
    await press(page, 'Sign-in settings: Linear');
    await box(page, name).fill(text);
    await press(page, 'Use this certificate');
    await page.getByText(words).waitFor();
    expect(await box(page, name).getAttribute('aria-invalid')).toBe('true');
    expect(saved(opened)).toEqual([]);
  });

  test('a file that is not there is said beside its field, and one that cannot be shown beneath', async () => {
    await using opened = await start(namedByHand([signedIn()]));
    const { page, drawbridge } = opened;
    drawbridge.on('configureCertificate', () => {
      throw new ProblemError('reference-unresolved', `nothing is at ${certificate}`);
    });
    await press(page, 'Sign-in settings: Linear');
    await press(page, 'Use this certificate');
    const path = box(page, 'Certificate: path');
    await expect.poll(() => path.getAttribute('aria-invalid')).toBe('true');
    await page.getByText(`Nothing is at ${certificate}`).waitFor();
    drawbridge.on('configureCertificate', () => {
      throw new ProblemError('client-certificate-unusable', 'it ran out on 2026-01-01');
    });
    await press(page, 'Use this certificate');
    await page.getByRole('alert').getByText('It ran out on 2026-01-01').waitFor();
    expect(await path.getAttribute('aria-invalid')).toBe('false');
  });

  test('is not offered where it would be shown in the open, nor for a program', async () => {
    const plain = { ...open, url: 'http://127.0.0.1:9/mcp' };
    await using opened = await start(plain);
    await press(opened.page, 'Credential settings: Acme');
    await opened.page.getByRole('heading', { name: 'Credential settings' }).waitFor();
    expect(await card(opened.page).count()).toBe(0);
  });
});
