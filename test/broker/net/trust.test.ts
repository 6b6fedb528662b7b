import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNet } from '../../../broker/net/guarded-fetch.ts';
import { createOutbound, type OutboundSources } from '../../../broker/net/outbound.ts';
import { createTrust, systemCertificates } from '../../../broker/net/trust.ts';
import { createVirtualClock } from '../../doubles/clock.ts';
import { type Authority, createAuthority } from '../../servers/certificates.ts';
import { isOnPath } from '../../servers/on-path.ts';
import { startTlsServer } from '../../servers/tls-server.ts';
import { onlyLoopback } from './only-loopback.ts';

onlyLoopback();

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-trust-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const ask = async (sources: OutboundSources, port: number) => {
  const net = createNet(createVirtualClock(), { outbound: createOutbound(sources) });
  try {
    return await net
      .fetchFor('loopback')(`https://127.0.0.1:${port}/`)
      .then(
        ({ status }) => status,
        ({ code }: { code: string }) => code,
      );
  } finally {
    await net.close();
  }
};

describe.skipIf(!isOnPath('openssl'))('a server that an authority of its own vouches for', () => {
  const withServer = async (
    deed: (port: number, authority: Authority) => Promise<void>,
  ): Promise<void> => {
    using authority = createAuthority();
    await using server = await startTlsServer(authority.issue({ names: ['127.0.0.1'] }));
    await deed(server.port, authority);
  };

  it('is refused until somebody here trusts the authority', () =>
    withServer(async (port, { file, pem }) => {
      expect(await ask({}, port)).toBe('tls-failed');
      expect(await ask({ settings: () => ({ caFile: '' }) }, port)).toBe('tls-failed');
      expect(await ask({ settings: () => ({ caFile: file }) }, port)).toBe(200);
      expect(await ask({ systemCertificates: () => [pem] }, port)).toBe(200);
    }));

  it('is not trusted for the file of another authority', () =>
    withServer(async (port) => {
      using other = createAuthority();
      expect(await ask({ settings: () => ({ caFile: other.file }) }, port)).toBe('tls-failed');
    }));

  it('is trusted and refused as the file changes, without a new start', () =>
    withServer(async (port, { pem }) => {
      using other = createAuthority('Another Fake Authority');
      const caFile = join(folder, 'ca.pem');
      const net = createNet(createVirtualClock(), {
        outbound: createOutbound({ settings: () => ({ caFile }) }),
      });
      // Each on a connection of its own: an open one is not asked again whom it leads to.
      const headers = { connection: 'close' };
      const outcome = () =>
        net
          .fetchFor('loopback')(`https://127.0.0.1:${port}/`, { headers })
          .then(
            ({ status }) => status,
            ({ code }: { code: string }) => code,
          );
      try {
        expect(await outcome()).toBe('ca-file-unusable');
        writeFileSync(caFile, pem);
        expect(await outcome()).toBe(200);
        writeFileSync(caFile, `${other.pem}\n`);
        expect(await outcome()).toBe('tls-failed');
        writeFileSync(caFile, `# ours\n${pem}\n# theirs\n${other.pem}`);
        expect(await outcome()).toBe(200);
        writeFileSync(caFile, 'nothing');
        expect(await outcome()).toBe('ca-file-unusable');
      } finally {
        await net.close();
      }
    }));

  it('has its authority counted', async () => {
    using authority = createAuthority();
    const trust = createTrust(
      () => authority.file,
      () => ['a', 'b', 'c'],
    );
    expect(await trust.counts()).toEqual({ system: 3, file: 1 });
  });

  it('is trusted by the same context until something changes', async () => {
    using authority = createAuthority();
    let asked = 0;
    const trust = createTrust(
      () => authority.file,
      () => {
        asked += 1;
        return [authority.pem];
      },
    );
    const [first, second] = await Promise.all([trust.context(), trust.context()]);
    expect(first).toBeDefined();
    expect(second).toBe(first);
    expect(await trust.context()).toBe(first);
    expect(asked).toBe(1);
    writeFileSync(authority.file, `${authority.pem}\n`);
    expect(await trust.context()).not.toBe(first);
    expect(asked).toBe(1);
  });
});

describe('a file of extra certificates that is of no use', () => {
  const pem = (text: string): string =>
    `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;

  it.each<[string, (path: string) => void, string]>([
    ['is missing', () => undefined, 'is missing'],
    ['is a folder', (path) => mkdirSync(path), 'is not a file'],
    ['is empty', (path) => writeFileSync(path, ''), 'holds no certificates in PEM form'],
    ['holds text', (path) => writeFileSync(path, 'canary'), 'holds no certificates in PEM form'],
    [
      'holds a key',
      (path) => writeFileSync(path, '-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----'),
      'holds no certificates in PEM form',
    ],
    [
      'is damaged',
      (path) => writeFileSync(path, pem('AAAA')),
      'holds a certificate that is damaged',
    ],
    [
      'is huge',
      (path) => writeFileSync(path, 'x'.repeat(5 * 1024 * 1024)),
      'is too large for certificates',
    ],
  ])('because it %s is a problem, not a silence', async (_what, make, said) => {
    const caFile = join(folder, 'company.pem');
    make(caFile);
    const trust = createTrust(
      () => caFile,
      () => [],
    );
    const problem = {
      code: 'ca-file-unusable',
      message: `the file of extra certificates, "company.pem", ${said}`,
      hint: expect.any(String),
    };
    await expect(trust.context()).rejects.toMatchObject(problem);
    await expect(trust.counts()).rejects.toMatchObject(problem);
  });

  it('does not stand in the way to a server of this machine without https', async () => {
    const outbound = createOutbound({ settings: () => ({ caFile: join(folder, 'none.pem') }) });
    const net = createNet(createVirtualClock(), { outbound });
    await expect(net.fetchFor('loopback')('http://127.0.0.1:1/')).rejects.toMatchObject({
      code: 'server-unreachable',
    });
    await net.close();
  });
});

it("this machine's own certificates are PEM, as many as there are", () => {
  for (const certificate of systemCertificates()) {
    expect(certificate).toMatch(/^-----BEGIN CERTIFICATE-----/);
  }
});
