/** A credential instead of a sign-in, set up in the window: kinds, fields, secrets on their way to the vault, and what goes wrong. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { ProbeReport } from '../../shared/contract/routes.ts';
import type { ServerView } from '../../shared/contract/snapshot.ts';
import type { TokenSource } from '../../shared/contract/token-sources.ts';
import { eventually } from '../doubles/eventually.ts';
import { browserOfTests } from './browser-of-tests.ts';
import { account, minted, server, signedIn, snapshot } from './scenes.ts';
import type { OpenWindow } from './window.ts';

const browser = browserOfTests();

const url = 'https://mcp.acme.example/mcp';
const canary = 'canary-typed-key';
const report: ProbeReport = { url, name: 'Acme', signIn: 'credential', findings: [] };
const withSource = (source: TokenSource): ServerView =>
  server('acme', 'Acme', [account('signed-in')], url, { source });

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const focused = (page: Page) =>
  page.evaluate(
    () =>
      document.activeElement?.getAttribute('aria-label') ??
      document.activeElement?.textContent ??
      '',
  );
const select = (page: Page, name: string) => page.getByRole('combobox', { name, exact: true });
const box = (page: Page, name: string) => page.getByLabel(name, { exact: true });
/** What was asked for but the names of the secrets. */
const deeds = ({ drawbridge }: OpenWindow) =>
  drawbridge.calls
    .filter(({ route }) => route !== 'secrets')
    .map(({ route, body }) => [route, body] as const);
/** All that the page holds: its text, its attributes, and what is in its fields. */
const held = (page: Page): Promise<string> =>
  page.evaluate(
    () =>
      document.documentElement.outerHTML +
      [...document.querySelectorAll<HTMLInputElement>('input, textarea, select')]
        .map(({ value }) => value)
        .join(' '),
  );

const answerAdding = ({ drawbridge }: OpenWindow): void => {
  drawbridge.on('addServer', ({ body }) => {
    const { source } = body as { source: TokenSource };
    const added = withSource(source);
    drawbridge.show(snapshot([added]));
    return { server: added, probe: report };
  });
};
const vaultHolds = ({ drawbridge }: OpenWindow, ...names: string[]): void =>
  drawbridge.on('secrets', () => ({ names }));

const begin = async (open: OpenWindow): Promise<void> => {
  const { page } = open;
  await press(page, 'It wants an API key or token');
  await page.getByRole('textbox', { name: 'Server address' }).fill(url);
};
const typeKey = async (open: OpenWindow): Promise<void> => {
  await begin(open);
  await box(open.page, 'Header').fill('X-Api-Key');
  await box(open.page, 'Value: value').fill(canary);
};

