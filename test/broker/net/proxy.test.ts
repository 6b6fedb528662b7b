import type { LookupAddress, lookup } from 'node:dns';
import type { RequestListener } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FetchRequest } from '../../../broker/net/guarded-fetch.ts';
import { createNet } from '../../../broker/net/guarded-fetch.ts';
import { createOutbound, type OutboundSettings } from '../../../broker/net/outbound.ts';
import { createPools } from '../../../broker/net/pools.ts';
import type { Zone } from '../../../broker/net/zone.ts';
import type { ProblemError } from '../../../shared/contract/problems.ts';
import { createVirtualClock } from '../../doubles/clock.ts';
import {
  type Authority,
  createAuthority,
  type KeyAndCertificate,
} from '../../servers/certificates.ts';
import { unreachableOrigin } from '../../servers/odd-servers.ts';
import { isOnPath } from '../../servers/on-path.ts';
import { type ProxyMode, type ProxyOptions, startProxyServer } from '../../servers/proxy-server.ts';
import { startTlsServer } from '../../servers/tls-server.ts';
import { onlyLoopback } from './only-loopback.ts';

onlyLoopback();

const PUBLIC = '93.184.215.14';

describe.skipIf(!isOnPath('openssl'))('through a proxy', () => {
  let authority: Authority;
  let certificate: KeyAndCertificate;
  beforeAll(() => {
    authority = createAuthority();
    certificate = authority.issue({
      names: [
        'mcp.example',
        'other.example',
        'vault.internal',
        'intranet',
        '10.0.0.7',
        '127.0.0.1',
      ],
    });
  });
  afterAll(() => authority[Symbol.dispose]());

  interface Wish extends Partial<ProxyOptions> {
    readonly answer?: RequestListener;
    readonly names?: Readonly<Record<string, readonly string[]>>;
    readonly settings?: OutboundSettings;
    readonly credentials?: string;
    readonly systemProxy?: (origin: URL) => Promise<string>;
    readonly stepMs?: number;
    readonly serverCertificate?: KeyAndCertificate;
  }

  /** A proxy on this machine that leads every name to one server on this machine. */
  const open = async (wish: Wish = {}) => {
    const stack = new AsyncDisposableStack();
    const server = stack.use(
      await startTlsServer(wish.serverCertificate ?? certificate, wish.answer),
    );
    const proxy = stack.use(await startProxyServer({ lead: () => server.port, ...wish }));
    const address = proxy.origin.replace(
      '//',
      wish.credentials === undefined ? '//' : `//${wish.credentials}@`,
    );
    const { names = { 'mcp.example': [PUBLIC], 'other.example': [PUBLIC] } } = wish;
    const lookedUp: string[] = [];
    const resolve = ((
      name: string,
      _options: object,
      answer: (error: Error | null, found: LookupAddress[]) => void,
    ) => {
      lookedUp.push(name);
      const found = (names[name] ?? []).map((each) => ({ address: each, family: 4 }));
      const unknown = Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
      queueMicrotask(() => answer(found.length === 0 ? unknown : null, found));
    }) as unknown as typeof lookup;
    const outbound = createOutbound({
      settings: () => ({
        ...(wish.systemProxy === undefined ? { proxy: address } : {}),
        caFile: authority.file,
        ...wish.settings,
      }),
      systemProxy: wish.systemProxy,
    });
    const clock = createVirtualClock();
    const options = {
      ...{ outbound, resolve },
      ...(wish.stepMs === undefined ? {} : { stepMs: wish.stepMs }),
    };
    const net = createNet(clock, options);
    stack.defer(net.close);
    const pools = createPools(options);
    stack.defer(pools.close);
    const fetch = (url: string, request?: FetchRequest, placed: Zone = 'public') =>
      net.fetchFor(placed)(url, request);
    return {
      ...{ server, proxy, clock, net, pools, fetch, lookedUp },
      failure: (url: string, request?: FetchRequest, placed?: Zone): Promise<ProblemError> =>
        fetch(url, request, placed).then(
          () => {
            throw new Error('it was fetched');
          },
          (error: ProblemError) => error,
        ),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  };

  describe('a server', () => {
    it('is asked over a tunnel that the proxy cannot look into', async () => {
      await using desk = await open();
      const answer = await desk.fetch('https://mcp.example/a?b=canary', {
        method: 'POST',
        body: 'x',
        headers: { authorization: 'Bearer fake-token' },
      });
      expect([answer.status, await answer.text()]).toEqual([200, 'hello']);
      expect(desk.proxy.asked).toEqual([{ authority: 'mcp.example:443' }]);
      expect(desk.server.seen).toMatchObject([{ path: '/a?b=canary', name: 'mcp.example' }]);
    });

    it('is asked through a proxy that speaks https itself', async () => {
      await using desk = await open({ secure: certificate });
      expect((await desk.fetch('https://mcp.example:8443/')).status).toBe(200);
      expect(desk.proxy.origin).toMatch(/^https:/);
      expect(desk.proxy.asked).toEqual([{ authority: 'mcp.example:8443' }]);
    });

    it('never sees what the proxy asks for, and the proxy gets it with each connection', async () => {
      await using desk = await open({ wants: 'fake:c@nary', credentials: 'fake:c%40nary' });
      await desk.fetch('https://mcp.example/');
      await desk.fetch('https://other.example/');
      const authorization = `Basic ${btoa('fake:c@nary')}`;
      expect(desk.proxy.asked).toEqual([
        { authority: 'mcp.example:443', authorization },
        { authority: 'other.example:443', authorization },
      ]);
      for (const { headers } of desk.server.seen) {
        expect(Object.keys(headers).filter((name) => name.startsWith('proxy'))).toEqual([]);
      }
    });

    it('must still prove who it is', async () => {
      await using desk = await open();
      expect(await desk.failure('https://unknown.example/')).toMatchObject({
        code: 'tls-failed',
        message: 'unknown.example shows the certificate of another name',
      });
      expect(desk.server.seen).toEqual([]);
    });

    it('that a stranger vouches for is refused, with a word about inspection', async () => {
      using stranger = createAuthority('Stranger');
      await using desk = await open({
        serverCertificate: stranger.issue({ names: ['mcp.example'] }),
      });
      expect(await desk.failure('https://mcp.example/')).toMatchObject({
        code: 'tls-failed',
        message: 'nobody this machine trusts vouches for mcp.example',
        hint: expect.stringContaining('company proxy'),
      });
    });

    it('keeps its tunnel for the next request', async () => {
      await using desk = await open();
      for (let index = 0; index < 20; index += 1) await desk.fetch('https://mcp.example/');
      expect(desk.server.seen).toHaveLength(20);
      // A second one where the first was not yet free when the next request came.
      expect(desk.proxy.asked.length).toBeLessThanOrEqual(2);
    });

    it('of a pool is asked through it as well', async () => {
      await using desk = await open();
      const pool = desk.pools.to('https://mcp.example');
      for (let index = 0; index < 20; index += 1) {
        const { statusCode, body } = await pool.request({ path: '/mcp', method: 'GET' });
        expect([statusCode, await body.text()]).toEqual([200, 'hello']);
      }
      expect(desk.proxy.asked[0]).toEqual({ authority: 'mcp.example:443' });
      expect(desk.proxy.asked.length).toBeLessThanOrEqual(2);
      expect(desk.lookedUp).toEqual([]);
    });
  });

  describe('nobody is sent', () => {
    it.each<[string, Zone, string]>([
      ['a private address', 'public', 'https://10.0.0.7/'],
      ['the cloud metadata address', 'private', 'https://169.254.169.254/'],
      ['a private address inside IPv6', 'public', 'https://[::ffff:10.0.0.7]/'],
      ['a private address behind a translator', 'public', 'https://[64:ff9b::10.0.0.7]/'],
      ['the network, from this machine', 'loopback', 'https://10.0.0.7/'],
      ['a name that is private here', 'public', 'https://inside.example/'],
      ['a name that is both', 'public', 'https://both.example/'],
      ['a name that is this machine', 'public', 'https://here.example/'],
      ['a name of this machine, from the network', 'private', 'https://here.example/'],
      ['a name of the network, from this machine', 'loopback', 'https://inside.example/'],
      ['a near name that only the proxy knows', 'public', 'https://vault.internal/'],
      ['a name without a dot that only the proxy knows', 'public', 'https://intranet/'],
      ['this machine by name', 'public', 'https://a.localhost/'],
      ['this machine', 'public', 'https://127.0.0.1/'],
    ])('to %s (A41-A43)', async (_what, placed, url) => {
      await using desk = await open({
        names: {
          'inside.example': ['10.0.0.7'],
          'both.example': [PUBLIC, '10.0.0.7'],
          'here.example': ['127.0.0.1'],
          'a.localhost': ['127.0.0.1'],
        },
      });
      expect(await desk.failure(url, {}, placed)).toMatchObject({ code: 'address-refused' });
      expect(desk.proxy.asked).toEqual([]);
      expect(desk.server.connections().ever).toBe(0);
    });

    it('over plain http, whatever the proxy offers', async () => {
      await using desk = await open();
      expect(await desk.failure('http://mcp.example/')).toMatchObject({ code: 'insecure-url' });
      expect(desk.proxy.asked).toEqual([]);
    });

    it('by a redirect either', async () => {
      await using desk = await open({
        answer: (_req, res) =>
          void res.writeHead(302, { location: 'https://vault.internal/' }).end(),
      });
      expect(await desk.failure('https://mcp.example/', { redirects: 3 })).toMatchObject({
        code: 'address-refused',
      });
      expect(desk.proxy.asked).toEqual([{ authority: 'mcp.example:443' }]);
    });
  });

  describe('the way is chosen', () => {
    it('for a name that only the proxy can look up', async () => {
      await using desk = await open({ names: {} });
      expect((await desk.fetch('https://mcp.example/')).status).toBe(200);
      expect(desk.proxy.asked).toEqual([{ authority: 'mcp.example:443' }]);
    });

    it('for the network of a server that is in it', async () => {
      await using desk = await open({ names: {} });
      expect((await desk.fetch('https://10.0.0.7/', {}, 'private')).status).toBe(200);
      expect((await desk.fetch('https://vault.internal/', {}, 'private')).status).toBe(200);
      expect(desk.proxy.asked).toEqual([
        { authority: '10.0.0.7:443' },
        { authority: 'vault.internal:443' },
      ]);
    });

    it('around it for a name of this machine, where the proxy cannot go', async () => {
      await using desk = await open({ names: { 'mcp.example': ['127.0.0.1'] } });
      const { port } = desk.server;
      expect((await desk.fetch(`https://mcp.example:${port}/`, {}, 'loopback')).status).toBe(200);
      expect((await desk.fetch(`https://127.0.0.1:${port}/`, {}, 'loopback')).status).toBe(200);
      expect(desk.proxy.asked).toEqual([]);
    });

    it('around it where NO_PROXY says so, and is guarded there', async () => {
      await using desk = await open({
        names: { 'mcp.example': ['127.0.0.1'], 'other.example': ['10.0.0.7'] },
        settings: { noProxy: '.example' },
      });
      expect(await desk.failure('https://mcp.example/')).toMatchObject({ code: 'address-refused' });
      expect(await desk.failure('https://other.example/')).toMatchObject({
        code: 'address-refused',
      });
      expect(desk.proxy.asked).toEqual([]);
    });

    it('at each hop of a redirect anew', async () => {
      await using other = await startProxyServer({ lead: () => desk.server.port });
      await using desk = await open({
        answer: (req, res) => {
          if (req.url === '/end') res.end('the end');
          else res.writeHead(302, { location: 'https://other.example/end' }).end();
        },
        systemProxy: async ({ hostname }) =>
          `PROXY ${hostname === 'other.example' ? other.host : desk.proxy.host}`,
      });
      const answer = await desk.fetch('https://mcp.example/', { redirects: 3 });
      expect(await answer.text()).toBe('the end');
      expect(desk.proxy.asked).toEqual([{ authority: 'mcp.example:443' }]);
      expect(other.asked).toEqual([{ authority: 'other.example:443' }]);
    });

    it('of the system: the next one when a proxy is not there', async () => {
      const nobody = new URL(await unreachableOrigin()).host;
      await using desk = await open({
        systemProxy: async () => `PROXY ${nobody}; PROXY ${desk.proxy.host}; DIRECT`,
      });
      expect((await desk.fetch('https://mcp.example/')).status).toBe(200);
      expect(desk.proxy.asked).toHaveLength(1);
    });

    it('of the system: straight when the proxy is not there and that is allowed', async () => {
      const nobody = new URL(await unreachableOrigin()).host;
      await using desk = await open({
        names: { 'mcp.example': ['10.0.0.7'] },
        systemProxy: async () => `PROXY ${nobody}; DIRECT`,
      });
      // The test lets no socket leave, and says so: that it was tried is what counts.
      expect(await desk.failure('https://mcp.example/', {}, 'private')).toMatchObject({
        code: 'server-unreachable',
        message: 'the connection to mcp.example failed',
      });
    });

    it('of the system: never around a proxy that says no', async () => {
      await using desk = await open({
        systemProxy: async () => `PROXY ${desk.proxy.host}; DIRECT`,
      });
      desk.proxy.mode = 403;
      expect(await desk.failure('https://mcp.example/')).toMatchObject({ code: 'proxy-failed' });
    });

    it('again for the next connection after a change of the settings', async () => {
      const settings = { noProxy: 'mcp.example' };
      await using desk = await open({ settings, names: { 'mcp.example': ['10.0.0.7'] } });
      expect(await desk.failure('https://mcp.example/', {}, 'private')).toMatchObject({
        code: 'server-unreachable',
      });
      expect(desk.proxy.asked).toEqual([]);
      settings.noProxy = '';
      expect((await desk.fetch('https://mcp.example/', {}, 'private')).status).toBe(200);
      expect(desk.proxy.asked).toHaveLength(1);
    });
  });

  describe('a failure is named, of a proxy', () => {
    const atProxy = (said: string, code = 'proxy-failed') => ({ code, message: said });

    it.each<[string, ProxyMode, (proxy: string) => object]>([
      [
        'that refuses',
        403,
        (proxy) => atProxy(`the proxy ${proxy} does not allow connections to mcp.example`),
      ],
      [
        'that wants a sign-in',
        407,
        (proxy) => atProxy(`the proxy ${proxy} does not let Drawbridge in`, 'proxy-sign-in'),
      ],
      [
        'that cannot get there',
        502,
        (proxy) => atProxy(`the proxy ${proxy} could not reach mcp.example`),
      ],
      [
        'that is overloaded',
        503,
        (proxy) => atProxy(`the proxy ${proxy} could not reach mcp.example`),
      ],
      ['that is a web server', 404, (proxy) => atProxy(`${proxy} does not answer as a proxy`)],
      ['that redirects', 302, (proxy) => atProxy(`${proxy} does not answer as a proxy`)],
      [
        'that is a mail server',
        'gibberish',
        (proxy) => atProxy(`${proxy} does not answer as a proxy`),
      ],
      ['that hangs up', 'drop', (proxy) => atProxy(`the connection to the proxy ${proxy} failed`)],
      [
        'that hangs up inside the tunnel',
        'drop-inside',
        () => ({ code: 'server-unreachable', message: 'the connection to mcp.example failed' }),
      ],
    ])('%s', async (_what, mode, expected) => {
      await using desk = await open({ credentials: 'fake:canary' });
      desk.proxy.mode = mode;
      const failure = await desk.failure('https://mcp.example/');
      expect(failure).toMatchObject({ ...expected(desk.proxy.host), hint: expect.any(String) });
      const shown = JSON.stringify([failure.problem, String(failure), failure.stack]);
      expect(shown).not.toMatch(/canary|fake|forged|elsewhere/);
      await expect.poll(() => desk.proxy.open()).toBe(0);
      expect(desk.server.seen).toEqual([]);
    });

    it('whose failure a pool meets as well', async () => {
      await using desk = await open();
      desk.proxy.mode = 407;
      await expect(
        desk.pools.to('https://mcp.example').request({ path: '/', method: 'GET' }),
      ).rejects.toMatchObject({ code: 'proxy-sign-in' });
    });

    it('that is not there', async () => {
      const { host, origin } = new URL(await unreachableOrigin());
      await using desk = await open({ settings: { proxy: origin } });
      expect(await desk.failure('https://mcp.example/')).toMatchObject(
        atProxy(`nothing answers at the proxy ${host}`),
      );
    });

    it('that speaks plain http where https was said', async () => {
      await using plain = await startProxyServer({ lead: () => undefined });
      await using desk = await open({ settings: { proxy: `https://${plain.host}` } });
      expect(await desk.failure('https://mcp.example/')).toMatchObject(
        atProxy(`the proxy ${plain.host} does not answer in https`),
      );
    });

    it('that nobody vouches for', async () => {
      using stranger = createAuthority('Stranger');
      const secure = stranger.issue({ names: ['127.0.0.1'] });
      await using desk = await open({ secure, credentials: 'fake:canary' });
      expect(await desk.failure('https://mcp.example/')).toMatchObject(
        atProxy(`the secure connection to the proxy ${desk.proxy.host} was refused`),
      );
      expect(desk.proxy.asked).toEqual([]);
    });

    it('that shows the certificate of another, even that of the server asked for', async () => {
      const secure = authority.issue({ names: ['mcp.example'] });
      await using desk = await open({ secure });
      expect(await desk.failure('https://mcp.example/')).toMatchObject(
        atProxy(`the secure connection to the proxy ${desk.proxy.host} was refused`),
      );
    });
  });

  describe('limits hold', () => {
    it.each<ProxyMode>(['silent', 'silent-inside'])('of time, while it is %s', async (mode) => {
      await using desk = await open();
      desk.proxy.mode = mode;
      const failure = desk.failure('https://mcp.example/', { timeoutMs: 5000 });
      await expect.poll(() => desk.proxy.asked.length).toBe(1);
      await desk.clock.advance(5000);
      expect(await failure).toMatchObject({ code: 'server-too-slow' });
      expect(desk.clock.waits()).toEqual([]);
      await desk.net.close();
      await expect.poll(() => desk.proxy.open()).toBe(0);
    });

    it.each<ProxyMode>(['silent', 'silent-inside'])('of patience, while it is %s', async (mode) => {
      await using desk = await open();
      desk.proxy.mode = mode;
      const giveUp = new AbortController();
      const answer = desk.fetch('https://mcp.example/', { signal: giveUp.signal });
      await expect.poll(() => desk.proxy.asked.length).toBe(1);
      giveUp.abort();
      await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
      await desk.net.close();
      await expect.poll(() => desk.proxy.open()).toBe(0);
    });

    it('of time on the proxy itself, where nobody else sets one', async () => {
      await using desk = await open({ stepMs: 200 });
      desk.proxy.mode = 'silent';
      await expect(
        desk.pools.to('https://mcp.example').request({ path: '/', method: 'GET' }),
      ).rejects.toMatchObject({
        code: 'proxy-failed',
        message: `the proxy ${desk.proxy.host} did not answer in time`,
      });
      await expect.poll(() => desk.proxy.open()).toBe(0);
    });

    it('of time on the proxy, and not on the server behind it', async () => {
      await using desk = await open({
        stepMs: 100,
        answer: (_req, res) => void setTimeout(() => res.end('late'), 400),
      });
      const { body } = await desk.pools
        .to('https://mcp.example')
        .request({ path: '/', method: 'GET' });
      expect(await body.text()).toBe('late');
    });

    it('of size', async () => {
      await using desk = await open({ answer: (_req, res) => void res.end('x'.repeat(2048)) });
      expect(await desk.failure('https://mcp.example/', { maxBytes: 1024 })).toMatchObject({
        code: 'answer-too-large',
        message: 'mcp.example answered with more than 1 kB',
      });
      expect((await desk.fetch('https://mcp.example/', { maxBytes: 2048 })).status).toBe(200);
    });
  });

  describe('nothing is left open', () => {
    it('by 200 requests at once, when closed', async () => {
      await using desk = await open({
        answer: (_req, res) => void setTimeout(() => res.end('hello'), 20),
      });
      const answers = await Promise.all(
        Array.from({ length: 200 }, () => desk.fetch('https://mcp.example/')),
      );
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(200);
      expect(desk.proxy.asked.length).toBeLessThanOrEqual(200);
      await desk.net.close();
      await expect.poll(() => [desk.proxy.open(), desk.server.connections().open]).toEqual([0, 0]);
    });

    it('by 200 requests that fail, without closing', async () => {
      await using desk = await open();
      desk.proxy.mode = 503;
      const failures = await Promise.all(
        Array.from({ length: 200 }, () => desk.failure('https://mcp.example/')),
      );
      expect(failures.every(({ code }) => code === 'proxy-failed')).toBe(true);
      await expect.poll(() => desk.proxy.open()).toBe(0);
    });

    it('by requests under way, when closed', async () => {
      await using desk = await open({ answer: () => undefined });
      const failure = desk.failure('https://mcp.example/');
      const pooled = desk.pools.to('https://mcp.example').request({ path: '/', method: 'GET' });
      const given = pooled.catch((error: unknown) => error);
      await expect.poll(() => desk.server.seen.length).toBe(2);
      await Promise.all([desk.net.close(), desk.pools.close()]);
      expect(await failure).toBeInstanceOf(Error);
      expect(await given).toBeInstanceOf(Error);
      await expect.poll(() => [desk.proxy.open(), desk.server.connections().open]).toEqual([0, 0]);
    });

    it('by a connection that opens after the close', async () => {
      let answer: (pac: string) => void = () => undefined;
      await using desk = await open({
        systemProxy: () =>
          new Promise((resolve) => {
            answer = resolve;
          }),
      });
      const failure = desk.failure('https://mcp.example/');
      await wait(10);
      await desk.net.close();
      answer(`PROXY ${desk.proxy.host}`);
      expect(await failure).toBeInstanceOf(Error);
      await wait(50);
      expect([desk.proxy.open(), desk.server.connections().open]).toEqual([0, 0]);
    });
  });
});
