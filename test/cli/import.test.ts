/** Do `drawbridge import` and `drawbridge export` do what they promise, on the command line? */
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { textIn } from '../doubles/files-in.ts';
import { type Folder, makeFolder } from '../doubles/folder.ts';
import type { Ended } from '../scenarios/running-drawbridge.ts';
import { readBody, startLoopbackServer } from '../servers/loopback-server.ts';
import { type McpTestServer, startMcpServer } from '../servers/mcp-server.ts';
import { createDesk, type Desk } from './commands.ts';

let desk: Desk;
let folder: Folder;
let server: McpTestServer;
let daemon: Awaited<ReturnType<Desk['serve']>>;

beforeAll(async () => {
  server = await startMcpServer({ staticHeader: { name: 'X-Api-Key', value: 'canary-key' } });
});
afterAll(() => server.close());

beforeEach(async () => {
  desk = await createDesk();
  folder = makeFolder();
  daemon = await desk.serve();
  return async () => {
    await desk[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  };
});

/** Each command is a process of its own, and there are many of them. */
const MANY_MS = 60_000;

const save = async (name: string, value: unknown): Promise<string> => {
  const file = folder.of(name);
  await writeFile(file, typeof value === 'string' ? value : JSON.stringify(value, undefined, 2));
  return file;
};
const keepSecret = async (name: string, value: string): Promise<void> => {
  const file = await save(`secret-${name}`, value);
  await desk.run('secret', name, '--file', file);
};
const json = ({ stdout }: Ended): unknown => JSON.parse(stdout);

it(
  'shows what it would do, does it, and finds nothing to do the next time',
  async () => {
    const file = await save(
      'drawbridge.json',
      `{
      // one that wants a key
      "servers": {
        "keyed": {
          "title": "Keyed",
          "url": ${JSON.stringify(server.url)},
          "source": { "kind": "headers", "headers": { "X-Api-Key": "\${vault:KEY}" } },
        },
        "away": { "url": "http://127.0.0.1:9/mcp", "signIn": { "scopes": ["read"] } },
      },
    }`,
    );
    const refused = await desk.run('import', file);
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toContain(
      `${file}:7:55 servers.keyed.source.headers.X-Api-Key: there is no secret KEY in the vault\n  hint: drawbridge secret KEY\n`,
    );
    await keepSecret('KEY', 'canary-key');

    const host = new URL(server.url).host;
    const fields = {
      keyed: `  title: "Keyed"\n  url: "${server.url}"\n  source: {"kind":"headers","headers":{"X-Api-Key":"\${vault:KEY}"}}\n`,
      away: '  url: "http://127.0.0.1:9/mcp"\n  signIn: {"scopes":["read"]}\n',
    };
    const would = await desk.run('import', file, '--dry-run');
    expect([would.code, would.stdout]).toEqual([
      0,
      `to add     servers.keyed\n${fields.keyed}to add     servers.away\n${fields.away}` +
        `to agree   keyed: \${vault:KEY} goes to ${host}\n`,
    ]);
    expect((await desk.run('list')).stdout).not.toContain('keyed');
    expect((await desk.run('import', file, '--yes')).stdout).toBe(
      `added      servers.keyed\n${fields.keyed}added      servers.away\n${fields.away}`,
    );
    await expect
      .poll(async () => (await desk.run('list')).stdout, { timeout: 10_000 })
      .toContain('credential in place');
    expect((await desk.run('import', file)).stdout).toContain('nothing to change');

    await save('drawbridge.json', (await readFile(file, 'utf8')).replace('"read"', '"write"'));
    expect((await desk.run('import', file)).stdout).toContain(
      'changed    servers.away\n  signIn.scopes: ["read"] becomes ["write"]\n',
    );
  },
  MANY_MS,
);

it(
  'tells a program the same: steps, changes and faults',
  async () => {
    const wrong = await save(
      'wrong.json',
      '{ "servers": { "a": { "url": "https://x.example", "x": 1 } } }',
    );
    const refused = await desk.run('import', wrong, '--json');
    expect(refused.code).toBe(1);
    expect(json(refused)).toEqual({
      error: { code: 'file-unusable', message: 'nothing was imported: one thing is wrong' },
      faults: [
        {
          ...{ path: 'servers.a.x', line: 1, column: 51 },
          message: 'there is nothing of this name',
          hint: 'docs/drawbridge-file.md shows how it is written',
        },
      ],
    });
    const right = await save('right.json', {
      servers: { a: { url: 'https://x.example', open: true } },
    });
    expect(json(await desk.run('import', right, '--json'))).toEqual({
      ...{ dryRun: false, done: 1, leftOut: [], agreements: [] },
      steps: [
        {
          ...{ path: 'servers.a', does: 'add', notes: [] },
          changes: [
            { path: 'servers.a.url', to: 'https://x.example' },
            { path: 'servers.a.open', to: true },
          ],
        },
      ],
    });
    expect((await desk.run('import', folder.of('none.json'))).code).toBe(2);
  },
  MANY_MS,
);

it(
  'asks before a program may run that somebody else may have written down',
  async () => {
    const file = await save('drawbridge.json', {
      servers: {
        files: { command: { program: 'files-mcp', args: ['--root', '/a b'], env: { MODE: 'x' } } },
        minted: {
          url: 'http://127.0.0.1:9/m',
          source: { kind: 'command', command: ['get-token'] },
        },
      },
    });
    const { code, stderr, stdout } = await desk.run('import', file);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(
      'files: runs files-mcp --root "/a b" with MODE=x\n  minted: runs get-token and sends what it prints to 127.0.0.1:9\n',
    );
    expect((await desk.run('import', file, '--yes')).code).toBe(0);
    // What has been agreed to is not asked again.
    expect((await desk.run('import', file)).stdout).toContain('nothing to change');
  },
  MANY_MS,
);

it(
  'exports to a file that only its owner reads, and to standard output',
  async () => {
    await keepSecret('KEY', 'canary-key');
    await desk.run('add', server.url, '--id', 'keyed', '--header', 'X-Api-Key: ${vault:KEY}');
    const secret = await save('client-secret', 'canary-client-secret');
    const given = ['--client-id', 'x', '--client-secret-file', secret];
    const signIn = await save('sign-in.json', {
      servers: { acme: { url: 'http://127.0.0.1:9/mcp', signIn: {} } },
    });
    await desk.run('import', signIn);
    expect((await desk.run('configure', 'acme', ...given)).code).toBe(0);

    const file = await save('exported.json', 'what was there before');
    const exported = await desk.run('export', file);
    expect([exported.code, exported.stdout]).toEqual([0, '']);
    expect(exported.stderr).toContain('drawbridge secret acme-client-secret');
    const text = await readFile(file, 'utf8');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await desk.run('export')).stdout).toBe(text);
    expect(JSON.parse(text)).toMatchObject({
      servers: {
        acme: { signIn: { clientId: 'x', clientSecret: '${vault:acme-client-secret}' } },
        keyed: { source: { headers: { 'X-Api-Key': '${vault:KEY}' } } },
      },
      doors: { http: { port: expect.any(Number) } },
    });
    expect(text).not.toContain('canary');
    expect((await desk.run('import', file)).stdout).toContain('nothing to change');
    expect((await desk.run('export', path.join(folder.path, 'none', 'x.json'))).code).toBe(2);
  },
  MANY_MS,
);

