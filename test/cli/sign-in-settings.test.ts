/** Do `add`, `configure` and `add-identity-provider` settle a sign-in as they say, and keep its secrets to themselves? */

import { generateKeyPairSync } from 'node:crypto';
import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '../../shared/contract/routes.ts';
import { type ServerView, Snapshot } from '../../shared/contract/snapshot.ts';
import { filesIn } from '../doubles/files-in.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../servers/authorization-server.ts';
import { type McpTestServer, startMcpServer } from '../servers/mcp-server.ts';
import { unreachableOrigin } from '../servers/odd-servers.ts';
import { createDesk, type Desk } from './commands.ts';

const SECRET = 'canary-secret-of-the-operator';
const KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
  ...{ format: 'pem', type: 'pkcs8' },
});
const telling = String(KEY).split('\n')[1] ?? '';

let signInService: AuthorizationServer;
let guarded: McpTestServer;
let desk: Desk;
let secretFile: string;
let keyFile: string;

beforeAll(async () => {
  signInService = await startAuthorizationServer();
  guarded = await startMcpServer({ authorizationServer: signInService });
  desk = await createDesk();
  secretFile = path.join(desk.dataFolder, 'typed-secret');
  keyFile = path.join(desk.dataFolder, 'typed-key');
  await writeFile(secretFile, `${SECRET}\nnot this\n`, { mode: 0o600 });
  await writeFile(keyFile, KEY, { mode: 0o600 });
  await desk.serve();
});
afterAll(async () => {
  await desk[Symbol.asyncDispose]();
  await guarded.close();
  await signInService.close();
});

const settled = async (id: string): Promise<ServerView['signIn']> => {
  const { stdout } = await desk.run('list', '--json');
  const { servers } = Snapshot.parse(JSON.parse(stdout));
  return servers.find((server) => server.id === id)?.signIn;
};

const secretsHeld = (hasClientSecret: boolean, hasClientKey: boolean) => ({
  hasClientSecret,
  hasClientKey,
});

/** Everything that the daemon keeps as plain files. */
const kept = async (): Promise<string> => {
  const files = [...(await filesIn(desk.dataFolder))];
  const ours = files.filter(([file]) => !path.basename(file).startsWith('typed-'));
  return ours.map(([, bytes]) => bytes.toString('utf8')).join('\n');
};

describe('a server added with what its operator gave', () => {
  afterAll(() => desk.run('remove', 'given'));

  it('keeps all of it, and the secrets in the vault only', async () => {
    const { code, stdout, stderr } = await desk.run(
      ...['add', guarded.url, '--id', 'given', '--client-id', 'given-to-ada'],
      ...['--client-secret-file', secretFile, '--client-key-file', keyFile],
      ...['--redirect', 'http://localhost:8400/callback'],
      ...['--scope', 'mcp:read', '--scope', 'mcp:tools'],
      ...['--parameter', 'prompt=login', '--parameter', 'audience=a=b'],
      ...['--allow', 'issuer-slash', '--allow', 'pkce-unadvertised'],
    );

    expect([code, stdout]).toEqual([0, 'added given\n']);
    expect(stderr).toContain('next: drawbridge sign-in given');
    expect(stderr).not.toContain('warning');
    expect(await settled('given')).toEqual({
      clientId: 'given-to-ada',
      redirect: 'http://localhost:8400/callback',
      scopes: ['mcp:read', 'mcp:tools'],
      parameters: { prompt: 'login', audience: 'a=b' },
      exceptions: ['issuer-slash', 'pkce-unadvertised'],
      ...secretsHeld(true, true),
    });
    const everything = stdout + stderr + (await kept());
    expect(everything).toContain('given-to-ada');
    expect(everything).not.toContain('canary-secret');
    expect([telling.length > 40, everything.includes(telling)]).toEqual([true, false]);
  });

  it('changes by what is named, and the rest stays, but for what proves another client', async () => {
    const { code, stdout } = await desk.run(
      ...['configure', 'given', '--client-id', 'given-anew', '--callback-port', '8401'],
      ...['--unset', 'parameters', '--unset', 'exceptions'],
    );

    expect([code, stdout]).toEqual([0, 'changed given\n']);
    expect(await settled('given')).toEqual({
      clientId: 'given-anew',
      redirect: 'http://127.0.0.1:8401/callback',
      scopes: ['mcp:read', 'mcp:tools'],
      ...secretsHeld(false, false),
    });
  });

  it('tells a script what is settled now, and no secret', async () => {
    const { stdout, stderr } = await desk.run(
      ...['configure', 'given', '--client-secret-file', secretFile, '--json'],
    );
    const { server } = routes.configureSignIn.reply.parse(JSON.parse(stdout));
    expect(server.signIn).toMatchObject({ clientId: 'given-anew', ...secretsHeld(true, false) });
    expect(stdout + stderr).not.toContain('canary');
  });
});