describe('adding with a key', () => {
  test('keeps what was typed in the vault, names it in the source, and ends at the server', async () => {
    await using open = await browser.open(snapshot([]));
    const { page } = open;
    vaultHolds(open);
    answerAdding(open);
    await typeKey(open);
    await page.getByText('ACME_X_API_KEY').waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('It takes the credential').waitFor();
    await expect.poll(() => focused(page), eventually).toBe('Done');
    expect(deeds(open)).toEqual([
      ['keepSecret', { name: 'ACME_X_API_KEY', value: canary }],
      [
        'addServer',
        { url, source: { kind: 'headers', headers: { 'X-Api-Key': '${vault:ACME_X_API_KEY}' } } },
      ],
    ]);
    await page.keyboard.press('Enter');
    await expect.poll(() => focused(page), eventually).toBe('Acme');
    expect(await held(page)).not.toContain(canary);
    expect(open.complaints).toEqual([]);
  });

  test('what was typed leaves its field at once, and never stands in the page', async () => {
    await using open = await browser.open(snapshot([]));
    const { page, drawbridge } = open;
    const kept = Promise.withResolvers<Record<never, never>>();
    drawbridge.on('keepSecret', () => kept.promise);
    answerAdding(open);
    await typeKey(open);
    expect(await page.content()).not.toContain(canary);
    expect(await box(page, 'Value: value').getAttribute('type')).toBe('password');
    await press(page, 'Add server');
    await expect.poll(() => deeds(open).length, eventually).toBe(1);
    expect(await held(page)).not.toContain(canary);
    kept.resolve({});
    await page.getByText('It takes the credential').waitFor();
    expect(await held(page)).not.toContain(canary);
  });

  test('that cannot be kept is asked for again, and nothing is added', async () => {
    await using open = await browser.open(snapshot([]));
    const { page, drawbridge } = open;
    vaultHolds(open);
    drawbridge.on('keepSecret', () => {
      throw new ProblemError('cannot-save', 'the disk is full');
    });
    await typeKey(open);
    await press(page, 'Add server');
    await page.getByRole('alert').getByText('The disk is full.').waitFor();
    await page.getByText('It could not be kept. Type it again.').waitFor();
    await expect.poll(() => focused(page), eventually).toBe('Value: value');
    expect(await held(page)).not.toContain(canary);
    expect(deeds(open).map(([route]) => route)).toEqual(['keepSecret']);
  });

  test('that the server refuses is typed once more, under the same name', async () => {
    await using open = await browser.open(snapshot([]));
    const { page, drawbridge } = open;
    const names: string[] = [];
    drawbridge.on('secrets', () => ({ names }));
    drawbridge.on('keepSecret', ({ body }) => {
      names.splice(0, 1, (body as { name: string }).name);
      return {};
    });
    drawbridge.on('addServer', () => {
      throw new ProblemError('token-refused', 'mcp.acme.example does not take this credential');
    });
    await typeKey(open);
    await press(page, 'Add server');
    await page.getByRole('alert').getByText('does not take this credential').waitFor();
    expect(await select(page, 'Value').inputValue()).toBe('vault:ACME_X_API_KEY');
    answerAdding(open);
    await select(page, 'Value').selectOption('typed');
    // What was said was about another one.
    expect(await page.getByRole('alert').count()).toBe(0);
    await box(page, 'Value: value').fill('canary-another-key');
    await press(page, 'Add server');
    await page.getByText('It takes the credential').waitFor();
    expect(deeds(open).filter(([route]) => route === 'keepSecret')).toEqual([
      ['keepSecret', { name: 'ACME_X_API_KEY', value: canary }],
      ['keepSecret', { name: 'ACME_X_API_KEY', value: 'canary-another-key' }],
    ]);
  });

  test('whose name another secret has gets another, or one of the person’s choice', async () => {
    await using open = await browser.open(snapshot([]));
    const { page } = open;
    vaultHolds(open, 'ACME_X_API_KEY', 'OTHER');
    answerAdding(open);
    await typeKey(open);
    await page.getByText('ACME_X_API_KEY_2').waitFor();
    await press(page, 'Another name: Value');
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('INPUT');
    await page.keyboard.type('OTHER');
    await press(page, 'Add server');
    await page.getByText('There is a secret of this name.').waitFor();
    expect(deeds(open)).toEqual([]);
    await box(page, 'Name in the vault').fill('acme.mine');
    await press(page, 'Add server');
    await page.getByText('It takes the credential').waitFor();
    expect(deeds(open)[0]).toEqual(['keepSecret', { name: 'acme.mine', value: canary }]);
  });

  test('that is in the vault already, in a file, in a variable, and written out', async () => {
    await using open = await browser.open(snapshot([]));
    const { page } = open;
    vaultHolds(open, 'KEY');
    answerAdding(open);
    await begin(open);
    const rows = ['X-Api-Key', 'Cookie', 'X-Auth', 'Authorization'];
    for (const [at, name] of rows.entries()) {
      if (at > 0) await press(page, 'Add a header');
      // The next row has the focus, to be typed in at once.
      if (at === 0) await box(page, 'Header').first().focus();
      await expect
        .poll(() =>
          box(page, 'Header')
            .nth(at)
            .evaluate((one) => one === document.activeElement),
        )
        .toBe(true);
      await page.keyboard.type(name);
    }
    const choose = (at: number, way: string) => select(page, 'Value').nth(at).selectOption(way);
    await choose(0, 'vault:KEY');
    await choose(1, 'file');
    await box(page, 'Value: path of the file').fill('/run/cookie');
    await choose(2, 'env');
    await box(page, 'Value: name of the variable').fill('AUTH');
    await choose(3, 'written');
    await box(page, 'Value: as it is sent').fill('Token ${vault:KEY}');
    await press(page, 'Add server');
    await page.getByText('It takes the credential').waitFor();
    const headers = {
      'X-Api-Key': '${vault:KEY}',
      Cookie: '${file:/run/cookie}',
      'X-Auth': '${env:AUTH}',
      Authorization: 'Token ${vault:KEY}',
    };
    expect(deeds(open)).toEqual([['addServer', { url, source: { kind: 'headers', headers } }]]);
  });

  test('is reached from the address that was typed, before and after it was looked at', async () => {
    await using open = await browser.open(snapshot([]));
    const { page, drawbridge } = open;
    drawbridge.on('probe', () => ({ ...report, signIn: 'oauth' }));
    await page.getByRole('textbox', { name: 'Server address' }).fill(url);
    await press(page, 'Check');
    await page.getByText('An MCP server answers').waitFor();
    await press(page, 'It wants an API key or token');
    const address = page.getByRole('textbox', { name: 'Server address' });
    expect(await address.inputValue()).toBe(url);
    await expect.poll(() => address.evaluate((one) => one === document.activeElement)).toBe(true);
    await press(page, 'Add a server that is signed in to instead');
    await page.getByRole('button', { name: 'Check', exact: true }).waitFor();
  });
});

