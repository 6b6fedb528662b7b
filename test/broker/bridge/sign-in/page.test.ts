/** What does the page of a sign-in show and do, and to whom does it refuse itself? (F3) */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSignInPages, MOST_PAGES, PAGE_MS } from '../../../../broker/bridge/sign-in/pages.ts';
import { createVirtualClock } from '../../../doubles/clock.ts';
import { eventually } from '../../../doubles/eventually.ts';
import { type InProcessBroker, startInProcessBroker } from '../../../doubles/in-process-broker.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../../servers/authorization-server.ts';
import { chromiumAvailable, openChromium } from '../../../servers/chromium.ts';
import { type McpTestServer, startMcpServer } from '../../../servers/mcp-server.ts';
import { type AskedClient, browse, callAndBeAsked, ownForm, signInByPage } from './visit.ts';

const key = { server: 'one', account: 'default' };
let signInService: AuthorizationServer;
let server: McpTestServer;
let drawbridge: InProcessBroker;

beforeEach(async () => {
  signInService = await startAuthorizationServer();
  server = await startMcpServer({ authorizationServer: signInService });
  drawbridge = await startInProcessBroker();
  await drawbridge.addServer('one', server.url);
});
afterEach(async () => {
  await drawbridge[Symbol.asyncDispose]();
  await server.close();
  await signInService.close();
});

const state = () => drawbridge.stateOf('one');

describe('the page', () => {
  let client: AskedClient;
  beforeEach(async () => {
    client = await callAndBeAsked(drawbridge);
  });
  afterEach(() => client[Symbol.dispose]());

  it('names the server, its address and the account, and does nothing by itself', async () => {
    const { status, text, headers } = await browse(client.link);
    expect(status).toBe(200);
    expect(text).toContain(new URL(server.url).host);
    expect(text).toContain(server.url);
    expect(text).toContain('<strong>default</strong>');
    expect(text).not.toMatch(/<script|https?:\/\/(?!127\.0\.0\.1)/);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'content-security-policy': expect.stringMatching(
        /^default-src 'none'; .*frame-ancestors 'none'$/,
      ),
    });
    expect(state()).toBe('needs-sign-in');
    expect(drawbridge.opened).toEqual([]);
  });

  it('begins the sign-in with its form, which opens no browser, and is gone after it', async () => {
    const pages = await signInByPage(client.link);
    expect(pages[1]?.status).toBe(303);
    expect(new URL(String(pages[1]?.headers['location'])).origin).toBe(
      new URL(signInService.issuer).origin,
    );
    await expect.poll(state, eventually).toBe('signed-in');
    expect(await client.response()).toContain('there');
    expect(drawbridge.opened).toEqual([]);

    expect((await browse(client.link)).status).toBe(404);
    await drawbridge.control.signOut(key);
    expect((await browse(client.link, 'POST', ownForm)).status).toBe(404);
    expect(state()).toBe('needs-sign-in');
    const { key: doorKey } = await drawbridge.control.makeDoorKey({ aiClient: 'test' });
    for (const secret of [...signInService.needles(), doorKey])
      for (const { text } of pages) expect(text).not.toContain(secret);
    expect(drawbridge.log.join('\n')).not.toContain(new URL(client.link).pathname);
  });

  it.each<[string, Record<string, string>]>([
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['another site that hides itself', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['another port of this machine', { origin: 'null', 'sec-fetch-site': 'same-site' }],
    ['nobody knows where', { origin: 'null' }],
    ['a script', { ...ownForm, 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }],
    ['a frame', { ...ownForm, 'sec-fetch-dest': 'iframe' }],
    ['a program that says nothing of itself', {}],
    ['a name of another host', { ...ownForm, host: 'evil.example' }],
  ])('is not begun by a form of %s', async (_whose, headers) => {
    expect((await browse(client.link, 'POST', headers)).status).toBe(403);
    expect(state()).toBe('needs-sign-in');
  });

  it.each<[string, Record<string, string>]>([
    ['in a frame', { 'sec-fetch-dest': 'iframe', 'sec-fetch-site': 'cross-site' }],
    ['to a script', { 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'no-cors' }],
    ['under a name that was made to lead here', { host: 'evil.example' }],
  ])('is not shown %s', async (_where, headers) => {
    const { status, text } = await browse(client.link, 'GET', headers);
    expect(status).toBe(403);
    expect(text).not.toContain('<form');
  });

  it('is found by no guess', async () => {
    const guess = `${client.link.slice(0, -1)}${client.link.endsWith('A') ? 'B' : 'A'}`;
    for (const method of ['GET', 'POST'] as const) {
      const { status, text } = await browse(guess, method, method === 'POST' ? ownForm : {});
      expect(status).toBe(404);
      expect(text).toContain('no longer valid');
      expect(text).not.toContain(new URL(server.url).host);
    }
  });

  it('says why no sign-in can begin', async () => {
    await signInService.close();
    const { status, text } = await browse(client.link, 'POST', ownForm);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(text).toContain('The sign-in did not work');
    client.answer('accept');
    expect(await client.response()).toContain('"isError":true');
  });

  it.skipIf(!chromiumAvailable())('works in a browser, from the page to the call', async () => {
    await using chromium = await openChromium();
    const page = await chromium.browser.newPage();
    await page.goto(client.link);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.getByText('You are signed in').waitFor();
    expect(await client.response()).toContain('there');
  });

  it.skipIf(!chromiumAvailable())('is in no frame of a browser', async () => {
    await using chromium = await openChromium();
    const page = await chromium.browser.newPage();
    const shown = page.waitForResponse(client.link);
    await page.setContent(`<iframe src="${client.link}"></iframe>`);
    expect((await shown).status()).toBe(403);
    expect(await page.frames()[1]?.content()).not.toContain('<form');
  });
});