describe('a sign-in service that was named', () => {
  const named = [
    ...['--issuer', 'https://login.example/tenant', '--resource', 'api://tools'],
    ...['--authorize-url', 'https://login.example/a', '--token-url', 'https://login.example/t'],
    ...['--client-id', 'given', '--client-secret-from', '${file:/run/secrets/client}'],
    ...['--no-browser', '--sign-in-timeout', '90', '--allow', 'pkce-off'],
  ];

  it('is kept with the server, changed, and taken back', async () => {
    expect((await desk.run('add', guarded.url, '--id', 'named', ...named)).code).toBe(0);
    expect(await settled('named')).toEqual({
      ...{ issuer: 'https://login.example/tenant', resource: 'api://tools' },
      ...{ authorizeUrl: 'https://login.example/a', tokenUrl: 'https://login.example/t' },
      ...{ clientId: 'given', clientSecretFrom: '${file:/run/secrets/client}' },
      ...{ noBrowser: true, timeoutS: 90, exceptions: ['pkce-off'] },
      ...secretsHeld(false, false),
    });

    const { stdout } = await desk.run('doctor', 'named');
    expect(stdout).toContain('at login.example, whose endpoints were given by hand');
    expect(stdout).toContain('by a name that was settled: api://tools');
    expect(stdout).toContain('without the protection of PKCE: an exception on record');
    expect(stdout).toContain('there is nothing in ${file:/run/secrets/client}');

    await desk.run('configure', 'named', '--client-secret-file', secretFile);
    expect(await settled('named')).toMatchObject(secretsHeld(true, false));
    expect(await settled('named')).not.toHaveProperty('clientSecretFrom');
    const names = ['issuer', 'authorize-url', 'token-url', 'resource', 'no-browser'];
    await desk.run(
      ...['configure', 'named', '--unset', 'sign-in-timeout', '--unset', 'allow'],
      ...names.flatMap((name) => ['--unset', name]),
    );
    expect(await settled('named')).toEqual({ clientId: 'given', ...secretsHeld(true, false) });
    await desk.run('remove', 'named');
  });

  it.each<[string, string[], string]>([
    ['endpoints without a client', ['--token-url', 'https://a.example/t'], 'bad-request'],
    [
      'half of the endpoints',
      ['--client-id', 'a', '--authorize-url', 'https://a.example/'],
      'bad-request',
    ],
    ['plain http', ['--issuer', 'http://login.example'], 'bad-usage'],
    ['a secret that is written down', ['--client-secret-from', 'canary'], 'bad-usage'],
    ['no time', ['--sign-in-timeout', 'soon'], 'bad-usage'],
  ])('is refused with %s', async (_what, args, code) => {
    const { stderr, ...ended } = await desk.run('add', guarded.url, '--id', 'half', ...args);
    expect(ended.code).not.toBe(0);
    expect(stderr).toContain(`(${code})`);
    expect(stderr).not.toContain('canary');
    expect(await settled('half')).toBeUndefined();
  });
});

it('a secret that others can read is warned of, and taken', async () => {
  await chmod(secretFile, 0o644);
  const { code, stderr } = await desk.run(
    ...['add', guarded.url, '--id', 'read', '--client-id', 'a', '--client-secret-file', secretFile],
  );
  await chmod(secretFile, 0o600);
  await desk.run('remove', 'read');
  expect(code).toBe(0);
  expect(stderr).toMatch(/^warning: other users can read the secret in .*: chmod 600$/m);
});

