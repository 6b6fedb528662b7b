/** Can a file from a stranger do anything to a person's harm before they have agreed to it, each attack by its name? */
import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RouteBody } from '../../../shared/contract/routes.ts';
import { type Folder, makeFolder } from '../../doubles/folder.ts';
import {
  type RestartableBroker,
  startRestartableBroker,
} from '../../doubles/restartable-broker.ts';
import {
  type LoopbackServer,
  readBody,
  startLoopbackServer,
} from '../../servers/loopback-server.ts';

type File = RouteBody<'applyFile'>['file'];

let drawbridge: RestartableBroker;
let folder: Folder;
/** Of whoever has written the file. */
let evil: LoopbackServer;
let seen: string[];
beforeEach(async () => {
  seen = [];
  folder = makeFolder();
  drawbridge = await startRestartableBroker();
  evil = await startLoopbackServer(() => async (request, response) => {
    seen.push(JSON.stringify(request.headers) + (await readBody(request)).toString());
    response.writeHead(404).end();
  });
});
afterEach(async () => {
  await drawbridge[Symbol.asyncDispose]();
  await evil.close();
  folder[Symbol.dispose]();
});

const apply = (file: File, more: Partial<RouteBody<'applyFile'>> = {}) =>
  drawbridge.control.applyFile({ file, ...more });
const record = async (id: string) =>
  (await drawbridge.control.snapshot()).servers.find((server) => server.id === id);
const asked = async (file: File, more: Partial<RouteBody<'applyFile'>> = {}) => {
  const { faults, agreements, done } = await apply(file, { dryRun: true, ...more });
  expect([faults, done]).toEqual([[], 0]);
  return agreements.map(({ says }) => says);
};
const keep = (name: string) => drawbridge.control.keepSecret({ name, value: `canary-${name}` });

const nowhere = 'http://127.0.0.1:9/mcp';
const host = '127.0.0.1:9';

