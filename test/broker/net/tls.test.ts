import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../broker/net/diagnose.ts';
import { createNet } from '../../../broker/net/guarded-fetch.ts';
import { ProblemError } from '../../../shared/contract/problems.ts';
import { createVirtualClock } from '../../doubles/clock.ts';
import { startPaperServer } from '../../doubles/paper-server.ts';
import { isOnPath } from '../../servers/on-path.ts';

/** A key and a certificate that nobody vouches for. */
const selfSigned = (): { readonly key: Buffer; readonly cert: Buffer } => {
  const folder = mkdtempSync(join(tmpdir(), 'drawbridge-tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  try {
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '1',
        '-subj',
        '/CN=localhost',
        '-keyout',
        key,
        '-out',
        cert,
      ],
      { stdio: 'ignore' },
    );
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const failureAt = async (address: string): Promise<unknown> => {
  const net = createNet(createVirtualClock());
  try {
    return await net
      .fetchFor('loopback')(address)
      .catch((error: unknown) => error);
  } finally {
    await net.close();
  }
};

describe('a secure connection', () => {
  it.skipIf(!isOnPath('openssl'))('to a server that nobody vouches for is refused', async () => {
    let asked = 0;
    const server = createServer(selfSigned(), (_req, res) => {
      asked += 1;
      res.end('hello');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      expect(await failureAt(`https://127.0.0.1:${port}/`)).toMatchObject({
        code: 'tls-failed',
        message: `the secure connection to 127.0.0.1:${port} was refused`,
        hint: 'its certificate is not trusted on this machine',
      });
      expect(asked).toBe(0);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('to a server that speaks plain http is refused, and not for its certificate', async () => {
    await using paper = await startPaperServer(() => ({}));
    expect(await failureAt(`https://127.0.0.1:${paper.port}/`)).toMatchObject({
      code: 'tls-failed',
      message: expect.stringContaining('does not answer in https'),
      hint: expect.stringContaining('http://'),
    });
  });
});

describe('what a failed connection means', () => {
  const withCode = (code: string): Error => Object.assign(new Error('text of a library'), { code });

  it.each([
    ['ENOTFOUND', 'server-unreachable', 'the name mcp.example was not found'],
    ['EAI_AGAIN', 'server-unreachable', 'the name mcp.example was not found'],
    ['ECONNREFUSED', 'server-unreachable', 'nothing answers at mcp.example'],
    ['ETIMEDOUT', 'server-too-slow', 'mcp.example did not answer in time'],
    ['UND_ERR_CONNECT_TIMEOUT', 'server-too-slow', 'mcp.example did not answer in time'],
    ['UND_ERR_HEADERS_TIMEOUT', 'server-too-slow', 'mcp.example did not answer in time'],
    ['UND_ERR_BODY_TIMEOUT', 'server-too-slow', 'mcp.example did not answer in time'],
    ['CERT_HAS_EXPIRED', 'tls-failed', 'the secure connection to mcp.example was refused'],
    [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'tls-failed',
      'the secure connection to mcp.example was refused',
    ],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'tls-failed', 'the secure connection to mcp.example was refused'],
    [
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'tls-failed',
      'the secure connection to mcp.example was refused',
    ],
    [
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'tls-failed',
      'the secure connection to mcp.example was refused',
    ],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls-failed', 'mcp.example does not answer in https'],
    ['ECONNRESET', 'server-unreachable', 'the connection to mcp.example failed'],
    ['ENETUNREACH', 'server-unreachable', 'the connection to mcp.example failed'],
  ])('%s is %s, wherever in the chain it stands', (code, problem, message) => {
    const direct = diagnose(withCode(code), 'mcp.example');
    const wrapped = diagnose(
      new TypeError('fetch failed', { cause: withCode(code) }),
      'mcp.example',
    );
    for (const found of [direct, wrapped]) {
      expect(found).toMatchObject({ code: problem, message });
      expect(JSON.stringify(found.problem)).not.toContain('library');
    }
  });

  it('a problem raised on the way is the problem', () => {
    const raised = new ProblemError('address-refused', 'not there');
    expect(diagnose(new TypeError('fetch failed', { cause: raised }), 'mcp.example')).toBe(raised);
  });
});