describe('what is wrong', () => {
  test('is said at the field, where the focus goes, and nothing is sent', async () => {
    await using open = await browser.open(snapshot([]));
    const { page } = open;
    await begin(open);
    await select(page, 'What the server takes').selectOption('jwt');
    await box(page, 'Key: value').fill('canary-key');
    await box(page, 'Claims').fill('{ iss }');
    await press(page, 'Add server');
    await page.getByText('This is no JSON.').waitFor();
    await expect
      .poll(() => box(page, 'Claims').evaluate((one) => one === document.activeElement))
      .toBe(true);
    // It has not been sent anywhere, so it need not be typed again.
    expect(await box(page, 'Key: value').inputValue()).toBe('canary-key');
    await box(page, 'Claims').fill('{"iss":"${env:ME}"}');
    await page.getByText('This is no JSON.').waitFor({ state: 'detached' });
    await press(page, 'Add server');
    await page.getByText('Claims are signed as they stand here.').waitFor();
    expect(deeds(open)).toEqual([]);
  });

  test('in a closed part is opened', async () => {
    await using open = await browser.open(snapshot([]));
    const { page } = open;
    await begin(open);
    await select(page, 'What the server takes').selectOption('command');
    await box(page, 'Command').fill('print-token');
    await page.getByText('More settings').click();
    await box(page, 'Seconds it may take (optional)').fill('soon');
    await page.getByText('More settings').click();
    await press(page, 'Add server');
    await page.getByText('This cannot be right').waitFor();
    await expect
      .poll(() =>
        box(page, 'Seconds it may take (optional)').evaluate(
          (one) => one === document.activeElement,
        ),
      )
      .toBe(true);
  });

  test('with what is named: it stands beside the field that names it', async () => {
    await using open = await browser.open(snapshot([]));
    const { page, drawbridge } = open;
    drawbridge.on('addServer', () => {
      throw new ProblemError('reference-unresolved', 'there is nothing in ${file:/run/token}');
    });
    await begin(open);
    await select(page, 'What the server takes').selectOption('bearer');
    await select(page, 'Token').selectOption('file');
    await box(page, 'Token: path of the file').fill('/run/token');
    await press(page, 'Add server');
    await page.getByText('There is nothing in ${file:/run/token}').waitFor();
    const path = box(page, 'Token: path of the file');
    expect(await path.getAttribute('aria-invalid')).toBe('true');
    await expect.poll(() => focused(page), eventually).toBe('Token: path of the file');
    await path.fill('/run/other');
    await page.getByText('There is nothing in').waitFor({ state: 'detached' });
  });

  test('with the program is said in its own words', async () => {
    await using open = await browser.open(snapshot([]));
    const { page, drawbridge } = open;
    drawbridge.on('addServer', () => {
      throw new ProblemError('source-failed', 'print-token ended with status 1', {
        hint: 'it said: no ticket',
      });
    });
    await begin(open);
    await select(page, 'What the server takes').selectOption('command');
    await box(page, 'Command').fill("print-token 'a b'");
    await press(page, 'Add server');
    await page.getByRole('alert').getByText('It said: no ticket.').waitFor();
    expect(await box(page, 'Command').inputValue()).toBe("print-token 'a b'");
  });
});

