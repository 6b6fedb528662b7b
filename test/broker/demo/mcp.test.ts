/** Does the demo speak MCP as the official clients do, and let in nobody who only found its port? */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Generation, openClient } from '../bridge/official-clients.ts';
import { askRaw, callMcp, registerAt, type ServedAlone, serveAlone } from './stage.ts';

let demo: ServedAlone;
let token: string;

beforeAll(async () => {
  demo = await serveAlone();
  const client = await registerAt(demo);
  token = (await client.redeem(await client.code())).access_token;
});
afterAll(() => demo[Symbol.asyncDispose]());

const MODERN = '2026-07-28';
const meta = {
  'io.modelcontextprotocol/protocolVersion': MODERN,
  'io.modelcontextprotocol/clientCapabilities': {},
};
const ask = async (message: object, headers: Record<string, string> = {}) => {
  const answer = await callMcp(demo.url, token, message, headers);
  const text = await answer.text();
  const body = text === '' ? undefined : (JSON.parse(text) as Record<string, never>);
  return { status: answer.status, body };
};

const all: readonly Generation[] = [
  'SDK 2.x, any era',
  'SDK 2.x, modern era',
  'SDK 2.x, legacy era',
  'SDK 1.x',
];

describe.each(all)('an AI client of %s', (generation) => {
  it('uses all that there is', async () => {
    await using client = await openClient(generation, { url: demo.url, key: token });
    expect(await client.tools()).toEqual(['who_am_i', 'echo', 'add', 'time_now']);
    expect(await client.call('echo', { message: 'hello <there>' })).toEqual({
      text: 'hello <there>',
      isError: false,
    });
    expect((await client.call('add', { a: 19, b: 23 })).text).toBe('42');
    expect((await client.call('who_am_i')).text).toMatch(
      /^You are Guest, .* has not renewed it yet\.$/,
    );
    const lisbon = await client.call('time_now', { timeZone: 'Europe/Lisbon' });
    expect(lisbon.text).toContain(String(new Date().getUTCFullYear()));
    expect(await client.prompts()).toEqual(['try_the_demo']);
    expect(await client.prompt('try_the_demo', { name: 'Ada' })).toMatch(/^My name is Ada\. /);
    expect(await client.resources()).toEqual(['demo://about']);
    expect(await client.read('demo://about')).toContain('five minutes');
  });

  it('is told what is wrong with arguments, so that the model can try again', async () => {
    await using client = await openClient(generation, { url: demo.url, key: token });
    const wrong = await client.call('time_now', { timeZone: 'Middle-earth/Shire' });
    expect(wrong.isError).toBe(true);
    expect(wrong.text).toContain('a time zone like Europe/Lisbon');
  });

  it('is told that there is no such thing', async () => {
    await using client = await openClient(generation, { url: demo.url, key: token });
    await expect(client.call('rm')).rejects.toThrow('no such tool');
    await expect(client.read('demo://other')).rejects.toThrow('no such resource');
    await expect(client.prompt('constructor', {})).rejects.toThrow('no such prompt');
  });
});

describe('in the modern era', () => {
  const headers = { 'mcp-protocol-version': MODERN, 'mcp-method': 'tools/list' };

  it('headers have to say what the body says', async () => {
    const list = { id: 1, method: 'tools/list', params: { _meta: meta } };
    expect(await ask(list, headers)).toMatchObject({
      status: 200,
      body: { result: { resultType: 'complete', cacheScope: 'private' } },
    });
    expect(await ask(list, { ...headers, 'mcp-method': 'ping' })).toMatchObject({
      status: 400,
      body: { error: { code: -32020 } },
    });
    expect(await ask({ id: 1, method: 'tools/list' }, headers)).toMatchObject({
      status: 400,
      body: { error: { code: -32602 } },
    });
  });

  it('a version that it does not speak is answered with those that it does', async () => {
    const next = { ...meta, 'io.modelcontextprotocol/protocolVersion': '2027-01-01' };
    const said = await ask({ id: 1, method: 'tools/list', params: { _meta: next } });
    expect(said).toMatchObject({
      status: 400,
      body: { error: { code: -32022, data: { supported: [MODERN], requested: '2027-01-01' } } },
    });
  });

  it('what the other era says is not known', async () => {
    for (const method of ['ping', 'initialize', 'no/such', 'constructor']) {
      const said = await ask(
        { id: 1, method, params: { _meta: meta } },
        { ...headers, 'mcp-method': method },
      );
      expect(said).toMatchObject({ status: 404, body: { error: { code: -32601 } } });
    }
  });
});

