/** Does the loopback listener take the one answer it waits for, and outlive all else that is sent to it? */
import { execFile, execFileSync } from 'node:child_process';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { createHolderOf } from '../../../broker/net/port-holder.ts';
import {
  type Callback,
  type CallbackWish,
  type HolderOf,
  listenForCallback,
  redirectUriOf,
} from '../../../broker/oauth/callback.ts';
import { systemClock } from '../../../broker/system-clock.ts';
import { ProblemError } from '../../../shared/contract/problems.ts';
import { eventually } from '../../doubles/eventually.ts';
import { chromiumAvailable, openChromium } from '../../servers/chromium.ts';
import { startHolding } from '../../servers/holding-program.ts';
import { startLoopbackServer } from '../../servers/loopback-server.ts';
import { isOnPath } from '../../servers/on-path.ts';
import { isClosed } from './signing-in.ts';

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);
const canTell = isOnPath('ps') && ['ss', 'netstat', 'lsof'].some(isOnPath);

const good = '/callback?code=fake-code&state=fake-state';
const belongs = (parameters: URLSearchParams): boolean => parameters.get('state') === 'fake-state';

interface Listening extends Callback, AsyncDisposable {
  /** What the wait has come to, so far. */
  readonly arrived: () => string | undefined;
}

/** A listener that somebody waits at, unless told otherwise, and that is closed whatever comes. */
const listening = async ({
  wish = {},
  redirectUri,
  waited = true,
}: {
  wish?: CallbackWish;
  redirectUri?: (port: number) => string;
  waited?: boolean;
} = {}): Promise<Listening> => {
  const callback = await listenForCallback(wish);
  let arrived: string | undefined;
  if (waited) {
    void callback
      .wait((redirectUri ?? redirectUriOf)(callback.port), belongs)
      .then((parameters) => {
        arrived = parameters.toString();
      });
  }
  return {
    ...callback,
    arrived: () => arrived,
    [Symbol.asyncDispose]: () => callback.finish('failed'),
  };
};

interface Asking {
  readonly path?: string;
  readonly method?: string;
  readonly host?: string;
  readonly address?: string;
  readonly headers?: Record<string, string>;
}

interface Answered {
  readonly status: number | undefined;
  readonly page: string;
  readonly headers: IncomingHttpHeaders;
}

const ask = (
  { port }: { port: number },
  { path = good, method = 'GET', host, address = '127.0.0.1', headers = {} }: Asking = {},
): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const asking = request(
      {
        ...{ host: address, port, path, method, agent: false },
        headers: { ...headers, ...(host === undefined ? {} : { host }) },
      },
      (answer) => {
        const read = async () => Buffer.concat(await answer.toArray()).toString();
        const { statusCode: status } = answer;
        read().then((page) => resolve({ status, page, headers: answer.headers }), reject);
      },
    );
    asking.on('error', reject);
    asking.end();
  });

/** Bytes as no HTTP client would send them; resolves with all that came back, once the connection has ended. */
const say = async (
  { port }: { port: number },
  bytes: string | Buffer | undefined,
): Promise<string> => {
  const socket = connect(port, '127.0.0.1');
  // Being cut off is one way to be answered.
  socket.on('error', () => undefined);
  const heard: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => heard.push(chunk));
  if (bytes !== undefined) socket.write(bytes);
  await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(heard).toString();
};

const isShut = async (port: number): Promise<boolean> => {
  const addresses = ['127.0.0.1', ...(hasIpv6 ? ['[::1]'] : [])];
  const shut = await Promise.all(
    addresses.map((address) =>
      isClosed(Object.assign(new URL('http://x'), { host: `${address}:${port}` })),
    ),
  );
  return shut.every(Boolean);
};

const refusal = async (wish: CallbackWish, holderOf?: HolderOf): Promise<ProblemError> => {
  const outcome = await listenForCallback(wish, holderOf).catch((error: unknown) => error);
  if (outcome instanceof ProblemError) return outcome;
  throw new Error('the listener opened', { cause: outcome });
};