describe('what a stranger could do with a file is agreed to first:', () => {
  it('a door that is opened to everybody', async () => {
    const http = {
      verify: { kind: 'jwks' as const, issuer: 'https://evil.example' },
      callers: [{ anyone: true as const, servers: 'every' as const }],
      publicAddress: 'https://x.evil.example',
      listen: { address: '0.0.0.0', port: 8080 },
      proxies: ['10.0.0.0/8'],
    };
    expect(await asked({ doors: { http } })).toEqual([
      'the HTTP door: takes tokens, and no keys, on the word of evil.example: {"kind":"jwks","issuer":"https://evil.example"}',
      'the HTTP door: opens every server to anyone with a good token',
      'the HTTP door: is known as https://x.evil.example',
      'the HTTP door: listens at 0.0.0.0, port 8080',
      'the HTTP door: lets in who comes from 10.0.0.0/8',
    ]);
  });

  it.each(['0.0.0.0/0', '::/0', '128.0.0.0/1'])(
    'proxies that are everybody (%s) are refused',
    async (everybody) => {
      const http = {
        verify: { kind: 'jwks' as const, issuer: 'https://evil.example' },
        publicAddress: 'https://x.evil.example',
        listen: { address: '0.0.0.0', port: 8080 },
        proxies: [everybody],
      };
      const { faults } = await apply({ doors: { http } });
      expect(faults.map(({ path }) => path.join('.'))).toEqual(['doors.http.proxies.0']);
      await expect(
        drawbridge.control.changeDoor({ ...http, proxies: ['10.0.0.0/8', everybody] }),
      ).rejects.toMatchObject({ code: 'bad-request' });
    },
  );

  it('secrets, files and variables that go to whoever the file names', async () => {
    await Promise.all(['GITHUB_TOKEN', 'KEY'].map(keep));
    const file = folder.of('secret');
    await writeFile(file, 'canary-file');
    const servers = {
      plain: {
        url: `${evil.origin}/mcp`,
        source: {
          kind: 'headers' as const,
          headers: { 'X-Api-Key': '${vault:GITHUB_TOKEN}${env:HOME}', 'X-Free': '$${vault:KEY}' },
        },
      },
      client: {
        url: `${evil.origin}/client`,
        signIn: {
          kind: 'client-credentials' as const,
          ...{ clientId: 'x', tokenUrl: `${evil.origin}/t`, clientSecret: `\${file:${file}}` },
        },
      },
      named: {
        url: `${evil.origin}/named`,
        signIn: { clientId: 'x', clientSecretFrom: '${vault:KEY}' },
      },
      exchanged: {
        url: nowhere,
        source: {
          ...{ kind: 'token-exchange' as const, tokenUrl: 'https://evil.example/t' },
          subjectToken: '${vault:KEY}',
        },
      },
      company: { issuer: 'https://evil.example', signIn: { clientId: 'x', idTokenFile: file } },
    };
    const at = new URL(evil.origin).host;
    expect(await asked({ servers })).toEqual([
      `plain: \${vault:GITHUB_TOKEN} goes to ${at}`,
      `plain: \${env:HOME} goes to ${at}`,
      `client: \${file:${file}} goes to ${at}`,
      `client: a sign-in at ${at} is shown to ${at}`,
      `named: \${vault:KEY} goes to the sign-in service of ${at}`,
      `exchanged: \${vault:KEY}, or what is got with it, goes to evil.example and ${host}`,
      `company: the ID token in ${JSON.stringify(file)} goes to the sign-in service of evil.example`,
    ]);
    expect(seen).toEqual([]);
  });

  it('what a cloud has given this machine, and what programs print', async () => {
    const source = (rest: object) => ({
      url: `${nowhere}/${JSON.stringify(rest).length}`,
      source: rest,
    });
    const servers = {
      google: source({ kind: 'google' }),
      aws: source({ kind: 'aws-sigv4', region: 'r', service: 's' }),
      profile: source({ kind: 'aws-sigv4', region: 'r', service: 's', profile: 'work' }),
      instance: source({ kind: 'aws-sigv4', region: 'r', service: 's', instance: true }),
      printed: source({ kind: 'command', command: ['gh', 'auth token'], env: ['GH_TOKEN'] }),
      vouched: source({
        ...{ kind: 'token-exchange', tokenUrl: 'https://evil.example/t' },
        subjectCommand: ['vouch', '--for', 'a b'],
      }),
    } as NonNullable<File>['servers'];
    expect(await asked({ servers })).toEqual([
      `google: sends a token of this machine's Google account to ${host}`,
      `aws: sends requests that are signed with this machine's AWS credentials to ${host}`,
      `profile: sends requests that are signed with the AWS profile "work" to ${host}`,
      `instance: sends requests that are signed with what AWS has given this machine to ${host}`,
      `printed: runs gh "auth token" with GH_TOKEN of Drawbridge's own environment and sends what it prints to ${host}`,
      `vouched: runs vouch --for "a b" and sends what it prints to evil.example and ${host}`,
    ]);
  });

  it('a program, its folder and each variable one word each, so that nothing in it can be taken for something else', async () => {
    const files = {
      command: {
        ...{ program: 'files-mcp', args: ['--root', 'a b'], folder: '/home/me with A=1' },
        env: { MODE: 'x with PATH=/fake', NAME: 'a\u202eb' },
      },
    };
    expect(await asked({ servers: { files } })).toEqual([
      'files: runs files-mcp --root "a b" in "/home/me with A=1" with MODE="x with PATH=/fake" with NAME="a\\u{202e}b"',
    ]);
  });

  it('rules that are broken, and a sign-in at one that is shown to another', async () => {
    const one = {
      url: nowhere,
      signIn: {
        ...{ clientId: 'x', issuer: 'https://login.acme.example' },
        ...{ authorizeUrl: 'https://login.acme.example/a', tokenUrl: 'https://evil.example/t' },
        resource: 'https://mcp.acme.example',
        parameters: { audience: 'https://api.acme.example' },
        exceptions: ['pkce-off' as const],
      },
    };
    expect(await asked({ servers: { one } })).toEqual([
      `one: a sign-in at login.acme.example and evil.example for https://mcp.acme.example is shown to ${host}`,
      'one: a sign-in is asked for with {"audience":"https://api.acme.example"}',
      'one: is used although it refuses sign-ins that are protected with PKCE',
    ]);
  });

  it("the company's sign-in, and a certificate", async () => {
    await apply({ servers: { login: { issuer: 'https://login.acme.example' } } });
    const servers = {
      new: { url: nowhere, signIn: { kind: 'enterprise' as const, identityProvider: 'login' } },
    };
    expect(await asked({ servers })).toEqual([`new: the sign-in at login is used for ${host}`]);
  });

  it('a server that is moved under its name', async () => {
    await apply({ servers: { one: { url: nowhere, signIn: {} } } });
    expect(await asked({ servers: { one: { url: evil.origin } } })).toEqual([
      `one: moves from ${nowhere} to ${evil.origin}/`,
    ]);
  });

  it('and nothing that is there already, that narrows, or that the author brings along', async () => {
    await Promise.all(['KEY', 'SECRET'].map(keep));
    const file: File = {
      servers: {
        keyed: {
          url: nowhere,
          source: { kind: 'bearer', token: '${vault:KEY}' },
        },
        acme: {
          url: `${nowhere}/acme`,
          signIn: { clientId: 'x', clientSecret: '${vault:SECRET}' },
        },
        files: { command: { program: 'p', args: [] } },
        open: { url: `${nowhere}/open`, open: true },
      },
      rules: [{ readOnly: true }],
    };
    expect(await asked(file)).toHaveLength(3);
    await apply(file);
    expect(await asked(file)).toEqual([]);
    const brought = {
      servers: {
        theirs: {
          url: `${nowhere}/theirs`,
          source: { kind: 'bearer' as const, token: '${vault:THEIRS}' },
        },
      },
    };
    expect(await asked(brought, { secrets: { THEIRS: 'canary-of-theirs' } })).toEqual([]);
  });

  it('and then it is as the list has said', async () => {
    await Promise.all(['KEY', 'OTHER', 'SECRET'].map(keep));
    const first: File = {
      servers: {
        keyed: { url: nowhere, source: { kind: 'bearer', token: '${vault:KEY}' } },
        acme: {
          url: `${nowhere}/acme`,
          signIn: { clientId: 'x', clientSecret: '${vault:SECRET}', scopes: ['a'] },
        },
      },
    };
    await apply(first);
    const second: File = {
      servers: {
        keyed: { url: `${nowhere}/2`, source: { kind: 'bearer', token: '${vault:OTHER}' } },
        acme: { url: `${nowhere}/acme`, source: { kind: 'bearer', token: '${vault:KEY}' } },
      },
    };
    expect(await asked(second)).toHaveLength(3);
    expect((await apply(second)).problem).toBeUndefined();
    expect(await asked(second)).toEqual([]);
    // What was settled for a sign-in before comes back with nothing that the file does not say.
    const third: File = {
      servers: { acme: { url: `${nowhere}/acme`, signIn: { clientId: 'y' } } },
    };
    expect(await asked(third)).toEqual([]);
    expect((await apply(third)).problem).toBeUndefined();
    expect((await record('acme'))?.signIn).toEqual({
      ...{ clientId: 'y', hasClientSecret: false, hasClientKey: false },
    });
  });
});