describe('in the legacy era', () => {
  it('there is no session, and no stream to listen to', async () => {
    const hello = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'a' } };
    const answer = await callMcp(demo.url, token, { id: 1, method: 'initialize', params: hello });
    expect(answer.headers.get('mcp-session-id')).toBeNull();
    expect(await answer.json()).toMatchObject({ result: { protocolVersion: '2025-06-18' } });
    expect((await ask({ method: 'notifications/initialized' })).status).toBe(202);
    const listening = await fetch(demo.url, { headers: { authorization: `Bearer ${token}` } });
    expect([listening.status, listening.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('what is no message is refused, and what is not known answered so', async () => {
    const answer = await fetch(demo.url, {
      ...{ method: 'POST', headers: { authorization: `Bearer ${token}` }, body: 'no json' },
    });
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { code: -32700 } }]);
    expect(await ask({ id: 1, method: 'no/such' })).toMatchObject({
      ...{ status: 200, body: { error: { code: -32601 } } },
    });
    expect((await ask({ id: 1, method: 'ping' }, { 'mcp-protocol-version': '1' })).status).toBe(
      400,
    );
  });
});

describe('whoever finds the port', () => {
  const paths = [
    ['POST', '/mcp'],
    ['POST', '/token'],
    ['POST', '/register'],
    ['GET', '/authorize'],
    ['GET', '/.well-known/oauth-authorization-server'],
    ['GET', '/sign-in/abc'],
  ] as const;

  it.each(paths)('%s %s refuses a name that was made to lead here', async (method, path) => {
    const headers = { host: `attacker.example:${demo.port}`, authorization: `Bearer ${token}` };
    expect(await askRaw(demo.port, method, path, headers)).toBe(403);
  });

  it.each(paths)('%s %s refuses pages of other sites', async (method, path) => {
    const headers = { origin: 'https://attacker.example', authorization: `Bearer ${token}` };
    expect(await askRaw(demo.port, method, path, headers)).toBe(403);
    // A page in a frame without an origin is another site's as well; only the demo's own pages are asked from one.
    const isPage = path === '/authorize' || path.startsWith('/sign-in/');
    const status = await askRaw(demo.port, method, path, { ...headers, origin: 'null' });
    expect(status === 403).toBe(!isPage);
  });

  it('is told nothing without a token, and of nothing else that may be here', async () => {
    expect((await callMcp(demo.url, 'no-token', { id: 1, method: 'tools/list' })).status).toBe(401);
    expect((await callMcp(demo.url, '', { id: 1, method: 'tools/list' })).status).toBe(401);
    expect((await fetch(`${demo.origin}/userinfo`)).status).toBe(401);
    expect((await fetch(`${demo.origin}/`)).status).toBe(404);
    expect((await fetch(`${demo.origin}/token`)).status).toBe(405);
  });

  it('cannot fill the memory with one request', async () => {
    const answer = await callMcp(demo.url, token, {
      ...{ id: 1, method: 'tools/call' },
      params: { name: 'echo', arguments: { message: 'x'.repeat(300_000) } },
    });
    expect(answer.status).toBe(413);
    expect((await ask({ id: 2, method: 'ping' })).status).toBe(200);
  });

  it('is not on any address but this one of this machine', async () => {
    const there = fetch(`http://[::1]:${demo.port}/.well-known/oauth-authorization-server`);
    await expect(there).rejects.toThrow();
    await expect(fetch(`http://127.0.0.2:${demo.port}/`)).rejects.toThrow();
  });
});
