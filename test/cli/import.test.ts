/** Do `drawbridge import` and `drawbridge export` do what they promise, on the command line? */
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { textIn } from '../doubles/files-in.ts';
import { type Folder, makeFolder } from '../doubles/folder.ts';
import type { Ended } from '../scenarios/running-drawbridge.ts';
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

    const would = await desk.run('import', file, '--dry-run');
    expect([would.code, would.stdout]).toEqual([
      0,
      'to add     servers.keyed\nto add     servers.away\n',
    ]);
    expect((await desk.run('list')).stdout).not.toContain('keyed');
    expect((await desk.run('import', file)).stdout).toBe(
      'added      servers.keyed\nadded      servers.away\n',
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
      ...{ dryRun: false, done: 1, leftOut: [] },
      steps: [{ path: 'servers.a', does: 'add', changes: [], notes: [] }],
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
    expect(stderr).toContain('files: files-mcp --root "/a b" with MODE=x\n  minted: get-token\n');
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
      'added      vault.keyed-X-Api-Key\nadded      servers.keyed\n',
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
