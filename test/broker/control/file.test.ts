/** Does a file make everything so, once, without a server or a browser, and is it the same file again afterwards? */
import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { carryOut } from '../../../broker/control/file/carry-out.ts';
import { ProblemError } from '../../../shared/contract/problems.ts';
import type { RouteBody } from '../../../shared/contract/routes.ts';
import { makeFolder } from '../../doubles/folder.ts';
import { startInProcessBroker } from '../../doubles/in-process-broker.ts';
import {
  type RestartableBroker,
  startRestartableBroker,
} from '../../doubles/restartable-broker.ts';
import { startAuthorizationServer } from '../../servers/authorization-server.ts';
import { type McpTestServer, startMcpServer } from '../../servers/mcp-server.ts';

type File = RouteBody<'applyFile'>['file'];

let drawbridge: RestartableBroker;
beforeEach(async () => {
  drawbridge = await startRestartableBroker();
});
afterEach(() => drawbridge[Symbol.asyncDispose]());

const apply = (file: File, more: Partial<RouteBody<'applyFile'>> = {}) =>
  drawbridge.control.applyFile({ file, ...more });
const servers = async () =>
  Object.fromEntries((await drawbridge.control.snapshot()).servers.map((one) => [one.id, one]));

/** Nobody listens there. */
const nowhere = 'http://127.0.0.1:9/mcp';

const everything: File = {
  servers: {
    acme: {
      title: 'Acme',
      url: nowhere,
      signIn: {
        clientId: 'drawbridge',
        clientSecret: '${vault:SECRET}',
        redirect: 'http://localhost:8400/callback',
        scopes: ['read'],
      },
      accounts: ['work', 'home'],
      defaultAccount: 'home',
    },
    keyed: {
      title: 'Keyed',
      url: 'http://127.0.0.1:9/keyed',
      source: { kind: 'headers', headers: { 'X-Api-Key': '${vault:KEY}' } },
    },
    plain: { title: 'Plain', url: 'http://127.0.0.1:9/plain', open: true },
    login: { title: 'Login', issuer: 'https://login.acme.example', signIn: { clientId: 'x' } },
    company: {
      title: 'Company',
      url: 'http://127.0.0.1:9/company',
      signIn: { kind: 'enterprise', identityProvider: 'login', clientId: 'y' },
    },
    files: {
      title: 'Files',
      command: {
        program: 'files-mcp',
        args: ['--all'],
        env: { MODE: 'strict', FILES_TOKEN: '${vault:FILES}' },
      },
    },
  },
  doors: { http: { port: 41_234 } },
  rules: [
    { server: 'acme/work', deny: ['delete_*'] },
    { readOnly: true, aiClient: 'Cursor' },
  ],
};

const keepSecrets = async (): Promise<void> => {
  for (const name of ['SECRET', 'KEY', 'FILES'])
    await drawbridge.control.keepSecret({ name, value: `canary-${name}` });
};