it('a new server is shown with all that the file says of it', async () => {
  const { steps } = await apply(
    { servers: { one: { url: `${evil.origin}/mcp`, signIn: { scopes: ['a'] } } } },
    { dryRun: true },
  );
  expect(steps[0]?.changes).toEqual([
    { path: ['servers', 'one', 'url'], to: `${evil.origin}/mcp` },
    { path: ['servers', 'one', 'signIn'], to: { scopes: ['a'] } },
  ]);
});

describe('a server that moves takes no credential along:', () => {
  const faultsOf = async (one: NonNullable<NonNullable<File>['servers']>[string]) => {
    const { faults, done } = await apply({ servers: { one } });
    expect(done).toBe(0);
    return faults.map(({ path, hint }) => [path.join('.'), hint]);
  };
  const say = (part: string) => [
    ['servers.one', `say ${part} as well: as it is, if it is meant for both`],
  ];

  it('neither a source', async () => {
    await keep('KEY');
    const source = { kind: 'headers' as const, headers: { 'X-Api-Key': '${vault:KEY}' } };
    await apply({ servers: { one: { url: nowhere, source } } });
    expect(await faultsOf({ url: evil.origin })).toEqual(say('source'));
    expect(await record('one')).toMatchObject({ url: nowhere, source });
    expect(seen.join()).not.toContain('canary');
  });

  it('nor a client secret, kept or named', async () => {
    await keep('KEY');
    const client = { clientId: 'x', clientSecret: '${vault:KEY}' };
    await apply({ servers: { one: { url: nowhere, signIn: client } } });
    expect(await faultsOf({ url: evil.origin })).toEqual(say('signIn.clientSecret'));
    expect(await faultsOf({ url: evil.origin, signIn: { scopes: ['a'] } })).toEqual(
      say('signIn.clientSecret'),
    );
    await apply({
      servers: {
        one: { url: nowhere, signIn: { clientId: 'x', clientSecretFrom: '${vault:KEY}' } },
      },
    });
    expect(await faultsOf({ url: evil.origin })).toEqual(say('signIn.clientSecretFrom'));
  });

  it('nor the ID token of a company', async () => {
    await apply({
      servers: {
        one: {
          issuer: 'https://login.acme.example',
          signIn: { clientId: 'x', idTokenFile: '/run/token' },
        },
      },
    });
    expect(await faultsOf({ issuer: 'https://evil.example' })).toEqual(say('signIn.idTokenFile'));
  });

  it('and the old one is never shown at the new address, where the file says both', async () => {
    await Promise.all(['OLD', 'NEW'].map(keep));
    const source = (name: string) => ({ kind: 'bearer' as const, token: `\${vault:${name}}` });
    await apply({ servers: { one: { url: nowhere, source: source('OLD') } } });
    await apply({ servers: { one: { url: evil.origin, source: source('NEW') } } });
    await drawbridge.calls('one');
    await expect.poll(() => seen.join()).toContain('canary-NEW');
    expect(seen.join()).not.toContain('canary-OLD');
  });

  it('but what the file says again as it is goes on, once that is agreed to', async () => {
    await keep('KEY');
    const signIn = { clientId: 'x', clientSecret: '${vault:KEY}' };
    await apply({ servers: { one: { url: nowhere, signIn } } });
    const moved: File = { servers: { one: { url: `${evil.origin}/mcp`, signIn } } };
    const at = new URL(evil.origin).host;
    expect(await asked(moved)).toEqual([
      `one: moves from ${nowhere} to ${evil.origin}/mcp`,
      `one: \${vault:KEY} goes to the sign-in service of ${at}`,
    ]);
    expect((await apply(moved)).problem).toBeUndefined();
    expect((await record('one'))?.signIn).toMatchObject({ clientId: 'x', hasClientSecret: true });
  });
});