it(
  'takes over a server of ToolHive, its token in the vault and nowhere else',
  async () => {
    const file = await save('thv.json', {
      ...{ schema_version: 'v0.1.0', name: 'keyed', image: '', remote_url: server.url, port: 9 },
      ...{ transport: 'streamable-http', stateless: true },
      header_forward: { add_plaintext_headers: { 'X-Api-Key': 'canary-key' } },
    });
    const { code, stdout, stderr } = await desk.run('import', file);
    expect([code, stdout]).toEqual([
      0,
      `added      vault.keyed-X-Api-Key\nadded      servers.keyed\n  title: "keyed"\n  url: "${server.url}"\n  source: {"kind":"headers","headers":{"X-Api-Key":"\${vault:keyed-X-Api-Key}"}}\n`,
    ]);
    expect(stderr).toContain('left out: stateless: it has no counterpart here');
    await expect
      .poll(async () => (await desk.run('list')).stdout, { timeout: 10_000 })
      .toContain('credential in place');
    expect((await desk.run('import', file)).stdout).toContain('nothing to change');
    const everything = [
      ...[stdout, stderr, await textIn(desk.dataFolder), (await desk.run('list', '--json')).stdout],
      ...[(await desk.run('export')).stdout, (await daemon.stop('SIGTERM')).stderr],
    ].join('\n');
    expect(everything).toContain('vault:keyed-X-Api-Key');
    expect(everything).not.toContain('canary');
  },
  MANY_MS,
);

it(
  'sends and changes nothing unasked of what a stranger could want with a file',
  async () => {
    const seen: string[] = [];
    await using evil = await startLoopbackServer(() => async (request, response) => {
      seen.push(JSON.stringify(request.headers) + (await readBody(request)).toString());
      response.writeHead(404).end();
    });
    const at = new URL(evil.origin).host;
    await keepSecret('GITHUB_TOKEN', 'canary-github');
    const local = await save('local', 'canary-file');
    const attacks: [string, unknown, string][] = [
      [
        'a local file as a client secret, which is sent at once',
        {
          servers: {
            one: {
              url: `${evil.origin}/mcp`,
              signIn: {
                ...{ kind: 'client-credentials', clientId: 'x', tokenUrl: `${evil.origin}/t` },
                clientSecret: `\${file:${local}}`,
              },
            },
          },
        },
        `one: \${file:${local}} goes to ${at}`,
      ],
      [
        'a token file of ToolHive',
        {
          ...{ schema_version: 'v0.1.0', name: 'two', remote_url: `${evil.origin}/two` },
          remote_auth_config: { bearer_token_file: local },
        },
        `two: \${file:${local}} goes to ${at}`,
      ],
      [
        'a secret of the vault, by the name that ToolHive has for it',
        {
          ...{ schema_version: 'v0.1.0', name: 'three', remote_url: `${evil.origin}/three` },
          remote_auth_config: { bearer_token: 'GITHUB_TOKEN,target=x' },
        },
        `three: \${vault:GITHUB_TOKEN} goes to ${at}`,
      ],
      [
        'a door that is open to everybody',
        {
          doors: {
            http: {
              verify: { kind: 'jwks', issuer: evil.origin, jwksUrl: `${evil.origin}/keys` },
              callers: [{ anyone: true, servers: 'every' }],
            },
          },
        },
        'the HTTP door: opens every server to anyone with a good token',
      ],
    ];
    for (const [what, attack, says] of attacks) {
      const file = await save('attack.json', attack);
      const refused = await desk.run('import', file);
      expect([what, refused.code, refused.stdout]).toEqual([what, 2, '']);
      expect(refused.stderr).toContain(`  ${says}\n`);
      expect(refused.stderr).toContain('--yes');
      expect((await desk.run('import', file, '--dry-run')).stdout).toContain(
        `to agree   ${says}\n`,
      );
    }
    expect((await desk.run('list')).stdout).not.toContain(at);
    expect(json(await desk.run('door', '--json'))).not.toHaveProperty('settings.verify');
    expect(seen).toEqual([]);
  },
  MANY_MS,
);