it('a server that was removed and added again has nothing settled', async () => {
  const add = ['add', guarded.url, '--id', 'twice'];
  await desk.run(...add, '--client-id', 'given-to-ada', '--client-secret-file', secretFile);
  await desk.run('remove', 'twice');
  await desk.run(...add);
  expect(await settled('twice')).toBeUndefined();
  await desk.run('configure', 'twice', '--client-id', 'given-to-ada');
  expect(await settled('twice')).toEqual({
    clientId: 'given-to-ada',
    ...secretsHeld(false, false),
  });
  await desk.run('remove', 'twice');
});

describe('what cannot work', () => {
  beforeAll(async () => {
    await desk.run('add', guarded.url, '--id', 'plain');
    await desk.run(
      ...['add-identity-provider', signInService.issuer, '--client-id', 'a', '--id', 'company'],
    );
  });
  afterAll(async () => {
    await desk.run('remove', 'plain');
    await desk.run('remove', 'company');
  });

  it.each<[string, string, string[], string]>([
    ['no provider', 'plain', ['--kind', 'enterprise'], 'identity-provider'],
    [
      'a provider that is none',
      'plain',
      ['--kind', 'enterprise', '--identity-provider', 'plain'],
      'identity-provider',
    ],
    [
      'a provider that is not there',
      'plain',
      ['--kind', 'enterprise', '--identity-provider', 'nobody'],
      'identity-provider',
    ],
    ['a token file of no provider', 'plain', ['--id-token-file', 'token'], 'bad-request'],
    ['a provider without a person', 'company', ['--kind', 'client-credentials'], 'bad-request'],
  ])('is refused before it is kept: %s', async (_name, server, args, code) => {
    const before = await settled(server);
    const { stderr, ...ended } = await desk.run('configure', server, ...args);
    expect([ended.code, stderr]).toEqual([1, expect.stringMatching(`\\(${code}\\)\nhint: `)]);
    expect(await settled(server)).toEqual(before);
  });

  it('is refused before a server is added with it', async () => {
    const other = await startMcpServer({ authorizationServer: signInService });
    const add = ['add', other.url, '--id', 'half', '--client-id', 'a'];
    const rubbish = path.join(desk.dataFolder, 'typed-rubbish');
    await writeFile(rubbish, 'canary rubbish', { mode: 0o600 });
    const ended = [
      await desk.run(...add, '--kind', 'enterprise'),
      await desk.run(...add, '--client-key-file', rubbish),
    ];
    await other.close();
    expect(ended.map(({ code, stderr }) => [code, /\(([a-z-]+)\)/.exec(stderr)?.[1]])).toEqual([
      [1, 'identity-provider'],
      [1, 'client-key-unusable'],
    ]);
    expect((await desk.run('list')).stdout).not.toContain('half');
    expect(other.seen).toEqual([]);
  });

  it('is refused of a key, and the one before it stays', async () => {
    await desk.run('configure', 'plain', '--client-id', 'a', '--client-key-file', keyFile);
    const rubbish = path.join(desk.dataFolder, 'typed-rubbish');
    await writeFile(rubbish, 'canary rubbish', { mode: 0o600 });
    const { code, stderr } = await desk.run('configure', 'plain', '--client-key-file', rubbish);
    expect([code, stderr]).toEqual([1, expect.stringContaining('(client-key-unusable)')]);
    expect(stderr).not.toContain('canary');
    expect(await settled('plain')).toMatchObject(secretsHeld(false, true));
  });

  it('is taken back by the name of the option that set it', async () => {
    await desk.run('configure', 'plain', '--client-id', 'a', '--scope', 'mcp:read');
    const { code } = await desk.run(
      ...['configure', 'plain', '--unset', 'client-id', '--unset', 'scope'],
    );
    expect([code, await settled('plain')]).toEqual([0, secretsHeld(false, false)]);
  });

  it('is a provider that is removed while servers sign in with it', async () => {
    await desk.run('configure', 'plain', '--kind', 'enterprise', '--identity-provider', 'company');
    const kept = await desk.run('remove', 'company');
    await desk.run('configure', 'plain', '--unset', 'kind');
    const gone = await desk.run('remove', 'company');
    expect([kept.code, gone.code]).toEqual([1, 0]);
    expect(kept.stderr).toMatch(/servers sign in with .*: plain \(in-use\)\nhint: /);
  });
});

