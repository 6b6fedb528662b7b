/** Is a place with an authority of its own reached with that authority alone, and never with what cannot be one? */
import { execFileSync } from 'node:child_process';
import { copyFile, truncate, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AuthorityFetch, createAuthorityFetch } from '../../../broker/net/authority-fetch.ts';
import { parseProxy } from '../../../broker/net/proxy-address.ts';
import { nodesTrust } from '../../../broker/net/trust.ts';
import { createVirtualClock } from '../../doubles/clock.ts';
import { type Folder, makeFolder } from '../../doubles/folder.ts';
import { createAuthority } from '../../servers/certificates.ts';
import { isOnPath } from '../../servers/on-path.ts';
import { startProxyServer } from '../../servers/proxy-server.ts';
import { startTlsServer } from '../../servers/tls-server.ts';
import { onlyLoopback } from './only-loopback.ts';

onlyLoopback();

let folder: Folder;
let authority: AuthorityFetch;
beforeEach(() => {
  folder = makeFolder();
  authority = createAuthorityFetch(createVirtualClock());
});
afterEach(async () => {
  await authority.close();
  folder[Symbol.dispose]();
});

const ask = (caFile: string, address: string): Promise<unknown> =>
  authority
    .trusting(caFile)(address)
    .then(
      ({ status }) => status,
      (error: unknown) => error,
    );

describe.skipIf(!isOnPath('openssl'))('a server that an authority of its own vouches for', () => {
  it('is reached as long as the file holds that authority', async () => {
    using own = createAuthority();
    using other = createAuthority();
    await using server = await startTlsServer(own.issue({ names: ['127.0.0.1'] }));
    const address = `https://127.0.0.1:${server.port}/`;
    const file = folder.of('ca.crt');
    await copyFile(own.file, file);
    expect(await ask(file, address)).toBe(200);
    await writeFile(file, `a comment\n${other.pem}`);
    expect(await ask(file, address)).toMatchObject({ code: 'tls-failed' });
    await writeFile(file, `${other.pem}\n${own.pem}`);
    expect(await ask(file, address)).toBe(200);
  });

  it('is reached through the proxy that is required, which is trusted for nothing', async () => {
    using own = createAuthority();
    await using server = await startTlsServer(own.issue({ names: ['api.cluster.example'] }));
    await using proxy = await startProxyServer({ lead: () => server.port });
    const routesTo = async () => [parseProxy(proxy.origin, 'settings')];
    const within = createAuthorityFetch(createVirtualClock(), undefined, {
      ...{ routesTo, trust: nodesTrust },
    });
    const { status } = await within.trusting(own.file)('https://api.cluster.example:6443/');
    await within.close();
    expect(status).toBe(200);
    expect(proxy.asked.map(({ authority: asked }) => asked)).toEqual(['api.cluster.example:6443']);
  });

  it('is not asked with a user name before it, nor without https', async () => {
    using own = createAuthority();
    await using server = await startTlsServer(own.issue({ names: ['127.0.0.1'] }));
    const named = `https://canary@127.0.0.1:${server.port}/`;
    const refused = await ask(own.file, named);
    expect(refused).toMatchObject({ code: 'address-refused' });
    expect(String(refused)).not.toContain('canary');
    expect(await ask(own.file, 'http://127.0.0.1:9/')).toMatchObject({ code: 'insecure-url' });
    expect(server.seen).toEqual([]);
  });
});

const nowhere = 'https://127.0.0.1:9/';
const unusable = (why: string) => ({
  code: 'ca-file-unusable',
  message: expect.stringContaining(why),
});

it.skipIf(!isOnPath('mkfifo'))('a pipe is not waited for', async () => {
  const pipe = folder.of('pipe');
  execFileSync('mkfifo', [pipe]);
  expect(await ask(pipe, nowhere)).toMatchObject(unusable('is not a file'));
});

it('what is too large, is missing, or holds no certificate is refused', async () => {
  const large = folder.of('large.pem');
  await writeFile(large, '-----BEGIN CERTIFICATE-----\n');
  await truncate(large, 5 * 1024 * 1024);
  expect(await ask(large, nowhere)).toMatchObject(unusable('is too large'));
  expect(await ask(folder.of('none.pem'), nowhere)).toMatchObject(unusable('is missing'));
  await writeFile(large, 'no certificate');
  expect(await ask(large, nowhere)).toMatchObject(unusable('holds no certificates'));
});