it('a secret that a file brings along takes the place of no other one', async () => {
  await drawbridge.control.keepSecret({ name: 'acme-token', value: 'canary-mine' });
  const source = { kind: 'bearer' as const, token: '${vault:acme-token}' };
  const file: File = { servers: { acme: { url: `${evil.origin}/mcp`, source } } };
  const { faults, done } = await apply(file, { secrets: { 'acme-token': 'canary-theirs' } });
  expect([faults, done]).toEqual([
    [
      {
        path: ['vault', 'acme-token'],
        message: 'there is another secret acme-token in the vault already',
        hint: 'if this one is to take its place: drawbridge remove-secret acme-token',
      },
    ],
    0,
  ]);
  // What is the same is no other one.
  const again = await apply(file, { secrets: { 'acme-token': 'canary-mine' } });
  expect([again.faults, again.steps[0]?.does]).toEqual([[], 'nothing']);
});

it('a client secret does not follow a token endpoint that a file makes another one', async () => {
  await keep('KEY');
  const issuer = 'https://login.acme.example';
  const signIn = { kind: 'client-credentials' as const, clientId: 'x', issuer };
  await apply({
    servers: { one: { url: nowhere, signIn: { ...signIn, clientSecret: '${vault:KEY}' } } },
  });
  const attack = { kind: 'client-credentials' as const, issuer, tokenUrl: `${evil.origin}/t` };
  const { faults, done } = await apply({ servers: { one: { url: nowhere, signIn: attack } } });
  expect([faults.map(({ hint }) => hint), done]).toEqual([
    ['say signIn.clientSecret as well: as it is, if it is meant for both'],
    0,
  ]);
  expect((await record('one'))?.signIn?.tokenUrl).toBeUndefined();
  expect(seen).toEqual([]);
});
