/** Do servers that want to see a certificate of whoever connects see it, and does nobody else? */
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generations, openClient, type Way } from '../broker/bridge/official-clients.ts';
import { type InProcessBroker, startInProcessBroker } from '../doubles/in-process-broker.ts';
import { type Authority, createAuthority, type Issue } from '../servers/certificates.ts';
import { sendJson, startLoopbackServer } from '../servers/loopback-server.ts';
import { startMcpServer } from '../servers/mcp-server.ts';
import { type MtlsFront, startMtlsFront } from '../servers/mtls-front.ts';
import { startOldServer } from '../servers/old-server.ts';
import { isOnPath } from '../servers/on-path.ts';

let folder: string;
let authority: Authority;
let drawbridge: InProcessBroker;
let counterparts: AsyncDisposableStack;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'drawbridge-'));
  authority = createAuthority();
  counterparts = new AsyncDisposableStack();
  drawbridge = await startInProcessBroker();
  await drawbridge.control.changePreferences({ set: { caFile: authority.file } });
});
afterEach(async () => {
  await drawbridge[Symbol.asyncDispose]();
  await counterparts.disposeAsync();
  authority[Symbol.dispose]();
  await rm(folder, { recursive: true });
});

const refer = (name: string): string => `\${file:${path.join(folder, name)}}`;
/** Puts a certificate and its key where the settings say, and tells its serial number. */
const issue = async (what: Partial<Issue> = {}): Promise<string> => {
  const { key, cert } = authority.issue({ names: ['drawbridge'], ...what });
  await writeFile(path.join(folder, 'cert.pem'), cert);
  await writeFile(path.join(folder, 'key.pem'), key);
  return new X509Certificate(cert).serialNumber;
};
const named = () => ({
  ...{ certificate: refer('cert.pem'), key: refer('key.pem'), alsoAt: [] as string[] },
});
const front = async (behind: string): Promise<MtlsFront> =>
  counterparts.use(await startMtlsFront(authority, behind));
const way = async (): Promise<Way> => {
  const { key } = await drawbridge.control.makeDoorKey({ aiClient: 'test' });
  return { url: `${drawbridge.baseOfDoor}/mcp/one`, key };
};
const view = () => drawbridge.broker.snapshot().servers[0];