describe('the answer that is waited for', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['localhost', '127.0.0.1'],
    ['localhost', '::1'],
    ['[::1]', '::1'],
  ])('arrives at %s, taken for %s', async (host, address) => {
    if (address === '::1' && !hasIpv6) return;
    await using callback = await listening();
    const page = ask(callback, { address, host: `${host}:${callback.port}` });
    await expect.poll(callback.arrived, eventually).toBe('code=fake-code&state=fake-state');
    await callback.finish('signed-in');
    expect((await page).page).toContain('You are signed in');
  });

  it.each([
    ['the usual one', {}, 'http://127.0.0.1:7777/callback'],
    ['by name', { host: 'localhost' }, 'http://localhost:7777/callback'],
    ['a path of its own', { path: '/oauth/back' }, 'http://127.0.0.1:7777/oauth/back'],
    ['the root', { host: 'localhost', path: '/' }, 'http://localhost:7777/'],
  ] as const)('comes to a redirect: %s', (_what, shape, said) => {
    expect(redirectUriOf(7777, shape)).toBe(said);
  });

  it('comes to the path of the redirect and no other', async () => {
    const redirectUri = (port: number) => redirectUriOf(port, { path: '/oauth/b%20ack/' });
    await using callback = await listening({ redirectUri });
    const query = '?code=fake-code&state=fake-state';
    for (const elsewhere of [
      '/callback',
      '/oauth/b%20ack',
      '/oauth/b%20ack/x',
      '/OAUTH/b%20ack/',
    ]) {
      expect((await ask(callback, { path: elsewhere + query })).status).toBe(404);
    }
    expect(callback.arrived()).toBeUndefined();
    void ask(callback, { path: `/oauth/b%20ack/${query}` });
    await expect.poll(callback.arrived, eventually).toBeDefined();
  });

  it('is the first one; a second is told so and changes nothing', async () => {
    await using callback = await listening();
    const first = ask(callback);
    await expect.poll(callback.arrived, eventually).toContain('fake-code');

    const second = await ask(callback, { path: good.replace('fake-code', 'fake-other') });

    expect(second).toMatchObject({
      status: 400,
      page: expect.stringContaining('Nothing is waiting'),
    });
    await callback.finish('signed-in');
    expect(await first).toMatchObject({
      status: 200,
      page: expect.stringContaining('You are signed in'),
    });
    expect(callback.arrived()).toBe('code=fake-code&state=fake-state');
  });

  it('may be waited for once more, at another redirect, and every browser sees the end', async () => {
    await using callback = await listening();
    const first = ask(callback);
    await expect.poll(callback.arrived, eventually).toBeDefined();
    const again = callback.wait(redirectUriOf(callback.port, { path: '/again' }), belongs);
    const second = ask(callback, { path: good.replace('/callback', '/again') });
    expect((await again).get('code')).toBe('fake-code');
    await callback.finish('failed');
    for (const { page } of await Promise.all([first, second])) {
      expect(page).toContain('The sign-in did not work');
    }
  });

  it('finds its listener although localhost has a large cookie jar', async () => {
    await using callback = await listening();
    void ask(callback, { headers: { cookie: `fake=${'x'.repeat(60_000)}` } });
    await expect.poll(callback.arrived, eventually).toBeDefined();
  });

  it('does not arrive before it is waited for', async () => {
    await using callback = await listening({ waited: false });
    expect((await ask(callback)).status).toBe(404);
    const arrival = callback.wait(redirectUriOf(callback.port), belongs);
    void ask(callback);
    expect((await arrival).get('code')).toBe('fake-code');
  });
});

