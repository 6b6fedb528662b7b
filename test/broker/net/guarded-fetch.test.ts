import type { LookupAddress, lookup } from 'node:dns';
import { afterEach, describe, expect, it } from 'vitest';
import { createNet, type FetchRequest } from '../../../broker/net/guarded-fetch.ts';
import type { Zone } from '../../../broker/net/zone.ts';
import type { ProblemError } from '../../../shared/contract/problems.ts';
import { createVirtualClock } from '../../doubles/clock.ts';
import { type Sheet, startPaperServer } from '../../doubles/paper-server.ts';
import { startLoopbackServer } from '../../servers/loopback-server.ts';
import { startHangingServer, unreachableOrigin } from '../../servers/odd-servers.ts';
import { onlyLoopback } from './only-loopback.ts';

/** Names of a test's own, and how often each was asked for. */
const createNames = (names: Readonly<Record<string, readonly string[]>>) => {
  const asked: string[] = [];
  const resolve = (
    hostname: string,
    _options: unknown,
    answer: (error: Error | null, addresses: LookupAddress[]) => void,
  ): void => {
    asked.push(hostname);
    const found = (names[hostname] ?? []).map((address) => ({
      address,
      family: address.includes(':') ? 6 : 4,
    }));
    const unknown = Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
    queueMicrotask(() => answer(found.length === 0 ? unknown : null, found));
  };
  return { asked, resolve: resolve as unknown as typeof lookup };
};

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

const createFetch = (placed: Zone, resolve?: typeof lookup) => {
  const clock = createVirtualClock();
  const net = createNet(clock, resolve === undefined ? {} : { resolve });
  open.push(net.close);
  return { clock, fetch: net.fetchFor(placed) };
};

const failureOf = async (answer: Promise<Response>): Promise<ProblemError> =>
  answer.then(
    () => {
      throw new Error('it was fetched');
    },
    (error: ProblemError) => error,
  );

const startPaper = (sheets: Readonly<Record<string, Sheet | 'hang'>>) =>
  startPaperServer(() => ({ '/': { body: { hello: 'there' } }, ...sheets }));

onlyLoopback();

describe('an address is refused before a socket is opened', () => {
  it.each<[string, Zone, string, string]>([
    ['plain http', 'public', 'http://mcp.example/', 'insecure-url'],
    ['plain http in a private network', 'private', 'http://10.0.0.1/', 'insecure-url'],
    [
      'plain http to a host that begins like this machine',
      'loopback',
      'http://127.0.0.1.example/',
      'insecure-url',
    ],
    ['plain http to all of this machine', 'loopback', 'http://0.0.0.0/', 'insecure-url'],
    ['a file', 'public', 'file:///etc/passwd', 'insecure-url'],
    ['data', 'public', 'data:text/plain,x', 'insecure-url'],
    ['ftp', 'public', 'ftp://mcp.example/', 'insecure-url'],
    ['a user name', 'public', 'https://user@mcp.example/', 'address-refused'],
    ['a password', 'public', 'https://:fake@mcp.example/', 'address-refused'],
    ['this machine, from the internet', 'public', 'http://127.0.0.1:1/', 'address-refused'],
    ['this machine by name, from the internet', 'public', 'http://localhost:1/', 'address-refused'],
    ['this machine by a long name', 'public', 'https://a.localhost/', 'address-refused'],
    ['this machine as a number', 'public', 'https://2130706433/', 'address-refused'],
    ['this machine inside IPv6', 'public', 'https://[::ffff:127.0.0.1]/', 'address-refused'],
    ['a private network, from the internet', 'public', 'https://192.168.0.1/', 'address-refused'],
    ['a private network, from this machine', 'loopback', 'https://192.168.0.1/', 'address-refused'],
    ['this machine, from a private network', 'private', 'https://127.0.0.1/', 'address-refused'],
    ['a VPN mesh, from the internet', 'public', 'https://100.64.0.1/', 'address-refused'],
    ['a unique local address', 'public', 'https://[fd00::1]/', 'address-refused'],
    [
      'the cloud metadata address, from anywhere',
      'private',
      'https://169.254.169.254/',
      'address-refused',
    ],
    ['the cloud metadata address in hex', 'private', 'https://0xa9fea9fe/', 'address-refused'],
    ['the unspecified address', 'loopback', 'https://0.0.0.0/', 'address-refused'],
  ])('%s (A41-A43)', async (_name, placed, address, code) => {
    const names = createNames({ 'mcp.example': ['8.8.8.8'] });
    const { fetch } = createFetch(placed, names.resolve);
    expect(await failureOf(fetch(address))).toMatchObject({ code });
    expect(names.asked).toEqual([]);
  });

  it('although a server listens there', async () => {
    await using paper = await startPaper({});
    const { fetch } = createFetch('public');
    expect(await failureOf(fetch(paper.origin))).toMatchObject({ code: 'address-refused' });
    expect(paper.seen).toEqual([]);
  });

  it('and its name is quoted, so that no text of a server reads as ours', async () => {
    const { fetch } = createFetch('public');
    const { message } = await failureOf(fetch('http://mcp.example/"quote'));
    expect(message).toBe('"http://mcp.example" is not protected by https');
  });
});