describe('the kinds', () => {
  test('a key of many lines arrives as it is, and only its name is in the source', async () => {
    await using open = await browser.open(snapshot([]));
    const { page } = open;
    vaultHolds(open);
    answerAdding(open);
    await begin(open);
    await select(page, 'What the server takes').selectOption('snowflake');
    await box(page, 'Account').fill('myorg-one');
    await box(page, 'User').fill('agent');
    const key = '-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----';
    await box(page, 'Private key: value').fill(key);
    expect(
      await box(page, 'Private key: value').evaluate((one) =>
        getComputedStyle(one).getPropertyValue('-webkit-text-security'),
      ),
    ).toBe('disc');
    await press(page, 'Add server');
    await page.getByText('It takes the credential').waitFor();
    expect(deeds(open)).toEqual([
      ['keepSecret', { name: 'ACME_KEY', value: key }],
      [
        'addServer',
        {
          url,
          source: {
            ...{ kind: 'snowflake', account: 'myorg-one', user: 'agent' },
            key: '${vault:ACME_KEY}',
          },
        },
      ],
    ]);
    expect(await held(page)).not.toContain('canary');
  });

  test('show the fields of the way that is taken, and send no others', async () => {
    await using open = await browser.open(snapshot([]));
    const { page } = open;
    answerAdding(open);
    await begin(open);
    await select(page, 'What the server takes').selectOption('entra');
    await box(page, 'Directory (tenant)').fill('contoso.example');
    await box(page, 'Application (client) id').fill('app');
    await box(page, 'What the token is for').fill('api://tools');
    await box(page, 'Client secret: value').fill(canary);
    await select(page, 'Proves itself with').selectOption({ label: 'A certificate' });
    expect(await box(page, 'Client secret').count()).toBe(0);
    await select(page, 'Private key').selectOption('file');
    await box(page, 'Private key: path of the file').fill('/etc/app.pem');
    await select(page, 'Certificate').selectOption('file');
    await box(page, 'Certificate: path of the file').fill('/etc/app.pem');
    await press(page, 'Add server');
    await page.getByText('It takes the credential').waitFor();
    const source = {
      ...{ kind: 'entra', tenant: 'contoso.example', clientId: 'app', resource: 'api://tools' },
      ...{ clientKey: '${file:/etc/app.pem}', certificate: '${file:/etc/app.pem}' },
      authority: 'https://login.microsoftonline.com',
    };
    expect(deeds(open)).toEqual([['addServer', { url, source }]]);
  });
});