describe('a file', () => {
  it('makes everything in it, although no server answers, and opens no browser', async () => {
    await keepSecrets();
    const { steps, faults, done, problem } = await apply(everything);
    expect([faults, problem, done]).toEqual([[], undefined, steps.length]);
    expect(steps.map(({ path: at, does }) => [at.join('.'), does])).toEqual([
      ['servers.login', 'add'],
      ...['acme', 'keyed', 'plain', 'company', 'files'].map((id) => [`servers.${id}`, 'add']),
      ['rules.0', 'add'],
      ['rules.1', 'add'],
      ['doors.http', 'change'],
    ]);
    const { acme, keyed, plain, login, company, files } = await servers();
    expect(acme).toMatchObject({
      ...{ title: 'Acme', url: nowhere, defaultAccount: 'home' },
      signIn: { clientId: 'drawbridge', scopes: ['read'], hasClientSecret: true },
      accounts: [
        { id: 'work', state: 'needs-sign-in' },
        { id: 'home', state: 'needs-sign-in' },
      ],
    });
    expect(keyed?.source).toEqual({ kind: 'headers', headers: { 'X-Api-Key': '${vault:KEY}' } });
    expect([keyed?.signIn, plain?.signIn]).toEqual([undefined, undefined]);
    expect(plain?.accounts[0]?.state).toBe('open');
    expect(login).toMatchObject({ kind: 'identity-provider', signIn: { clientId: 'x' } });
    expect(company?.signIn).toMatchObject({ kind: 'enterprise', identityProvider: 'login' });
    expect(files?.command).toMatchObject({
      ...{ env: { MODE: 'strict', FILES_TOKEN: '${vault:FILES}' }, secretEnv: [] },
    });
    expect(drawbridge.opened).toEqual([]);
  });

  it('changes nothing the second time, nor after a restart', async () => {
    await keepSecrets();
    await apply(everything);
    const before = await servers();
    const again = await apply(everything);
    expect(new Set(again.steps.map(({ does }) => does))).toEqual(new Set(['nothing']));
    await drawbridge.restart();
    await drawbridge.control.openVault({});
    const later = await apply(everything, { dryRun: true });
    expect(later.steps.flatMap(({ changes }) => changes)).toEqual([]);
    expect(Object.keys(await servers())).toEqual(Object.keys(before));
    expect((await drawbridge.control.snapshot()).rules).toHaveLength(2);
  });

  it('that is only looked at changes nothing', async () => {
    await keepSecrets();
    const { steps, done } = await apply(everything, { dryRun: true });
    expect([steps.length, done]).toEqual([9, 0]);
    expect(await servers()).toEqual({});
  });

  it('changes a field at a time, and leaves alone what it does not say', async () => {
    await keepSecrets();
    await apply(everything);
    await drawbridge.control.keepSecret({ name: 'SECRET', value: 'canary-SECRET-2' });
    const { steps } = await apply({
      servers: {
        acme: {
          title: 'Acme 2',
          url: nowhere,
          signIn: {
            clientId: 'drawbridge',
            clientSecret: '${vault:SECRET}',
            parameters: { prompt: 'login' },
          },
          accounts: ['other'],
        },
        files: { command: { program: 'files-mcp', args: [], env: { MODE: 'lax' } } },
      },
    });
    expect(steps.map(({ changes }) => changes)).toEqual([
      [
        { path: ['servers', 'acme', 'title'], from: 'Acme', to: 'Acme 2' },
        { path: ['servers', 'acme', 'signIn', 'parameters'], to: { prompt: 'login' } },
        { path: ['servers', 'acme', 'accounts', 0], to: 'other' },
        {
          path: ['servers', 'acme', 'signIn', 'clientSecret'],
          ...{ from: '${vault:acme-client-secret}', to: '${vault:SECRET}' },
        },
      ],
      [
        { path: ['servers', 'files', 'command', 'args'], from: ['--all'], to: [] },
        { path: ['servers', 'files', 'command', 'env', 'MODE'], from: 'strict', to: 'lax' },
        {
          path: ['servers', 'files', 'command', 'env', 'FILES_TOKEN'],
          from: '${vault:FILES}',
        },
      ],
    ]);
    const { acme, files, keyed } = await servers();
    expect(acme).toMatchObject({
      title: 'Acme 2',
      defaultAccount: 'home',
      signIn: { scopes: ['read'], parameters: { prompt: 'login' } },
      accounts: [{ id: 'work' }, { id: 'home' }, { id: 'other' }],
    });
    expect(files?.command).toMatchObject({ args: [], env: { MODE: 'lax' }, secretEnv: [] });
    expect(keyed?.title).toBe('Keyed');
  });

  it('turns a sign-in into a source, and back', async () => {
    await keepSecrets();
    const source = { kind: 'bearer', token: '${vault:KEY}' } as const;
    await apply({ servers: { one: { url: nowhere, signIn: {} } } });
    await apply({ servers: { one: { url: nowhere, source } } });
    expect((await servers())['one']).toMatchObject({ source });
    const { steps } = await apply({
      servers: { one: { url: nowhere, signIn: { scopes: ['a'] } } },
    });
    expect(steps[0]?.does).toBe('change');
    const { one } = await servers();
    expect([one?.source, one?.signIn?.scopes, one?.accounts[0]?.state]).toEqual([
      undefined,
      ['a'],
      'needs-sign-in',
    ]);
  });

  it('asks a new server of which it says no more than the address, and takes one that is away for one to sign in to', async () => {
    await using server = await startMcpServer();
    const { steps } = await apply({
      servers: { here: { url: server.url }, away: { url: nowhere } },
    });
    expect(steps.map(({ notes }) => notes)).toEqual([
      [],
      [expect.stringContaining('it could not be asked what it wants')],
    ]);
    const { here, away } = await servers();
    expect([here?.accounts[0]?.state, away?.accounts[0]?.state]).toEqual(['open', 'needs-sign-in']);
  });

  it('moves a server to another address', async () => {
    await apply({ servers: { one: { url: nowhere, signIn: {} } } });
    const { steps } = await apply({ servers: { one: { url: 'http://127.0.0.1:9/other' } } });
    expect(steps[0]).toMatchObject({
      changes: [{ path: ['servers', 'one', 'url'], from: nowhere, to: 'http://127.0.0.1:9/other' }],
      notes: ['whoever is signed in there is signed out'],
    });
    expect((await servers())['one']?.url).toBe('http://127.0.0.1:9/other');
  });
});

