import { describe, expect, it } from 'vitest';
import {
  createOutbound,
  describeOutbound,
  type OutboundSettings,
  type OutboundSources,
} from '../../../broker/net/outbound.ts';

const ways = async (sources: OutboundSources, url = 'https://mcp.example/mcp?code=canary') =>
  (await createOutbound(sources).routesTo(new URL(url))).map((route) =>
    route === 'direct' ? route : `${route.url.host} from ${route.source}`,
  );

const saying = (answer: string) => async () => answer;

describe('the way to a server', () => {
  it.each<[string, OutboundSources, string[]]>([
    ['straight, when nobody says otherwise', {}, ['direct']],
    [
      'by the settings before all else',
      {
        settings: () => ({ proxy: 'a:1' }),
        env: { https_proxy: 'b:2' },
        systemProxy: saying('PROXY c:3'),
      },
      ['a:1 from settings'],
    ],
    [
      'by the environment before the system',
      { env: { https_proxy: 'b:2' }, systemProxy: saying('PROXY c:3') },
      ['b:2 from environment'],
    ],
    ['by the system', { systemProxy: saying('PROXY c:3; DIRECT') }, ['c:3 from system', 'direct']],
    ['not by an empty setting', { settings: () => ({ proxy: '' }) }, ['direct']],
    ['not by an empty variable', { env: { https_proxy: '', ALL_PROXY: '' } }, ['direct']],
    [
      'by lower case before upper case',
      { env: { https_proxy: 'a:1', HTTPS_PROXY: 'b:2' } },
      ['a:1 from environment'],
    ],
    [
      'by HTTPS_PROXY before ALL_PROXY',
      { env: { all_proxy: 'a:1', HTTPS_PROXY: 'b:2' } },
      ['b:2 from environment'],
    ],
    [
      'by ALL_PROXY before HTTP_PROXY',
      { env: { ALL_PROXY: 'a:1', http_proxy: 'b:2' } },
      ['a:1 from environment'],
    ],
    ['by HTTP_PROXY at last', { env: { HTTP_PROXY: 'a:1' } }, ['a:1 from environment']],
    [
      'around the proxy where NO_PROXY says so',
      { env: { https_proxy: 'a:1', NO_PROXY: '.example' } },
      ['direct'],
    ],
    [
      'around the proxy of the settings as well',
      { settings: () => ({ proxy: 'a:1' }), env: { no_proxy: 'mcp.example' } },
      ['direct'],
    ],
    [
      'around the proxy of the system as well',
      { systemProxy: saying('PROXY c:3'), settings: () => ({ noProxy: '*' }) },
      ['direct'],
    ],
    [
      'with the exceptions of the settings instead of NO_PROXY',
      {
        settings: () => ({ noProxy: 'other.example' }),
        env: { https_proxy: 'a:1', NO_PROXY: '*' },
      },
      ['a:1 from environment'],
    ],
  ])('is %s', async (_what, sources, expected) => {
    expect(await ways(sources)).toEqual(expected);
  });

  it.each([
    'http://127.0.0.1:3000/mcp',
    'https://127.0.0.1/mcp',
    'https://127.9.9.9/',
    'http://localhost:3000/',
    'https://mcp.localhost/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
  ])('is straight to %s, which is this machine', async (url) => {
    const asked: string[] = [];
    const systemProxy = async ({ href }: URL) => {
      asked.push(href);
      return 'PROXY c:3';
    };
    expect(await ways({ settings: () => ({ proxy: 'a:1' }) }, url)).toEqual(['direct']);
    expect(await ways({ systemProxy }, url)).toEqual(['direct']);
    expect(asked).toEqual([]);
  });

  it('changes with the settings', async () => {
    let settings: OutboundSettings = {};
    const outbound = createOutbound({ settings: () => settings });
    expect((await describeOutbound(outbound)).proxy.hosts).toEqual([]);
    settings = { proxy: 'a:1' };
    expect((await describeOutbound(outbound)).proxy.hosts).toEqual(['a:1']);
  });

  it('is asked of the system without the path, which may hold a code', async () => {
    const asked: string[] = [];
    await ways({
      systemProxy: async ({ href }) => {
        asked.push(href);
        return 'DIRECT';
      },
    });
    expect(asked).toEqual(['https://mcp.example/']);
  });

  it.each<[string, OutboundSources]>([
    ['a SOCKS proxy in the settings', { settings: () => ({ proxy: 'socks5://a:1' }) }],
    ['a SOCKS proxy in the environment', { env: { ALL_PROXY: 'socks5h://a:1' } }],
    ['a SOCKS proxy of the system', { systemProxy: saying('SOCKS5 a:1; DIRECT') }],
    ['a proxy that is none', { settings: () => ({ proxy: 'http://' }) }],
    ['a system that cannot say', { systemProxy: () => Promise.reject(new Error('canary')) }],
  ])('is not simply straight for %s', async (_what, sources) => {
    await expect(ways(sources)).rejects.toMatchObject({
      code: 'proxy-failed',
      message: expect.not.stringContaining('canary'),
      hint: expect.any(String),
    });
  });
});

describe('what a person is told', () => {
  it('is where the proxy is and who named it, and never its password', async () => {
    const view = await describeOutbound(
      createOutbound({
        env: { HTTPS_PROXY: 'http://fake:canary@proxy.example:8080' },
        systemCertificates: () => ['one', 'two'],
      }),
    );
    expect(view).toEqual({
      proxy: { from: 'environment', hosts: ['proxy.example:8080'] },
      certificates: { system: 2, file: 0 },
    });
  });

  it('is what the system says of one server', async () => {
    const outbound = createOutbound({
      systemProxy: async ({ hostname }) =>
        hostname === 'mcp.example' ? 'PROXY a:1; PROXY b:2; DIRECT' : 'DIRECT',
    });
    expect((await describeOutbound(outbound, new URL('https://mcp.example'))).proxy).toEqual({
      from: 'system',
      hosts: ['a:1', 'b:2'],
    });
    expect((await describeOutbound(outbound)).proxy).toEqual({ from: 'none', hosts: [] });
  });

  it('is each problem in its place', async () => {
    const view = await describeOutbound(
      createOutbound({ settings: () => ({ proxy: 'socks5://a:1', caFile: '/nonexistent/a.pem' }) }),
    );
    expect(view).toMatchObject({
      proxy: { from: 'none', hosts: [], problem: { code: 'proxy-failed' } },
      certificates: { file: 0, problem: { code: 'ca-file-unusable' } },
    });
  });
});