it('a file that the daemon reads later is named so that it finds it', async () => {
  await desk.run(
    ...['add-identity-provider', signInService.issuer, '--client-id', 'a', '--id', 'filed'],
    ...['--id-token-file', 'folder/id-token'],
  );
  expect((await settled('filed'))?.idTokenFile).toBe(path.resolve('folder/id-token'));
  await desk.run('remove', 'filed');

  const certificates = path.join(desk.dataFolder, 'typed-none.pem');
  await writeFile(certificates, rootCertificates[0] ?? '');
  const { stdout } = await desk.run(
    ...['settings', '--ca-file', path.relative(process.cwd(), certificates)],
  );
  await desk.run('settings', '--unset', 'ca-file');
  expect(stdout).toContain(`ca-file: ${certificates}\n`);
});

it('the name of a host alone is hinted at as an address', async () => {
  const { code, stderr } = await desk.run('doctor', 'localhost');
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/there is no server "localhost" .*\nhint: .*http:\/\//),
  ]);
});

it('a server that is not there is not changed, and nothing is kept of the secret', async () => {
  const { code, stdout, stderr } = await desk.run(
    ...['configure', 'nobody', '--client-secret-file', secretFile],
  );
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('there is no server "nobody"');
});

it('a sign-in that a rule forbids names the rule, the risk and the command that allows it', async () => {
  signInService.misbehave.metadata('no-pkce');
  await desk.run('add', guarded.url, '--id', 'lax');
  const { code, stderr } = await desk.run('sign-in', 'lax', '--no-browser');
  signInService.misbehave.reset();
  await desk.run('remove', 'lax');
  expect(code).not.toBe(0);
  expect(stderr).toMatch(
    /\(pkce-unsupported\)\nhint: .*drawbridge configure lax --allow pkce-unadvertised \(if it really does not, a program/,
  );
});

describe('an identity provider', () => {
  it('is added, shown as one, and signed in to like a server', async () => {
    const { code, stdout, stderr } = await desk.run(
      ...['add-identity-provider', signInService.issuer, '--client-id', 'given-to-ada'],
      ...['--client-secret-file', secretFile, '--id', 'company', '--title', 'The company'],
    );
    const { servers } = Snapshot.parse(JSON.parse((await desk.run('list', '--json')).stdout));

    expect([code, stdout]).toEqual([0, 'added company\n']);
    expect(stderr).toContain('next: drawbridge sign-in company');
    expect(servers.find(({ id }) => id === 'company')).toMatchObject({
      kind: 'identity-provider',
      title: 'The company',
      signIn: { clientId: 'given-to-ada', ...secretsHeld(true, false) },
      accounts: [{ state: 'needs-sign-in' }],
    });
    expect(stdout + stderr + (await kept())).not.toContain('canary');
  });

  it('is there once', async () => {
    const again = ['add-identity-provider', signInService.issuer, '--client-id', 'a'];
    const { code, stderr } = await desk.run(...again);
    expect([code, stderr]).toEqual([1, expect.stringContaining('(server-exists)')]);
    await desk.run('remove', 'company');
  });

  it('whose ID token something else keeps fresh needs no sign-in', async () => {
    const { code, stderr } = await desk.run(
      ...['add-identity-provider', signInService.issuer, '--client-id', 'a', '--id', 'filed'],
      ...['--id-token-file', '/nonexistent/id-token'],
    );
    expect([code, stderr.includes('next:')]).toEqual([0, false]);
    await desk.run('remove', 'filed');
  });

  it.each<[string, () => string | Promise<string>, string]>([
    ['nobody is there', unreachableOrigin, 'server-unreachable'],
    ['it does not describe itself', () => new URL(guarded.url).origin, 'no-sign-in-service'],
    ['it is no address', () => 'the company', 'not-a-url'],
  ])('is not kept when %s', async (_name, address, expected) => {
    const { code, stderr } = await desk.run(
      ...['add-identity-provider', await address(), '--client-id', 'a', '--id', 'none'],
    );
    expect([code, stderr]).toEqual([1, expect.stringContaining(`(${expected})`)]);
    expect(await settled('none')).toBeUndefined();
  });
});