describe.skipIf(!isOnPath('openssl'))('a server that wants to see a certificate', () => {
  const eras = {
    'a server of both eras': async () => counterparts.use(await startMcpServer()),
    'a server of 2024-11-05': async () => counterparts.use(await startOldServer()),
  };

  describe.each(Object.entries(eras))('%s', (_name, start) => {
    it.each(generations)('is used from %s', async (generation) => {
      const serial = await issue();
      const server = await front((await start()).url);
      await drawbridge.control.addServer({
        ...{ url: `${server.origin}/mcp`, id: 'one', clientCertificate: named() },
      });

      await using client = await openClient(generation, await way());

      expect(await client.tools()).not.toEqual([]);
      expect(new Set(server.shown)).toEqual(new Set([serial]));
    });
  });

  it('is not added without it, and it is said what is missing', async () => {
    const server = await front((await eras['a server of both eras']()).url);
    await expect(
      drawbridge.control.addServer({ url: `${server.origin}/mcp`, id: 'one' }),
    ).rejects.toMatchObject({
      code: 'tls-failed',
      message: expect.stringContaining('wants a certificate from you'),
    });
    expect(server.shown).toEqual([]);
  });

  it('sees the new one after it was replaced, from the next connection on', async () => {
    const first = await issue();
    const server = await front((await eras['a server of both eras']()).url);
    const url = `${server.origin}/mcp`;
    await drawbridge.control.addServer({ url, id: 'one', clientCertificate: named() });
    await using client = await openClient('SDK 2.x, modern era', await way());
    await client.call('add', { a: 1, b: 1 });
    expect(server.shown.at(-1)).toBe(first);

    const second = await issue();
    server.drop();
    await expect.poll(() => client.call('add', { a: 1, b: 2 }).then(({ text }) => text)).toBe('3');

    expect(server.shown.at(-1)).toBe(second);
    expect(second).not.toBe(first);
  });

  it('sees none that was taken away, and sees it again once that is undone', async () => {
    const serial = await issue();
    const server = await front((await eras['a server of both eras']()).url);
    const url = `${server.origin}/mcp`;
    await drawbridge.control.addServer({ url, id: 'one', clientCertificate: named() });
    const wish = { what: 'certificate', server: 'one' } as const;
    const { id } = await drawbridge.control.remove(wish);
    expect(view()?.clientCertificate).toBeUndefined();
    server.drop();
    const before = server.shown.length;
    const { checks } = await drawbridge.control.examine({ server: 'one' });
    expect(JSON.stringify(checks)).toContain('wants a certificate from you');
    expect(server.shown.slice(before)).toEqual([]);

    await drawbridge.control.undo({ id });
    await using client = await openClient('SDK 2.x, modern era', await way());
    expect((await client.call('add', { a: 1, b: 1 })).text).toBe('2');
    expect(new Set(server.shown.slice(before))).toEqual(new Set([serial]));

    const another = await drawbridge.control.remove(wish);
    await drawbridge.control.configureCertificate(
      { server: 'one' },
      { clientCertificate: { ...named(), alsoAt: ['https://login.example'] } },
    );
    await expect(drawbridge.control.undo(another)).rejects.toMatchObject({ code: 'undo-too-late' });
    expect(view()?.clientCertificate?.alsoAt).toEqual(['https://login.example']);
  });

  it('is shown with a token source as well, and its end is told', async () => {
    await issue({ until: 3 });
    const mcp = counterparts.use(
      await startMcpServer({ staticHeader: { name: 'X-Api-Key', value: 'canary-key' } }),
    );
    const server = await front(mcp.url);
    await drawbridge.control.keepSecret({ name: 'KEY', value: 'canary-key' });
    await drawbridge.control.addServer({
      ...{ url: `${server.origin}/mcp`, id: 'one', clientCertificate: named() },
      source: { kind: 'headers', headers: { 'X-Api-Key': '${vault:KEY}' } },
    });
    await using client = await openClient('SDK 1.x', await way());
    expect((await client.call('add', { a: 2, b: 3 })).text).toBe('5');
    const left = (view()?.clientCertificate?.endsAt ?? 0) - Date.now();
    expect(left / 86_400_000).toBeCloseTo(3, 1);
    const { checks } = await drawbridge.control.examine({ server: 'one' });
    expect(checks.map(({ text }) => text).join()).toMatch(
      /the certificate that was named, good until/,
    );
  });

  it('is the only one that sees it: nobody else who asks for one does', async () => {
    await issue();
    const other = counterparts.use(
      await startMtlsFront(authority, 'http://127.0.0.1:1', { asks: true }),
    );
    const mcp = counterparts.use(
      await startLoopbackServer(() => (req, res) => {
        if (req.url?.startsWith('/.well-known/oauth-protected-resource') === true)
          return sendJson(res, 200, {
            resource: `${server.origin}/mcp`,
            authorization_servers: [other.origin],
          });
        res.writeHead(401).end();
      }),
    );
    const server = await front(mcp.origin);
    await drawbridge.control
      .addServer({ url: `${server.origin}/mcp`, id: 'one', clientCertificate: named() })
      .catch(() => undefined);
    expect(server.shown.length).toBeGreaterThan(0);
    expect(new Set(other.shown)).toEqual(new Set(['none']));
  });

  it('signs in where the token endpoint wants to see it too (RFC 8705)', async () => {
    const serial = await issue();
    const token = 'canary-bound-token';
    const service = counterparts.use(
      await startLoopbackServer(
        (origin) => (req, res) =>
          req.url === '/token'
            ? sendJson(res, 200, { access_token: token, token_type: 'Bearer', expires_in: 3600 })
            : sendJson(res, 200, {
                ...{ issuer: origin, token_endpoint: `${origin}/nobody-asks-here` },
                mtls_endpoint_aliases: { token_endpoint: `${tokens.origin}/token` },
              }),
      ),
    );
    const tokens: MtlsFront = await front(service.origin);
    const mcp = counterparts.use(
      await startMcpServer({
        admits: ({ headers }) => headers.authorization === `Bearer ${token}`,
      }),
    );
    const server = await front(mcp.url);
    await drawbridge.control.addServer({
      ...{ url: `${server.origin}/mcp`, id: 'one' },
      clientCertificate: { ...named(), alsoAt: [tokens.origin] },
      signIn: { kind: 'client-credentials', clientId: 'machine', issuer: service.origin },
    });
    await expect.poll(() => view()?.accounts[0]?.state).toBe('signed-in');
    await using client = await openClient('SDK 2.x, any era', await way());
    expect((await client.call('add', { a: 2, b: 3 })).text).toBe('5');
    expect(tokens.shown).toEqual([serial]);
  });

  it('is told to nobody, and its key stands in no file of ours', async () => {
    await issue();
    const key = await readFile(path.join(folder, 'key.pem'), 'utf8');
    const telling = key.split('\n')[1] ?? expect.fail();
    const server = await front((await eras['a server of both eras']()).url);
    await drawbridge.control.addServer({
      ...{ url: `${server.origin}/mcp`, id: 'one', clientCertificate: named() },
    });
    await using client = await openClient('SDK 2.x, any era', await way());
    expect((await client.call('add', { a: 2, b: 3 })).text).toBe('5');
    const kept = await readdir(drawbridge.dataFolder, { recursive: true, withFileTypes: true });
    const files = kept
      .filter((one) => one.isFile())
      .map((one) => path.join(one.parentPath, one.name));
    expect(files.length).toBeGreaterThan(0);
    const told = await Promise.all(files.map((file) => readFile(file, 'latin1')));
    told.push(JSON.stringify(drawbridge.broker.snapshot()), drawbridge.log.join());
    expect(told.filter((text) => text.includes(telling))).toEqual([]);
  });

  describe('cannot be added with', () => {
    const add = () =>
      drawbridge.control.addServer({
        ...{ url: 'https://127.0.0.1:1/mcp', id: 'one', clientCertificate: named() },
      });

    it.each<[string, () => Promise<unknown>, RegExp]>([
      [
        'a certificate that has run out',
        () => issue({ from: -3, until: -1 }),
        /it ran out on \d{4}/,
      ],
      ['one that is not good yet', () => issue({ from: 1, until: 3 }), /it is good from \d{4}/],
      [
        'the key of another one',
        async () => {
          await issue();
          const { key } = authority.issue({ names: ['other'] });
          await writeFile(path.join(folder, 'key.pem'), key);
        },
        /the key does not belong to it/,
      ],
      [
        'a key that is locked',
        async () => {
          await issue();
          execFileSync('openssl', [
            ...['pkey', '-in', path.join(folder, 'key.pem'), '-aes256'],
            ...['-passout', 'pass:canary', '-out', path.join(folder, 'locked.pem')],
          ]);
          execFileSync('mv', [path.join(folder, 'locked.pem'), path.join(folder, 'key.pem')]);
        },
        /its key is locked/,
      ],
      [
        'what is no certificate',
        () => issue().then(() => writeFile(path.join(folder, 'cert.pem'), 'canary')),
        /it cannot be read/,
      ],
    ])('%s', async (_what, arrange, message) => {
      await arrange();
      const failure = await add().catch((error: unknown) => error);
      expect(failure).toMatchObject({
        ...{ code: 'client-certificate-unusable', message: expect.stringMatching(message) },
      });
      expect(JSON.stringify(failure)).not.toContain('canary');
      expect(drawbridge.broker.snapshot().servers).toEqual([]);
    });

    it('a file that is not there', async () => {
      await expect(add()).rejects.toMatchObject({ code: 'reference-unresolved' });
    });

    it('an address that is not https', async () => {
      await issue();
      await expect(
        drawbridge.control.addServer({
          ...{ url: 'http://127.0.0.1:1/mcp', id: 'one', clientCertificate: named() },
        }),
      ).rejects.toMatchObject({ code: 'bad-request' });
    });
  });

  it('opens a locked key with the passphrase from the vault, and stops once it is taken away', async () => {
    await issue();
    execFileSync('openssl', [
      ...['pkey', '-in', path.join(folder, 'key.pem'), '-aes256'],
      ...['-passout', 'pass:canary-pass', '-out', path.join(folder, 'locked.pem')],
    ]);
    await drawbridge.control.keepSecret({ name: 'PASS', value: 'canary-pass' });
    const server = await front((await eras['a server of both eras']()).url);
    await drawbridge.control.addServer({
      ...{ url: `${server.origin}/mcp`, id: 'one' },
      clientCertificate: { ...named(), key: refer('locked.pem'), passphrase: '${vault:PASS}' },
    });
    await using client = await openClient('SDK 2.x, any era', await way());
    expect((await client.call('add', { a: 2, b: 3 })).text).toBe('5');

    await drawbridge.control.configureCertificate({ server: 'one' }, {});

    expect(view()?.clientCertificate).toBeUndefined();
    const ended = await client
      .call('add', { a: 2, b: 3 })
      .catch((error: unknown) => ({ text: String(error), isError: true }));
    expect(ended).toMatchObject({
      ...{ isError: true, text: expect.stringContaining('wants a certificate from you') },
    });
  });
});
