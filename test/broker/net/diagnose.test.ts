import { describe, expect, it } from 'vitest';
import { diagnose, diagnoseProxy } from '../../../broker/net/diagnose.ts';
import { parseProxy } from '../../../broker/net/proxy-address.ts';
import { ProblemError } from '../../../shared/contract/problems.ts';

describe('what a failed connection means', () => {
  const untrusted = 'nobody this machine trusts vouches for mcp.example';
  const noCommon = 'mcp.example and Drawbridge have no common form of secure connection';
  const withCode = (code: string): Error => Object.assign(new Error('text of a library'), { code });

  it.each([
    ['ENOTFOUND', 'server-unreachable', 'the name mcp.example was not found'],
    ['EAI_AGAIN', 'server-unreachable', 'the name mcp.example was not found'],
    ['ECONNREFUSED', 'server-unreachable', 'nothing answers at mcp.example'],
    ['ETIMEDOUT', 'server-too-slow', 'mcp.example did not answer in time'],
    ['UND_ERR_CONNECT_TIMEOUT', 'server-too-slow', 'mcp.example did not answer in time'],
    ['UND_ERR_HEADERS_TIMEOUT', 'server-too-slow', 'mcp.example did not answer in time'],
    ['UND_ERR_BODY_TIMEOUT', 'server-too-slow', 'mcp.example did not answer in time'],
    ['CERT_HAS_EXPIRED', 'tls-failed', 'the certificate of mcp.example has expired'],
    ['CERT_NOT_YET_VALID', 'tls-failed', 'the certificate of mcp.example is not valid yet'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls-failed', 'nobody but itself vouches for mcp.example'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'tls-failed', untrusted],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls-failed', untrusted],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'tls-failed', untrusted],
    [
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'tls-failed',
      'mcp.example shows the certificate of another name',
    ],
    ['CERT_REVOKED', 'tls-failed', 'the certificate of mcp.example was revoked'],
    [
      'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
      'tls-failed',
      'mcp.example wants a certificate from you',
    ],
    // As BoringSSL says it.
    [
      'ERR_SSL_TLSV1_ALERT_CERTIFICATE_REQUIRED',
      'tls-failed',
      'mcp.example wants a certificate from you',
    ],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'tls-failed', noCommon],
    ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'tls-failed', noCommon],
    ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'tls-failed', noCommon],
    ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', 'tls-failed', noCommon],
    ['ERR_SSL_DH_KEY_TOO_SMALL', 'tls-failed', noCommon],
    ['CERT_SIGNATURE_FAILURE', 'tls-failed', 'the secure connection to mcp.example was refused'],
    [
      'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR',
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

describe('what a failed connection to a proxy means', () => {
  const proxy = parseProxy('http://fake:canary@proxy.example:8080', 'environment');
  const wrapped = (code: string): Error =>
    new TypeError('text of a library', { cause: Object.assign(new Error('canary'), { code }) });

  it.each<[string | number, string, string]>([
    ['ENOTFOUND', 'proxy-failed', 'the name of the proxy proxy.example:8080 was not found'],
    ['EAI_AGAIN', 'proxy-failed', 'the name of the proxy proxy.example:8080 was not found'],
    ['ECONNREFUSED', 'proxy-failed', 'nothing answers at the proxy proxy.example:8080'],
    ['ETIMEDOUT', 'proxy-failed', 'the proxy proxy.example:8080 did not answer in time'],
    ['ECONNRESET', 'proxy-failed', 'the connection to the proxy proxy.example:8080 failed'],
    ['EHOSTUNREACH', 'proxy-failed', 'the connection to the proxy proxy.example:8080 failed'],
    ['HPE_INVALID_CONSTANT', 'proxy-failed', 'proxy.example:8080 does not answer as a proxy'],
    ['EPROTO', 'proxy-failed', 'the proxy proxy.example:8080 does not answer in https'],
    [
      'CERT_HAS_EXPIRED',
      'proxy-failed',
      'the secure connection to the proxy proxy.example:8080 was refused',
    ],
    [407, 'proxy-sign-in', 'the proxy proxy.example:8080 does not let Drawbridge in'],
    [403, 'proxy-failed', 'the proxy proxy.example:8080 does not allow connections to mcp.example'],
    [500, 'proxy-failed', 'the proxy proxy.example:8080 could not reach mcp.example'],
    [504, 'proxy-failed', 'the proxy proxy.example:8080 could not reach mcp.example'],
    [405, 'proxy-failed', 'proxy.example:8080 does not answer as a proxy'],
  ])('%s is %s', (sign, code, message) => {
    const found = diagnoseProxy(
      typeof sign === 'number' ? sign : wrapped(sign),
      proxy,
      'mcp.example',
    );
    expect(found).toMatchObject({ code, message, hint: expect.any(String) });
    expect(JSON.stringify(found.problem)).not.toMatch(/canary|fake:|library/);
  });
});