describe('a name is judged by what it resolves to, when it is connected to (A41)', () => {
  it.each<[string, Zone, string[]]>([
    ['this machine', 'public', ['127.0.0.1']],
    ['this machine in IPv6', 'public', ['::1']],
    ['a private network', 'public', ['10.0.0.7']],
    ['a good address and a bad one', 'public', ['8.8.8.8', '192.168.0.1']],
    ['a bad one first', 'public', ['169.254.169.254', '8.8.8.8']],
    ['this machine, asked for by a private server', 'private', ['127.0.0.1']],
    ['the network, asked for by a server on this machine', 'loopback', ['10.0.0.7']],
  ])('%s is refused', async (_name, placed, found) => {
    await using paper = await startPaper({});
    const names = createNames({ 'mcp.example': found });
    const { fetch } = createFetch(placed, names.resolve);
    expect(await failureOf(fetch(`https://mcp.example:${paper.port}/`))).toMatchObject({
      code: 'address-refused',
      message: '"mcp.example" is at an address this server may not name',
    });
    expect(names.asked).toEqual(['mcp.example']);
  });

  it('this machine by name is reached there, and nowhere else', async () => {
    await using paper = await startPaper({});
    const names = createNames({
      'mcp.localhost': ['127.0.0.1'],
      'evil.localhost': ['8.8.8.8'],
      localhost: ['::1', '127.0.0.1'],
    });
    const { fetch } = createFetch('loopback', names.resolve);
    expect((await fetch(`http://mcp.localhost:${paper.port}/`)).status).toBe(200);
    expect((await fetch(`http://localhost:${paper.port}/`)).status).toBe(200);
    // Plain http is for this machine only; a name server must not make it travel.
    expect(await failureOf(fetch(`http://evil.localhost:${paper.port}/`))).toMatchObject({
      code: 'address-refused',
    });
  });

  it('a name nobody knows is told apart from trouble', async () => {
    const { fetch } = createFetch('public');
    expect(await failureOf(fetch('https://nonexistent.invalid/'))).toMatchObject({
      code: 'server-unreachable',
      message: 'the name nonexistent.invalid was not found',
    });
  });
});

describe('a redirect (A41)', () => {
  const chain: Record<string, Sheet> = {
    '/1': { status: 301, headers: { location: '/2' } },
    '/2': { status: 302, headers: { location: '/3' } },
    '/3': { status: 307, headers: { location: '/' } },
    '/loop': { status: 302, headers: { location: '/loop' } },
    '/unread': { status: 302, headers: { location: 'http://' } },
    '/nowhere': { status: 302 },
  };

  it.each<[string, string, FetchRequest, number | 'redirect-refused', string[]]>([
    ['is followed as often as allowed', '/1', { redirects: 3 }, 200, ['/1', '/2', '/3', '/']],
    ['is not followed once more', '/1', { redirects: 2 }, 'redirect-refused', ['/1', '/2', '/3']],
    ['is not followed by itself', '/3', {}, 'redirect-refused', ['/3']],
    [
      'never carries a POST on',
      '/3',
      { method: 'POST', body: 'x', redirects: 3 },
      'redirect-refused',
      ['/3'],
    ],
    [
      'to itself ends',
      '/loop',
      { redirects: 3 },
      'redirect-refused',
      ['/loop', '/loop', '/loop', '/loop'],
    ],
    ['to no address is refused', '/unread', { redirects: 3 }, 'redirect-refused', ['/unread']],
    ['without a target is an answer', '/nowhere', { redirects: 3 }, 302, ['/nowhere']],
  ])('%s', async (_name, path, request, expected, asked) => {
    await using paper = await startPaper(chain);
    const { fetch } = createFetch('loopback');
    const outcome = await fetch(paper.origin + path, request).then(
      ({ status }) => status,
      ({ code }: ProblemError) => code,
    );
    expect(outcome).toBe(expected);
    expect(paper.paths()).toEqual(asked);
  });

  it('never carries credentials to another origin', async () => {
    await using other = await startPaper({});
    await using paper = await startPaper({
      '/go': { status: 302, headers: { location: other.origin } },
    });
    const { fetch } = createFetch('loopback');
    const answer = fetch(`${paper.origin}/go`, {
      redirects: 3,
      headers: { authorization: 'Bearer fake-token' },
    });
    expect(await failureOf(answer)).toMatchObject({ code: 'redirect-refused' });
    expect(other.seen).toEqual([]);
  });

  it.each([
    ['http://mcp.example/', 'insecure-url'],
    ['file:///etc/passwd', 'insecure-url'],
    ['https://10.0.0.1/', 'address-refused'],
    ['https://169.254.169.254/latest/meta-data', 'address-refused'],
    ['https://inside.example/', 'address-refused'],
    ['//user@127.0.0.1/', 'address-refused'],
  ])('to %s is refused at its hop', async (location, code) => {
    await using paper = await startPaper({ '/go': { status: 302, headers: { location } } });
    const { fetch } = createFetch(
      'loopback',
      createNames({ 'inside.example': ['10.0.0.7'] }).resolve,
    );
    expect(await failureOf(fetch(`${paper.origin}/go`, { redirects: 3 }))).toMatchObject({ code });
    expect(paper.paths()).toEqual(['/go']);
  });
});