describe('before anything is changed', () => {
  const faultsOf = async (file: File) => {
    const { faults, steps, done } = await apply({
      ...file,
      servers: { fine: { url: 'http://127.0.0.1:9/fine', open: true }, ...file?.servers },
    });
    expect([steps, done]).toEqual([[], 0]);
    expect((await servers())['fine']).toBeUndefined();
    return faults.map(({ path: at, hint }) => [at.join('.'), hint ?? '']);
  };

  it.each([
    [
      'a secret of a source',
      { a: { url: nowhere, source: { kind: 'bearer', token: 'Bearer ${vault:NONE}' } } },
      [['servers.a.source.token', 'drawbridge secret NONE']],
    ],
    [
      'a client secret',
      { a: { url: nowhere, signIn: { clientId: 'x', clientSecret: '${vault:NONE}' } } },
      [['servers.a.signIn.clientSecret', 'drawbridge secret NONE']],
    ],
    [
      'a variable of our environment',
      { a: { url: nowhere, signIn: { clientId: 'x', clientSecret: '${env:NOT_THERE_AT_ALL}' } } },
      [
        [
          'servers.a.signIn.clientSecret',
          'the variable has to be there where Drawbridge itself is started',
        ],
      ],
    ],
    [
      'a key that can sign',
      { a: { url: nowhere, signIn: { clientId: 'x', clientKey: '${env:PATH}' } } },
      [['servers.a.signIn.clientKey', expect.stringContaining('PEM')]],
    ],
    [
      'a secret of a program',
      { a: { command: { program: 'p', args: [], env: { T: '${vault:NONE}' } } } },
      [['servers.a.command.env.T', 'drawbridge secret NONE']],
    ],
    [
      'an identity provider',
      { a: { url: nowhere, signIn: { kind: 'enterprise', identityProvider: 'gone' } } },
      [['servers.a.signIn', 'add it first: drawbridge add-identity-provider <issuer>']],
    ],
  ] as [string, NonNullable<File>['servers'], unknown][])(
    '%s that is not there is named',
    async (_what, wished, faults) => {
      expect(await faultsOf({ servers: wished })).toEqual(faults);
    },
  );

  it.each([
    ['plain http', { a: { url: 'http://mcp.example.com/mcp' } }, 'servers.a.url'],
    ['no address at all', { a: { url: 'nothing' } }, 'servers.a.url'],
    [
      'one address twice',
      { a: { url: 'https://x.example' }, b: { url: 'https://x.example' } },
      'servers.b.url',
    ],
    [
      'one name for two in AI clients',
      {
        a: { url: 'https://x.example', accounts: ['b', 'c'] },
        'a-b': { url: 'https://y.example' },
      },
      'servers.a-b',
    ],
  ] as [string, NonNullable<File>['servers'], string][])('%s', async (_what, wished, at) => {
    expect((await faultsOf({ servers: wished })).map(([where]) => where)).toEqual([at]);
  });

  it('something else of that id, and an address that is there already', async () => {
    await apply({ servers: { a: { url: 'http://127.0.0.1:9/a', open: true } } });
    expect(
      await faultsOf({
        servers: {
          a: { command: { program: 'p', args: [] } },
          b: { url: 'http://127.0.0.1:9/a', open: true },
        },
      }),
    ).toMatchObject([
      ['servers.a', 'give this one another id, or remove the other one: drawbridge remove a'],
    ]);
    expect(
      await faultsOf({ servers: { b: { url: 'http://127.0.0.1:9/a', open: true } } }),
    ).toMatchObject([['servers.b.url', expect.stringContaining('another id')]]);
  });

  it('an account where nobody signs in', async () => {
    await apply({ servers: { a: { url: nowhere, open: true } } });
    expect(await faultsOf({ servers: { a: { url: nowhere, accounts: ['work'] } } })).toMatchObject([
      ['servers.a.accounts', expect.anything()],
    ]);
  });

  it('a rule for a server that is nowhere', async () => {
    expect(
      await faultsOf({
        rules: [
          { server: 'fine', readOnly: true },
          { server: 'x', readOnly: true },
        ],
      }),
    ).toMatchObject([['rules.1.server', expect.anything()]]);
  });
});