describe('a server that is there', () => {
  const typedBefore = withSource({ kind: 'bearer', token: '${vault:ACME_TOKEN}' });
  const answerChanging = ({ drawbridge }: OpenWindow): void => {
    drawbridge.on('configureSource', ({ body }) => {
      const { source } = body as { source?: TokenSource };
      const changed =
        source === undefined
          ? server('acme', 'Acme', [account('needs-sign-in')], url)
          : withSource(source);
      drawbridge.show(snapshot([changed]));
      return { server: changed };
    });
  };

  test('shows how its credential stands, for how long and since when', async () => {
    await using open = await browser.open(minted());
    const { page } = open;
    vaultHolds(open);
    await press(page, 'Credential settings: Warehouse');
    await expect.poll(() => focused(page), eventually).toBe('Credential settings');
    await page.getByText('Credential in place').waitFor();
    await page.getByText(/4[67] min left/).waitFor();
    await page.getByText(/This one was got 1[34] min ago/).waitFor();
    await box(page, 'Account').waitFor();
    expect(await box(page, 'Account').inputValue()).toBe('myorg-one');
    await page.getByText('This secret is not in the vault.').waitFor();
  });

  test('gets another secret, and what is in use stays as it is until that works', async () => {
    await using open = await browser.open(snapshot([typedBefore]));
    const { page } = open;
    vaultHolds(open, 'ACME_TOKEN');
    answerChanging(open);
    await press(page, 'Credential settings: Acme');
    await select(page, 'Token').selectOption('typed');
    await box(page, 'Token: value').fill(canary);
    await press(page, 'Save');
    await expect.poll(() => focused(page), eventually).toBe('Acme');
    expect(deeds(open)).toEqual([
      ['keepSecret', { name: 'ACME_TOKEN_2', value: canary }],
      ['configureSource', { source: { kind: 'bearer', token: '${vault:ACME_TOKEN_2}' } }],
    ]);
    expect(await held(page)).not.toContain(canary);
  });

  test('gets another secret as well where it is saved before it is known which there are', async () => {
    await using open = await browser.open(snapshot([typedBefore]));
    const { page, drawbridge } = open;
    const names = Promise.withResolvers<{ names: string[] }>();
    drawbridge.on('secrets', () => names.promise);
    answerChanging(open);
    await press(page, 'Credential settings: Acme');
    await select(page, 'Token').selectOption('typed');
    await box(page, 'Token: value').fill(canary);
    await press(page, 'Save');
    expect(deeds(open)).toEqual([]);
    names.resolve({ names: ['ACME_TOKEN'] });
    await expect.poll(() => focused(page), eventually).toBe('Acme');
    expect(deeds(open)[0]).toEqual(['keepSecret', { name: 'ACME_TOKEN_2', value: canary }]);
  });

  test('keeps nothing, and says why, where it is not to be known which secrets there are', async () => {
    await using open = await browser.open(snapshot([typedBefore]));
    const { page, drawbridge } = open;
    drawbridge.on('secrets', () => {
      throw new ProblemError('vault-locked', 'the keychain is locked');
    });
    answerChanging(open);
    await press(page, 'Credential settings: Acme');
    await select(page, 'Token').selectOption('typed');
    await box(page, 'Token: value').fill(canary);
    await press(page, 'Save');
    await page.getByRole('alert').getByText('the keychain is locked', { exact: false }).waitFor();
    expect(deeds(open)).toEqual([]);
    expect(await box(page, 'Token: value').inputValue()).toBe(canary);
  });

  test('gets its secret back, under the old name, where that is gone', async () => {
    await using open = await browser.open(snapshot([typedBefore]));
    const { page } = open;
    vaultHolds(open, 'OTHER');
    answerChanging(open);
    await press(page, 'Credential settings: Acme');
    await page.getByText('This secret is not in the vault.').waitFor();
    await select(page, 'Token').selectOption('typed');
    await box(page, 'Token: value').fill(canary);
    await press(page, 'Save');
    await page.getByRole('heading', { name: 'Servers' }).waitFor();
    expect(deeds(open)[0]).toEqual(['keepSecret', { name: 'ACME_TOKEN', value: canary }]);
  });

  test('stays as it is when what is new does not work', async () => {
    await using open = await browser.open(snapshot([typedBefore]));
    const { page, drawbridge } = open;
    drawbridge.on('configureSource', () => {
      throw new ProblemError('token-refused', 'mcp.acme.example does not take this credential');
    });
    await press(page, 'Credential settings: Acme');
    await select(page, 'Token').selectOption('file');
    await box(page, 'Token: path of the file').fill('/run/token');
    await press(page, 'Save');
    await page.getByRole('alert').getByText('does not take this credential').waitFor();
    expect(await box(page, 'Token: path of the file').inputValue()).toBe('/run/token');
    await press(page, 'Cancel');
    await page.getByText('Sends the token in ${vault:ACME_TOKEN}').waitFor();
  });

  test('goes back to a sign-in after one more question, by keyboard', async () => {
    await using open = await browser.open(snapshot([typedBefore]));
    const { page } = open;
    answerChanging(open);
    await press(page, 'Credential settings: Acme');
    await page.getByRole('button', { name: 'Go back…: Acme' }).press('Enter');
    await expect.poll(() => focused(page), eventually).toBe('Keep');
    await page.keyboard.press('Escape');
    await expect.poll(() => focused(page), eventually).toBe('Go back…: Acme');
    await page.keyboard.press('Enter');
    await expect.poll(() => focused(page), eventually).toBe('Keep');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await page.getByText('Needs sign-in', { exact: true }).waitFor();
    await expect.poll(() => focused(page), eventually).toBe('Acme');
    expect(deeds(open)).toEqual([['configureSource', {}]]);
  });

  test('that is signed in to takes a credential instead, or stays with the sign-in', async () => {
    await using open = await browser.open(snapshot([server('acme', 'Acme', [signedIn()], url)]));
    const { page } = open;
    answerChanging(open);
    await press(page, 'Sign-in settings: Acme');
    await press(page, 'Use an API key or token');
    await expect.poll(() => focused(page), eventually).toBe('Credential settings');
    await press(page, 'Stay with the sign-in');
    await expect.poll(() => focused(page), eventually).toBe('Use an API key or token');
    await page.keyboard.press('Enter');
    await select(page, 'What the server takes').selectOption('aws-sigv4');
    await box(page, 'Region').fill('eu-central-1');
    await box(page, 'Service').fill('lambda');
    await select(page, 'Whose keys').selectOption({ label: 'What AWS has given this machine' });
    await press(page, 'Save');
    await page.getByText('Signs each request for lambda').waitFor();
    expect(deeds(open)).toEqual([
      [
        'configureSource',
        {
          source: { kind: 'aws-sigv4', region: 'eu-central-1', service: 'lambda', instance: true },
        },
      ],
    ]);
  });

  test('whose credential cannot be had leads to its settings; one that is only offline does not', async () => {
    const source: TokenSource = { kind: 'bearer', token: '${vault:KEY}' };
    const problem = {
      code: 'reference-unresolved',
      message: 'there is nothing in ${vault:KEY}',
    } as const;
    const away = { code: 'offline', message: 'no connection' } as const;
    await using open = await browser.open(
      snapshot([
        server('acme', 'Acme', [account('needs-setup', { problem })], url, { source }),
        server('away', 'Away', [account('offline', { problem: away })], undefined, { source }),
      ]),
    );
    const { page } = open;
    vaultHolds(open);
    const card = page.getByRole('article', { name: 'Away' });
    await card.getByText('No connection').waitFor();
    expect(await card.getByText('Credential settings', { exact: true }).count()).toBe(0);
    await page
      .getByRole('article', { name: 'Acme' })
      .getByText('Credential settings', { exact: true })
      .click();
    await page.getByText('This secret is not in the vault.').waitFor();
  });
});