describe('an answer', () => {
  it('arrives whole, with status and headers', async () => {
    await using paper = await startPaper({
      '/teapot': { status: 418, headers: { 'x-kind': 'green' }, body: { tea: true } },
      '/empty': { status: 204 },
    });
    const { fetch } = createFetch('loopback');
    const answer = await fetch(`${paper.origin}/teapot`);
    expect([answer.status, answer.headers.get('x-kind'), await answer.json()]).toEqual([
      418,
      'green',
      { tea: true },
    ]);
    expect((await fetch(`${paper.origin}/empty`)).status).toBe(204);
  });

  it('of a POST had its body and headers', async () => {
    await using paper = await startPaper({});
    const { fetch } = createFetch('loopback');
    await fetch(paper.origin, { method: 'POST', body: 'a=b', headers: { 'x-one': '1' } });
    expect(paper.seen[0]).toMatchObject({ method: 'POST', body: 'a=b', headers: { 'x-one': '1' } });
  });

  it.each([
    [1024, true],
    [1025, false],
  ])('of %i bytes within 1 kB: %s', async (size, fits) => {
    await using paper = await startPaper({ '/': { body: 'x'.repeat(size) } });
    const { fetch } = createFetch('loopback');
    const answer = fetch(paper.origin, { maxBytes: 1024 });
    if (fits) expect((await (await answer).text()).length).toBe(size);
    else {
      expect(await failureOf(answer)).toMatchObject({
        code: 'answer-too-large',
        message: `127.0.0.1:${paper.port} answered with more than 1 kB`,
      });
    }
  });

  it('without an end is cut off, and so is its connection', async () => {
    let ended = false;
    await using endless = await startLoopbackServer(() => (req, res) => {
      const write = (): void => {
        if (!ended) res.write('x'.repeat(64 * 1024), () => setImmediate(write));
      };
      req.socket.once('close', () => {
        ended = true;
      });
      write();
    });
    const { fetch } = createFetch('loopback');
    expect(await failureOf(fetch(endless.origin))).toMatchObject({ code: 'answer-too-large' });
    await expect.poll(() => ended).toBe(true);
  });
});

describe('time', () => {
  it('runs out for a server that is silent, and says after how long', async () => {
    await using silent = await startHangingServer();
    const { fetch, clock } = createFetch('loopback');
    let failure: unknown;
    void failureOf(fetch(silent.origin, { timeoutMs: 5000 })).then((error) => {
      failure = error;
    });
    await clock.advance(4999);
    expect(failure).toBeUndefined();
    await clock.advance(1);
    await expect
      .poll(() => failure)
      .toMatchObject({
        code: 'server-too-slow',
        message: `127.0.0.1:${silent.port} did not answer within 5 s`,
      });
    expect(clock.waits()).toEqual([]);
  });

  it('runs out in the middle of an answer as well', async () => {
    await using halfway = await startLoopbackServer(() => (_req, res) => {
      res.writeHead(200, { 'content-type': 'application/json' });
      res.write('{"half":');
    });
    const { fetch, clock } = createFetch('loopback');
    const failure = failureOf(fetch(halfway.origin));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await clock.advance(20_000);
    expect(await failure).toMatchObject({ code: 'server-too-slow' });
  });

  it('leaves no timer behind an answer or a refusal', async () => {
    await using paper = await startPaper({});
    const { fetch, clock } = createFetch('loopback');
    await fetch(paper.origin);
    await failureOf(fetch('https://10.0.0.1/'));
    expect(clock.waits()).toEqual([]);
  });

  it('is not waited out by someone who gives up', async () => {
    await using silent = await startHangingServer();
    const { fetch, clock } = createFetch('loopback');
    const giveUp = new AbortController();
    const answer = fetch(silent.origin, { signal: giveUp.signal });
    await new Promise((resolve) => setTimeout(resolve, 20));
    giveUp.abort();
    // It is no problem of anybody's: whoever aborted knows why.
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
    expect(clock.waits()).toEqual([]);
  });
});

describe('a connection that fails', () => {
  it('because nothing listens', async () => {
    const origin = await unreachableOrigin();
    const { fetch } = createFetch('loopback');
    expect(await failureOf(fetch(origin))).toMatchObject({
      code: 'server-unreachable',
      message: `nothing answers at ${new URL(origin).host}`,
    });
  });

  it('because the server drops it', async () => {
    await using rude = await startLoopbackServer(() => (req) => {
      req.socket.resetAndDestroy();
    });
    const { fetch } = createFetch('loopback');
    expect(await failureOf(fetch(rude.origin))).toMatchObject({
      code: 'server-unreachable',
      message: `the connection to 127.0.0.1:${rude.port} failed`,
    });
  });
});
