import type { SecureVersion } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNet } from '../../../broker/net/guarded-fetch.ts';
import { createOutbound } from '../../../broker/net/outbound.ts';
import { createVirtualClock } from '../../doubles/clock.ts';
import { startPaperServer } from '../../doubles/paper-server.ts';
import { type Authority, createAuthority } from '../../servers/certificates.ts';
import { isOnPath } from '../../servers/on-path.ts';
import { startTlsServer } from '../../servers/tls-server.ts';
import { onlyLoopback } from './only-loopback.ts';

onlyLoopback();

const failureAt = async (address: string, caFile?: string): Promise<unknown> => {
  const outbound = createOutbound({ settings: () => ({ caFile }) });
  const net = createNet(createVirtualClock(), { outbound });
  try {
    return await net
      .fetchFor('loopback')(address)
      .catch((error: unknown) => error);
  } finally {
    await net.close();
  }
};

describe.skipIf(!isOnPath('openssl'))('a secure connection is refused', () => {
  let authority: Authority;
  beforeAll(() => {
    authority = createAuthority();
  });
  afterAll(() => authority[Symbol.dispose]());

  const here = ['127.0.0.1'];
  const old: { minVersion: SecureVersion; maxVersion: SecureVersion } = {
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
  };

  it.each<[string, () => Parameters<typeof startTlsServer>[0], (host: string) => string, RegExp]>([
    [
      'whose certificate has expired',
      () => authority.issue({ names: here, from: -3, until: -1 }),
      (host) => `the certificate of ${host} has expired`,
      /clock/,
    ],
    [
      'whose certificate is not valid yet',
      () => authority.issue({ names: here, from: 1, until: 3 }),
      (host) => `the certificate of ${host} is not valid yet`,
      /clock/,
    ],
    [
      'with the certificate of another name',
      () => authority.issue({ names: ['mcp.example'] }),
      (host) => `${host} shows the certificate of another name`,
      /check the address/,
    ],
    [
      'that wants a client certificate',
      () => ({
        ...authority.issue({ names: here }),
        ca: authority.pem,
        requestCert: true,
        rejectUnauthorized: true,
      }),
      (host) => `${host} wants a certificate from you`,
      /--client-cert/,
    ],
    [
      'that only speaks an old TLS',
      () => ({ ...authority.issue({ names: here }), ...old, ciphers: 'DEFAULT@SECLEVEL=0' }),
      (host) => `${host} and Drawbridge have no common form of secure connection`,
      /too old/,
    ],
    [
      'that only speaks other ciphers',
      () => ({
        ...authority.issue({ names: here }),
        maxVersion: 'TLSv1.2',
        ciphers: 'AES128-SHA',
      }),
      (host) => `${host} and Drawbridge have no common form of secure connection`,
      /too old/,
    ],
  ])('by a server %s', async (_what, options, said, hint) => {
    await using server = await startTlsServer(options());
    expect(await failureAt(`https://127.0.0.1:${server.port}/`, authority.file)).toMatchObject({
      code: 'tls-failed',
      message: said(`127.0.0.1:${server.port}`),
      hint: expect.stringMatching(hint),
    });
    expect(server.seen).toEqual([]);
  });

  it('to a server that only itself vouches for', async () => {
    using itself = createAuthority();
    await using server = await startTlsServer({ key: itself.key, cert: itself.pem });
    expect(await failureAt(`https://127.0.0.1:${server.port}/`)).toMatchObject({
      code: 'tls-failed',
      message: `nobody but itself vouches for 127.0.0.1:${server.port}`,
      hint: expect.stringContaining('file of extra certificates'),
    });
    expect(server.seen).toEqual([]);
  });

  it.each([
    ['', false],
    [' with all its certificates', true],
  ])('to a server of an authority that nobody trusts%s', async (_what, whole) => {
    const { key, cert } = authority.issue({ names: here });
    await using server = await startTlsServer({
      key,
      cert: whole ? `${cert}${authority.pem}` : cert,
    });
    expect(await failureAt(`https://127.0.0.1:${server.port}/`)).toMatchObject({
      code: 'tls-failed',
      message: `nobody this machine trusts vouches for 127.0.0.1:${server.port}`,
      hint: expect.stringContaining('may be inspecting'),
    });
    expect(server.seen).toEqual([]);
  });
});

it('a server that speaks plain http is refused, and not for its certificate', async () => {
  await using paper = await startPaperServer(() => ({}));
  expect(await failureAt(`https://127.0.0.1:${paper.port}/`)).toMatchObject({
    code: 'tls-failed',
    message: expect.stringContaining('does not answer in https'),
    hint: expect.stringContaining('http://'),
  });
});
