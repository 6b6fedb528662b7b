import { describe, expect, it } from 'vitest';
import { parsePac, parseProxy } from '../../../broker/net/proxy-address.ts';

const failureOf = (deed: () => unknown): unknown => {
  try {
    deed();
  } catch (error) {
    return error;
  }
  throw new Error('it was taken');
};

describe('the address of a proxy', () => {
  it.each([
    ['http://proxy.example:8080', 'http://proxy.example:8080'],
    ['HTTP://proxy.example:8080/', 'http://proxy.example:8080'],
    ['proxy.example:8080', 'http://proxy.example:8080'],
    ['proxy.example', 'http://proxy.example'],
    ['https://proxy.example', 'https://proxy.example'],
    ['10.0.0.1:3128', 'http://10.0.0.1:3128'],
    ['http://[fd00::1]:3128', 'http://[fd00::1]:3128'],
  ])('%s', (text, origin) => {
    const { url, authorization } = parseProxy(text, 'settings');
    expect([url.origin, authorization]).toEqual([origin, undefined]);
  });

  it.each([
    ['http://fake:canary@proxy.example:8080', 'fake:canary'],
    ['fake:canary@proxy.example:8080', 'fake:canary'],
    ['http://fake@proxy.example', 'fake:'],
    ['http://fake:a%40b%3Ac@proxy.example', 'fake:a@b:c'],
    ['http://fake:100%@proxy.example', 'fake:100%'],
    ['http://fake:p%C3%A4ss@proxy.example', 'fake:päss'],
  ])('%s has credentials, which do not print', (text, credentials) => {
    const proxy = parseProxy(text, 'settings');
    const value = `Basic ${Buffer.from(credentials).toString('base64')}`;
    expect(proxy.authorization?.reveal()).toBe(value);
    expect(proxy.url.href).toMatch(/^http:\/\/proxy\.example(:8080)?\/$/);
    expect(JSON.stringify(proxy)).not.toMatch(/fake|Basic/);
  });

  it.each(['socks5://fake:canary@a:1080', 'socks://a', 'SOCKS4://a:1', 'socks5h://a:1'])(
    '%s is unsupported, and that is said',
    (text) => {
      expect(failureOf(() => parseProxy(text, 'environment'))).toMatchObject({
        code: 'proxy-failed',
        message: 'unsupported proxy: only http and https proxies can be used',
        hint: expect.stringContaining('HTTPS_PROXY'),
      });
    },
  );

  it.each(['http://', 'ftp://canary:canary@a', 'http://fake:canary@', 'a b', 'http://canary:x:y'])(
    '%s is none, and no part of it is shown',
    (text) => {
      const failure = failureOf(() => parseProxy(text, 'settings')) as Error;
      expect(failure).toMatchObject({ code: 'proxy-failed' });
      expect(JSON.stringify([failure, failure.message, failure.stack])).not.toMatch(/canary@|fake/);
    },
  );
});

describe('an answer of proxy auto-configuration', () => {
  it.each([
    ['DIRECT', ['direct']],
    ['direct;', ['direct']],
    ['PROXY a.example:8080', ['http://a.example:8080']],
    ['HTTP a.example:8080', ['http://a.example:8080']],
    ['HTTPS a.example:8443', ['https://a.example:8443']],
    ['PROXY [fd00::1]:3128', ['http://[fd00::1]:3128']],
    [' PROXY  a:1 ;PROXY b:2;  DIRECT ', ['http://a:1', 'http://b:2', 'direct']],
    ['SOCKS5 s:1080; PROXY a:1; DIRECT', ['http://a:1', 'direct']],
    ['DIRECT; SOCKS s:1080', ['direct']],
  ])('%j', (answer, ways) => {
    const found = parsePac(answer).map((each) => (each === 'direct' ? each : each.url.origin));
    expect(found).toEqual(ways);
  });

  it.each(['SOCKS s:1080', 'SOCKS5 s:1080; DIRECT', 'QUIC a:443; DIRECT', 'PROXY', 'nonsense'])(
    '%j does not lead around the proxy it names',
    (answer) => {
      expect(failureOf(() => parsePac(answer))).toMatchObject({
        code: 'proxy-failed',
        message: expect.stringContaining('unsupported proxy'),
      });
    },
  );

  it.each(['', ' ; ;'])('%j is none', (answer) => {
    expect(failureOf(() => parsePac(answer))).toMatchObject({ code: 'proxy-failed' });
  });
});
