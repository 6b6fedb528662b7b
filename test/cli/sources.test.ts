/** Do `drawbridge secret`, `add --header`, `--bearer`, `--source` and `configure --no-source` do what they promise? */
import { spawn } from 'node:child_process';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command } from '../scenarios/running-drawbridge.ts';
import { createAuthority } from '../servers/certificates.ts';
import { type McpTestServer, startMcpServer } from '../servers/mcp-server.ts';
import { startMtlsFront } from '../servers/mtls-front.ts';
import { isOnPath } from '../servers/on-path.ts';
import { createDesk, type Desk } from './commands.ts';

let server: McpTestServer;
let desk: Desk;

beforeAll(async () => {
  server = await startMcpServer({ staticHeader: { name: 'X-Api-Key', value: 'canary-key' } });
  desk = await createDesk();
  await desk.serve();
});
afterAll(async () => {
  await desk[Symbol.asyncDispose]();
  await server.close();
});

/** As a script pipes it: no argument holds it. */
const keep = (name: string, value: string): Promise<number | null> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [command, 'secret', name], {
      ...{ env: desk.env, stdio: ['pipe', 'ignore', 'ignore'] },
    });
    child.stdin?.end(`${value}\n`);
    child.once('close', resolve);
  });

it('an API key, from the vault to the server, and back to none', async () => {
  expect(await keep('KEY', 'canary-key')).toBe(0);
  expect((await desk.run('secrets')).stdout).toBe('KEY\n');
  const added = await desk.run(
    'add',
    server.url,
    '--id',
    'one',
    '--header',
    'X-Api-Key: ${vault:KEY}',
  );
  expect(added).toMatchObject({ code: 0, stdout: 'added one\n' });
  expect(added.stderr).toContain('it takes the credential that is got for it');
  expect(added.stderr).toContain('next: drawbridge connect one');
  expect((await desk.run('list')).stdout).toContain('credential in place');
  const { stdout: examined } = await desk.run('doctor', 'one');
  expect(examined.trim().split('\n').at(-1)).toBe('its credential is in order');
  expect((await desk.run('sign-in', 'one')).code).not.toBe(0);
  expect((await desk.run('configure', 'one', '--client-id', 'x')).stderr).toContain(
    'a server has either a sign-in or a token source',
  );
  expect((await desk.run('configure', 'one', '--no-source')).code).toBe(0);
  expect((await desk.run('list')).stdout).toContain('needs sign-in');
  await desk.run('remove-secret', 'KEY');
  expect((await desk.run('secrets')).stdout).toContain('there are none');
});

it('a source from a file, and its token for a script', async () => {
  const open = await startMcpServer({
    admits: ({ headers }) => headers.authorization === 'Bearer canary-printed',
  });
  const source = path.join(desk.dataFolder, 'source.json');
  const printing = [process.execPath, '-e', 'console.log("canary-printed")'];
  await writeFile(source, JSON.stringify({ kind: 'command', command: printing }));
  const added = await desk.run('add', open.url, '--id', 'two', '--source', source);
  expect(added).toMatchObject({ code: 0 });
  expect((await desk.run('token', 'two')).stdout).toBe('canary-printed\n');
  await open.close();
});

describe('is refused, without being quoted:', () => {
  it.each([
    ['a secret in an argument', ['--header', 'Authorization: Bearer canary-literal']],
    ['a token in an argument', ['--bearer', 'canary-literal']],
    ['a header without a value', ['--header', 'canary-literal']],
    ['two ways at once', ['--header', 'X-Tenant: canary-literal', '--bearer', '${env:HOME}']],
    ['a file that is not there', ['--source', '/nowhere/source.json']],
  ])('%s', async (_what, args) => {
    const { code, stdout, stderr } = await desk.run('add', server.url, ...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).not.toContain('canary');
  });
});

it('a private key through a pipe is kept to its last line', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  expect(await keep('SIGNING', pem)).toBe(0);
  const checked = await startMcpServer({
    admits: async ({ headers }) => {
      const token = headers.authorization?.replace(/^Bearer /, '') ?? '';
      return jwtVerify(token, publicKey).then(
        ({ payload }) => payload.sub === 'robot',
        () => false,
      );
    },
  });
  const source = path.join(desk.dataFolder, 'jwt.json');
  const claims = { sub: 'robot' };
  await writeFile(
    source,
    JSON.stringify({ kind: 'jwt', algorithm: 'ES256', key: '${vault:SIGNING}', claims }),
  );
  const added = await desk.run('add', checked.url, '--id', 'three', '--source', source);
  expect(added).toMatchObject({ code: 0, stdout: 'added three\n' });
  await checked.close();
});

describe.skipIf(!isOnPath('openssl'))('a certificate that a server wants to see', () => {
  it('is named by its file, and shown from then on', async () => {
    using authority = createAuthority();
    await using open = await startMcpServer();
    await using front = await startMtlsFront(authority, open.url);
    const { key, cert } = authority.issue({ names: ['drawbridge'] });
    const file = path.join(desk.dataFolder, 'both.pem');
    await writeFile(file, `${cert.toString()}${key.toString()}`, { mode: 0o600 });
    await desk.run('settings', '--ca-file', authority.file);
    const url = `${front.origin}/mcp`;

    const without = await desk.run('add', url, '--id', 'shown');
    expect(without.stderr).toMatch(
      /wants a certificate from you \(tls-failed\)\nhint: .*--client-cert/,
    );
    const added = await desk.run('add', url, '--id', 'shown', '--client-cert', file);
    expect(added).toMatchObject({ code: 0, stdout: 'added shown\n' });
    expect(new Set(front.shown)).toEqual(new Set([new X509Certificate(cert).serialNumber]));
    const listed = (await desk.run('list', '--json')).stdout;
    expect(listed).toContain(JSON.stringify(`\${file:${file}}`));
    expect(listed).not.toContain('PRIVATE KEY');

    const wrong = await desk.run('configure', 'shown', '--client-cert', authority.file);
    expect(wrong.stderr).toContain('(client-certificate-unusable)');
    expect((await desk.run('doctor', 'shown')).stdout).toContain('the certificate that was named');
    expect((await desk.run('configure', 'shown', '--no-client-cert')).code).toBe(0);
    expect((await desk.run('doctor', 'shown')).stdout).toContain('wants a certificate from you');
    await desk.run('remove', 'shown');
    await desk.run('settings', '--unset', 'ca-file');
  }, 60_000);

  it('is not taken half, or with its passphrase written down', async () => {
    const half = await desk.run('add', server.url, '--client-cert-key', 'key.pem');
    expect([half.code, half.stderr]).toEqual([2, expect.stringContaining('(bad-usage)')]);
    const said = await desk.run(
      ...['add', server.url, '--client-cert', 'x.pem', '--client-cert-passphrase', 'canary'],
    );
    expect([said.code, said.stderr]).toEqual([2, expect.stringContaining('(bad-usage)')]);
    expect(said.stderr).not.toContain('canary');
  });
});