describe('a variable of a program', () => {
  const present = async () => (await apply({}, { dryRun: true })).present.servers['files']?.command;
  const wanting = (env: Record<string, string>): File => ({
    servers: { files: { command: { program: 'files-mcp', args: [], env } } },
  });

  it('that names a secret goes on to name it, through every export and import', async () => {
    await keepSecrets();
    const command = { program: 'files-mcp', args: [], processes: 'own' as const };
    const env = { FILES_TOKEN: 'Token ${vault:FILES}', HOSTS: '${file:/etc/hosts}' };
    await drawbridge.control.addLocalServer({ title: 'files', command: { ...command, env } });
    const before = await servers();
    const exported = await present();
    expect(exported?.env).toEqual(env);
    const { steps } = await apply({ servers: { files: { command: exported } } });
    expect(steps.map(({ does }) => does)).toEqual(['nothing']);
    expect((await servers())['files']?.command).toEqual(before['files']?.command);
    await apply(wanting({ ...env, MODE: 'lax' }));
    expect((await servers())['files']?.command).toMatchObject({
      ...{ env: { ...env, MODE: 'lax' }, secretEnv: [] },
    });
    expect((await present())?.env).toEqual({ ...env, MODE: 'lax' });
  });

  it('that is kept with it stays kept, until the file says another', async () => {
    const command = { program: 'files-mcp', args: [], processes: 'own' as const };
    const secrets = { FILES_TOKEN: 'canary-given' };
    await drawbridge.control.addLocalServer({ title: 'files', command, secrets });
    const exported = await present();
    expect(exported?.env).toEqual({ FILES_TOKEN: '${vault:files-FILES_TOKEN}' });
    await apply(wanting({ ...exported?.env, MODE: 'lax' }));
    expect((await servers())['files']?.command).toMatchObject({
      ...{ env: { MODE: 'lax' }, secretEnv: ['FILES_TOKEN'] },
    });
    await keepSecrets();
    const { steps } = await apply(wanting({ FILES_TOKEN: '${vault:FILES}' }));
    expect(steps[0]?.changes).toContainEqual({
      path: ['servers', 'files', 'command', 'env', 'FILES_TOKEN'],
      ...{ from: '${vault:files-FILES_TOKEN}', to: '${vault:FILES}' },
    });
    expect((await servers())['files']?.command).toMatchObject({
      ...{ env: { FILES_TOKEN: '${vault:FILES}' }, secretEnv: [] },
    });
  });
});