it('leaves every other path of the door as it is', async () => {
  for (const path of [
    '/sign-in',
    '/sign-in/',
    '/sign-in/a/b',
    '/.well-known/oauth-protected-resource',
  ])
    expect((await browse(`${drawbridge.baseOfDoor}${path}`)).status).toBe(404);
});

describe('addresses of pages', () => {
  it('are no more than so many, and the oldest goes', () => {
    const clock = createVirtualClock();
    const stopped: string[] = [];
    const pages = createSignInPages({
      base: () => 'http://127.0.0.1:7',
      onUsable: (one) => () => void stopped.push(one.server),
      clock,
    });
    const nonces = Array.from({ length: MOST_PAGES + 1 }, (_, n) =>
      pages
        .linkTo({ server: `s${n}`, account: 'default' })
        ?.split('/')
        .at(-1),
    );
    expect(pages.at(nonces[0] ?? '')).toBeUndefined();
    expect(pages.at(nonces[1] ?? '')).toEqual({ server: 's1', account: 'default' });
    expect(stopped).toEqual(['s0']);
  });

  it('expire', async () => {
    const clock = createVirtualClock();
    const pages = createSignInPages({
      base: () => 'http://127.0.0.1:7',
      onUsable: () => () => undefined,
      clock,
    });
    const nonce = pages.linkTo(key)?.split('/').at(-1) ?? '';
    await clock.advance(PAGE_MS - 1);
    expect(pages.at(nonce)).toEqual(key);
    await clock.advance(1);
    expect(pages.at(nonce)).toBeUndefined();
  });

  it('are not given out shortly before they expire', async () => {
    const clock = createVirtualClock();
    const pages = createSignInPages({
      base: () => 'http://127.0.0.1:7',
      onUsable: () => () => undefined,
      clock,
    });
    const first = pages.linkTo(key);
    await clock.advance(PAGE_MS / 2 - 1);
    expect(pages.linkTo(key)).toBe(first);
    await clock.advance(1);
    expect(pages.linkTo(key)).not.toBe(first);
  });

  it('are none without a door', () => {
    const onUsable = () => () => undefined;
    const pages = createSignInPages({
      base: () => undefined,
      onUsable,
      clock: createVirtualClock(),
    });
    expect(pages.linkTo(key)).toBeUndefined();
  });
});