describe('what else is asked', () => {
  it.each<[string, number, Asking | ((port: number) => Asking)]>([
    ['an icon', 404, { path: '/favicon.ico' }],
    ['the root', 404, { path: '/' }],
    ['no path at all', 404, { path: '//' }],
    ['a host for a path', 404, { path: `//localhost${good}` }],
    ['a whole address', 404, (port) => ({ path: `http://127.0.0.1:${port}${good}` })],
    ['an asterisk', 404, { path: '*', method: 'OPTIONS' }],
    ['a longer path', 404, { path: good.replace('?', '/?') }],
    ['a detour', 404, { path: `/x/..${good}` }],
    ['another case', 404, { path: good.replace('c', 'C') }],
    ['nothing', 400, { path: '/callback' }],
    ['another state', 400, { path: '/callback?code=fake-code&state=fake-other' }],
    ['a state in capitals', 400, { path: '/callback?code=fake-code&state=FAKE-STATE' }],
    ['an error without a state', 400, { path: '/callback?error=fake-code' }],
    ['two codes', 400, { path: `${good}&code=fake-other` }],
    ['the same code twice', 400, { path: `${good}&code=fake-code` }],
    ['two states, ours first', 400, { path: `${good}&state=fake-other` }],
    ['two states, ours last', 400, { path: '/callback?state=fake-other&state=fake-state' }],
    ['two of what nobody knows', 400, { path: `${good}&x=1&%78=2` }],
    ['a POST', 404, { method: 'POST' }],
    ['a HEAD', 404, { method: 'HEAD' }],
    ['a PUT', 404, { method: 'PUT' }],
    [
      'whether a page may reach into this machine',
      404,
      {
        method: 'OPTIONS',
        headers: {
          origin: 'https://evil.example',
          'access-control-request-method': 'GET',
          'access-control-request-private-network': 'true',
        },
      },
    ],
    ['another name, which leads here (DNS rebinding)', 404, { host: 'evil.example' }],
    ['another name, at our port', 404, (port) => ({ host: `evil.example:${port}` })],
    ['a name that begins like ours', 404, (port) => ({ host: `localhost.evil.example:${port}` })],
    ['another address of this machine', 404, (port) => ({ host: `127.0.0.2:${port}` })],
    ['no port', 404, { host: '127.0.0.1' }],
  ])('%s: answered %d, and changes nothing', async (_what, status, asking) => {
    await using callback = await listening();

    const { page, headers, ...answer } = await ask(
      callback,
      typeof asking === 'function' ? asking(callback.port) : asking,
    );

    expect(answer.status).toBe(status);
    expect(page).not.toMatch(/fake|evil/);
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect(callback.arrived()).toBeUndefined();
    void ask(callback);
    await expect.poll(callback.arrived, eventually).toBe('code=fake-code&state=fake-state');
  });

  it.each([
    ['no HTTP', 'fake nonsense\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['TLS', Buffer.from('160301020001000001fc0303', 'hex'), /^HTTP\/1\.1 400 /],
    ['zeros', Buffer.alloc(100_000), /^HTTP\/1\.1 400 |^$/],
    ['no Host', `GET ${good} HTTP/1.1\r\n\r\n`, /^HTTP\/1\.1 400 /],
    ['an empty Host', `GET ${good} HTTP/1.1\r\nhost: \r\n\r\n`, /^HTTP\/1\.1 404 /],
    ['HTTP of the last century', `GET ${good} HTTP/1.0\r\n\r\n`, /^HTTP\/1\.1 404 /],
    ['a tunnel', 'CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example:443\r\n\r\n', /^$/],
    [
      'another protocol',
      'GET /x HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
      /^HTTP\/1\.1 404 /,
    ],
    [
      'a body without end',
      `POST ${good} HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999\r\n\r\nfake`,
      /^HTTP\/1\.1 404 /,
    ],
    ['huge headers', `GET ${good} HTTP/1.1\r\nx: ${'x'.repeat(1_000_000)}`, /^HTTP\/1\.1 431 |^$/],
    ['a huge address', `GET ${good}${'x'.repeat(1_000_000)}`, /^HTTP\/1\.1 431 |^$/],
  ])('%s: ended, and changes nothing', async (_what, bytes, answer) => {
    await using callback = await listening();

    const heard = await say(callback, bytes);

    expect(heard).toMatch(answer);
    expect(heard).not.toMatch(/fake|evil/);
    expect(callback.arrived()).toBeUndefined();
    void ask(callback);
    await expect.poll(callback.arrived, eventually).toBeDefined();
  });

  it('ten thousand strays later, the answer still arrives', async () => {
    await using callback = await listening();
    const strays = ['/', '/favicon.ico', '/callback', '/callback?code=fake&state=fake', '/.env'];
    const statuses = new Set<number | undefined>();
    const scan = async (): Promise<void> => {
      for (let left = 500; left > 0; left--) {
        statuses.add((await ask(callback, { path: strays[left % strays.length] ?? '/' })).status);
      }
    };
    await Promise.all(Array.from({ length: 20 }, scan));
    expect(statuses).toEqual(new Set([400, 404]));
    void ask(callback);
    await expect.poll(callback.arrived, eventually).toBeDefined();
  }, 60_000);

  it('that never ends gives its connection back, while a browser that waits keeps its own (Slowloris)', async () => {
    await using callback = await listening();
    const page = ask(callback);
    await expect.poll(callback.arrived, eventually).toBeDefined();
    const beginnings = [undefined, 'GET /callback?', `GET ${good} HTTP/1.1\r\nhost: `];
    const crowd = Array.from({ length: 300 }, (_none, index) =>
      say(callback, beginnings[index % beginnings.length]),
    );
    // All of the connections are taken: those over the limit are cut off at once, those under it when their time is up.
    const heard = await Promise.all(crowd);

    expect(heard.filter((each) => each === '').length).toBeGreaterThan(40);
    expect(heard.filter((each) => each.startsWith('HTTP/1.1 408 ')).length).toBeGreaterThan(200);
    expect((await ask(callback)).status).toBe(400);
    await callback.finish('signed-in');
    expect((await page).page).toContain('You are signed in');
  }, 60_000);
});

describe('a port', () => {
  it('that is wished for is taken when it is free', async () => {
    const { port, close } = await startLoopbackServer(() => () => undefined);
    await close();
    await using callback = await listening({ wish: { port } });
    expect(callback.port).toBe(port);
  });

  it.each([{ only: false }, {}])('that is taken is passed over: %j', async (wish) => {
    await using holder = await startHolding();
    await using callback = await listening({ wish: { port: holder.port, ...wish } });
    expect(callback.port).not.toBe(holder.port);
    expect((await ask(callback, { path: '/' })).status).toBe(404);
  });

  it.skipIf(!hasIpv6)('that is taken on ::1 alone is passed over, and not half held', async () => {
    await using holder = await startHolding('::1');
    await using callback = await listening({ wish: { port: holder.port } });
    expect(callback.port).not.toBe(holder.port);
    expect(await isClosed(new URL(`http://127.0.0.1:${holder.port}`))).toBe(true);
  });

  it.skipIf(!canTell)('that alone will do is not given up without naming its holder', async () => {
    await using holder = await startHolding();
    const { code, message, hint } = await refusal(
      { port: holder.port, only: true },
      createHolderOf(systemClock),
    );
    expect({ code, message, hint }).toEqual({
      code: 'callback-unavailable',
      message: `port ${holder.port}, which the operator was told for the browser to come back to, is taken by ${holder.named}`,
      hint: 'end that program and sign in again',
    });
  });

  it.skipIf(!canTell || !hasIpv6)('that alone will do is taken when it is on ::1', async () => {
    await using holder = await startHolding('::1');
    const { message } = await refusal(
      { port: holder.port, only: true },
      createHolderOf(systemClock),
    );
    expect(message).toContain(`is taken by ${holder.named}`);
    expect(await isClosed(new URL(`http://127.0.0.1:${holder.port}`))).toBe(true);
  });

  it('whose holder cannot be told is taken by another program', async () => {
    await using holder = await startHolding();
    const { message } = await refusal({ port: holder.port, only: true });
    expect(message).toMatch(/ is taken by another program$/);
  });

  it.skipIf(!canTell)('that another sign-in waits at is said to be so', async () => {
    await using other = await listening();
    const wish = { port: other.port, only: true };
    const { code, message, hint } = await refusal(wish, createHolderOf(systemClock));
    expect({ code, message, hint }).toEqual({
      code: 'callback-unavailable',
      message: `another sign-in is waiting at port ${other.port}`,
      hint: 'finish or cancel that one, then sign in again',
    });
    void ask(other);
    await expect.poll(other.arrived, eventually).toBeDefined();
    await other.finish('signed-in');
    await using callback = await listening({ wish });
    expect(callback.port).toBe(other.port);
  });

  it('whose holder nobody needs to know is not asked about', async () => {
    await using holder = await startHolding();
    const asked: number[] = [];
    const callback = await listenForCallback({ port: holder.port }, async (port) => {
      asked.push(port);
      return undefined;
    });
    await callback.finish('failed');
    expect(asked).toEqual([]);
  });
});

const canLeaveTheNetwork = (): boolean => {
  if (process.platform !== 'linux' || !isOnPath('unshare') || !isOnPath('ip')) return false;
  try {
    execFileSync('unshare', ['--net', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    // Not everybody may.
    return false;
  }
};

describe.skipIf(!canLeaveTheNetwork())('a machine', () => {
  /** Listens in a network of its own, which `ip` has made as wanted. */
  const listenWhere = async (made: string, wish: CallbackWish): Promise<string> => {
    const module = path.resolve(import.meta.dirname, '../../../broker/oauth/callback.ts');
    const program = `
      import { get } from 'node:http';
      import { listenForCallback } from ${JSON.stringify(module)};
      const callback = await listenForCallback(${JSON.stringify(wish)}).catch(({ message, hint }) => {
        console.log(message + ': ' + hint);
        process.exit();
      });
      get({ host: '127.0.0.1', port: callback.port, path: '/' }, async ({ statusCode }) => {
        console.log('answers', statusCode);
        await callback.finish('failed');
      });
    `;
    const { stdout } = await promisify(execFile)('unshare', [
      ...['--net', 'sh', '-c', `${made} && exec "$0" --input-type=module -e "$1"`],
      ...[process.execPath, program],
    ]);
    return stdout.trim();
  };
  const withoutIpv4 = 'ip link set lo up && ip address delete 127.0.0.1/8 dev lo';
  const withoutIpv6 = 'ip link set lo up && { ip -6 address delete ::1/128 dev lo || true; }';

  it.each([{}, { port: 7777 }, { port: 7777, only: true }])(
    'without IPv6 is good enough for %j',
    async (wish) => {
      expect(await listenWhere(withoutIpv6, wish)).toBe('answers 404');
    },
  );

  it.each([
    [{}, /^no port could be opened .*: a firewall/],
    [{ port: 7777 }, /^no port could be opened .*: a firewall/],
    [{ port: 7777, only: true }, /^port 7777, which .*, cannot be opened: this machine keeps/],
  ])('that lets nobody listen is not blamed on a program: %j', async (wish, said) => {
    expect(await listenWhere(withoutIpv4, wish)).toMatch(said);
  });
});

describe('the end', () => {
  it.each([
    ['signed-in', 'You are signed in'],
    ['failed', 'The sign-in did not work'],
  ] as const)('%s: the browser sees it, and both addresses are shut', async (outcome, title) => {
    await using callback = await listening();
    const page = ask(callback);
    await expect.poll(callback.arrived, eventually).toBeDefined();
    await callback.finish(outcome);
    expect(await isShut(callback.port)).toBe(true);
    expect(await page).toMatchObject({ status: 200, page: expect.stringContaining(title) });
  });

  it('waits for no connection that is open', async () => {
    await using callback = await listening();
    const open = [undefined, 'GET /callback HTTP/1.1\r\nhost: '].map((bytes) =>
      say(callback, bytes),
    );
    // Known to be accepted once a later one is answered.
    await ask(callback, { path: '/' });
    const limit = new Promise((resolve) => setTimeout(() => resolve('still open'), 3000));
    expect(await Promise.race([callback.finish('failed'), limit])).toBeUndefined();
    expect(await Promise.all(open)).toEqual(['', '']);
    expect(await isShut(callback.port)).toBe(true);
  });

  it('comes although the browser has gone, and may come twice', async () => {
    await using callback = await listening();
    const socket: Socket = connect(callback.port, '127.0.0.1');
    socket.write(`GET ${good} HTTP/1.1\r\nhost: 127.0.0.1:${callback.port}\r\n\r\n`);
    await expect.poll(callback.arrived, eventually).toBeDefined();
    socket.resetAndDestroy();
    await callback.finish('signed-in');
    await callback.finish('failed');
    expect(await isShut(callback.port)).toBe(true);
  });
});

describe('the pages', () => {
  it('may load and run nothing, are not kept, and pass on no address', async () => {
    await using callback = await listening();
    const waiting = ask(callback);
    await expect.poll(callback.arrived, eventually).toBeDefined();
    const strays = await Promise.all([ask(callback), ask(callback, { path: '/' })]);
    await callback.finish('signed-in');
    for (const { headers } of [...strays, await waiting]) {
      expect(headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      });
      const policy = String(headers['content-security-policy']);
      expect(policy).toMatch(/^default-src 'none'; .*frame-ancestors 'none'/);
      expect(policy).not.toContain('unsafe');
    }
  });

  describe.skipIf(!chromiumAvailable())('in a real browser', () => {
    /** Contrast of the text against what is behind it, as WCAG 2 counts it. */
    const contrast = (page: Page): Promise<number> =>
      page.evaluate(() => {
        const { color, backgroundColor } = getComputedStyle(document.body);
        const luminance = (rgb: string): number => {
          const [r = 0, g = 0, b = 0, alpha = 1] = (rgb.match(/[\d.]+/g) ?? []).map(Number);
          if (alpha === 0) throw new Error(`nothing is painted behind the text: ${rgb}`);
          const linear = [r, g, b].map((part) => (part / 255) ** 2.2);
          return 0.2126 * (linear[0] ?? 0) + 0.7152 * (linear[1] ?? 0) + 0.0722 * (linear[2] ?? 0);
        };
        const [low = 0, high = 0] = [luminance(color), luminance(backgroundColor)].toSorted(
          (a, b) => a - b,
        );
        return (high + 0.05) / (low + 0.05);
      });

    it('are reached by either name, echo nothing, complain of nothing, and can be read by day and night', async () => {
      await using chromium = await openChromium();
      for (const host of ['localhost', '127.0.0.1'] as const) {
        await using callback = await listening({
          redirectUri: (port) => redirectUriOf(port, { host }),
        });
        await using page = await chromium.browser.newPage();
        const complaints: string[] = [];
        const asked: string[] = [];
        page.on('console', (message) => complaints.push(message.text()));
        page.on('pageerror', (error) => complaints.push(error.message));
        page.on('request', (each) => asked.push(each.url()));

        const redirect = redirectUriOf(callback.port, { host });
        const echo = '&error_description=%3Cb%3Efake-echo%3C/b%3E';
        const address = `${redirect}?code=fake-code&state=fake-state${echo}`;
        const visit = page.goto(address);
        await expect.poll(callback.arrived, eventually).toContain('fake-echo');
        await callback.finish('signed-in');
        await visit;

        expect(await page.innerText('h1')).toBe('You are signed in');
        expect(await page.content()).not.toMatch(/fake/);
        expect(await page.evaluate(() => getComputedStyle(document.body).display)).toBe('grid');
        const colours = new Set<string>();
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          expect(await contrast(page)).toBeGreaterThan(7);
          colours.add(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
        }
        expect(colours.size).toBe(2);
        expect(complaints).toEqual([]);
        expect(asked.filter((each) => !each.startsWith('data:'))).toEqual([address]);
      }
    });
  });
});