it('a file that is exported, imported into an empty Drawbridge and exported again is the same', async () => {
  await keepSecrets();
  await apply(everything);
  const given = { title: 'given', command: { program: 'given-mcp', args: [] } };
  await drawbridge.control.addLocalServer({ ...given, secrets: { TOKEN: 'canary-given' } });
  const { present: first } = await apply({}, { dryRun: true });
  const text = JSON.stringify(first, undefined, 2);
  expect(text).not.toContain('canary');
  await drawbridge[Symbol.asyncDispose]();

  drawbridge = await startRestartableBroker();
  const { faults } = await apply(first);
  expect(faults.map(({ path: at, hint }) => [at.join('.'), hint])).toEqual([
    ['servers.files.command.env.FILES_TOKEN', 'drawbridge secret FILES'],
    ['servers.given.command.env.TOKEN', 'drawbridge secret given-TOKEN'],
    ['servers.keyed.source.headers.X-Api-Key', 'drawbridge secret KEY'],
    ['servers.acme.signIn.clientSecret', 'drawbridge secret acme-client-secret'],
  ]);
  for (const name of ['KEY', 'acme-client-secret', 'FILES', 'given-TOKEN'])
    await drawbridge.control.keepSecret({ name, value: `canary-${name}` });
  expect((await apply(first)).problem).toBeUndefined();
  const { present: second } = await apply({}, { dryRun: true });
  expect(JSON.stringify(second, undefined, 2)).toBe(text);
});

it('what was got for one address is not kept for another', async () => {
  await using desk = await startInProcessBroker();
  await using issuer = await startAuthorizationServer();
  const server = await startMcpServer({ authorizationServer: issuer });
  await desk.signInTo('one', server.url);
  const change = { servers: { one: { url: `${server.url}?other` } } };
  expect((await desk.control.applyFile({ file: change })).problem).toBeUndefined();
  expect(desk.stateOf('one')).toBe('needs-sign-in');
  expect(desk.opened).toHaveLength(1);
  await server.close();
});

it('what cannot be done half way says so, and how far it came', async () => {
  const ran: string[] = [];
  const step = (id: string, run = async () => void ran.push(id)) => ({
    step: { path: ['servers', id], does: 'add' as const, changes: [], notes: [] },
    run: async () => {
      await run();
      return [];
    },
  });
  const { done, problem, steps } = await carryOut([
    step('one'),
    step('two', () => Promise.reject(new ProblemError('cannot-save', 'the disk is full'))),
    step('three'),
  ]);
  expect([ran, done, problem?.code, steps.length]).toEqual([['one'], 1, 'cannot-save', 3]);
});

it('no secret of a file is anywhere but where it is meant', async () => {
  let server: McpTestServer | undefined;
  const shown = new Set<string>();
  try {
    server = await startMcpServer({
      admits: ({ headers }) => {
        shown.add(headers.authorization ?? '');
        return true;
      },
    });
    using folder = makeFolder();
    const file = folder.of('secret');
    await writeFile(file, 'canary-in-file\n', { mode: 0o600 });
    const applied = await apply(
      {
        servers: {
          one: { url: server.url, source: { kind: 'bearer', token: '${vault:ONE}' } },
          two: { url: nowhere, signIn: { clientId: 'x', clientSecret: `\${file:${file}}` } },
        },
      },
      { secrets: { ONE: 'canary-from-elsewhere' } },
    );
    expect(applied.problem).toBeUndefined();
    await drawbridge.reaches('one', 'signed-in');
    expect([...shown].join()).toContain('canary-from-elsewhere');
    const all = [
      await drawbridge.everythingWritten(),
      JSON.stringify(applied),
      JSON.stringify(await drawbridge.control.snapshot()),
      JSON.stringify(await apply({}, { dryRun: true })),
    ].join('\n');
    expect(all).toContain('vault:ONE');
    expect(all).not.toContain('canary');
  } finally {
    await server?.close();
  }
});
