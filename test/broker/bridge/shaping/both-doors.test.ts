/** Do rules hold for real AI clients at real servers, through both doors, and for whoever tries to get around them? */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readEnvelope } from '../../../../broker/bridge/json-rpc.ts';
import type { RuleWish } from '../../../../shared/contract/rules.ts';
import { eventually } from '../../../doubles/eventually.ts';
import { type InProcessBroker, startInProcessBroker } from '../../../doubles/in-process-broker.ts';
import {
  type EverythingServer,
  startEverythingServer,
} from '../../../servers/everything-server.ts';
import { readBody, sendJson, startLoopbackServer } from '../../../servers/loopback-server.ts';
import { type McpTestServer, startMcpServer } from '../../../servers/mcp-server.ts';
import { generations, openClient, type Way } from '../official-clients.ts';
import { startAsking } from '../open-bridge.ts';
import { shimCommand } from '../shim-process.ts';
import { browse, ownForm } from '../sign-in/visit.ts';

let small: McpTestServer;
let every: EverythingServer;
let drawbridge: InProcessBroker;

beforeEach(async () => {
  small = await startMcpServer();
  every = await startEverythingServer();
  drawbridge = await startInProcessBroker();
  await drawbridge.addServer('small', small.url);
  await drawbridge.addServer('every', every.url);
});
afterEach(async () => {
  await drawbridge[Symbol.asyncDispose]();
  await every.close();
  await small.close();
});

const rule = async (wish: RuleWish) => (await drawbridge.control.addRule(wish)).rule;
const keyOf = async (aiClient: string): Promise<string> =>
  (await drawbridge.control.makeDoorKey({ aiClient })).key;
const http = async (server: string, aiClient = 'Cursor'): Promise<Way> => ({
  url: `${drawbridge.baseOfDoor}/mcp/${server}`,
  key: await keyOf(aiClient),
});
const shim = async (server: string): Promise<Way> => shimCommand(drawbridge.dataFolder, server);
const waiting = () => drawbridge.broker.snapshot().approvals ?? [];
const oneWaits = async () => {
  await expect.poll(() => waiting().length, eventually).toBe(1);
  const [approval] = waiting();
  if (approval === undefined) throw new Error('it is gone again');
  return approval;
};

const ways = [
  ['the HTTP door', http],
  ['a shim', shim],
] as const;

describe.each(generations)('%s', (generation) => {
  describe.each(ways)('through %s', (_door, way) => {
    it.each(['small', 'every'] as const)(
      'sees and calls at %s what it is left, from the moment that the rule is made',
      async (server) => {
        await using client = await openClient(generation, await way(server));
        const before = await client.tools();
        expect(before).toContain('echo');
        const { id } = await rule({ server, deny: ['ech?'] });
        // Some servers have more tools a moment later; that is not what this is about.
        const others = before.filter((name) => name !== 'echo');
        const withoutEcho = expect.not.arrayContaining(['echo']);
        await expect
          .poll(() => client.announcedTools.at(-1), eventually)
          .toEqual(expect.arrayContaining(others));
        await expect.poll(() => client.announcedTools.at(-1), eventually).toEqual(withoutEcho);
        expect(await client.tools()).toEqual(withoutEcho);
        expect(await client.tools()).toEqual(expect.arrayContaining(others));
        await expect(client.call('echo', { message: 'x' })).rejects.toThrow(
          'Unknown tool: echo. The person has switched it off in Drawbridge.',
        );
        await drawbridge.control.removeRule({ id });
        expect(await client.tools()).toEqual(expect.arrayContaining(before));
        expect((await client.call('echo', { message: 'back' })).text).toContain('back');
      },
    );

    it('calls a marked tool once the person has allowed it, and is told of a no', async () => {
      await rule({ approve: ['echo'] });
      await using client = await openClient(generation, await way('small'));
      const allowed = client.call('echo', { message: 'fake-argument-1' });
      const { id, tool, server } = await oneWaits();
      expect([server, tool]).toEqual(['small', 'echo']);
      expect(await drawbridge.control.approvalArguments({ id })).toEqual({
        text: '{"message":"fake-argument-1"}',
        more: 0,
      });
      await drawbridge.control.answerApproval({ id, allow: true });
      expect(await allowed).toEqual({ text: 'fake-argument-1', isError: false });

      const denied = client.call('echo', { message: 'fake-argument-2' });
      await drawbridge.control.answerApproval({ id: (await oneWaits()).id, allow: false });
      const { text, isError } = await denied;
      expect(isError).toBe(true);
      expect(text).toContain('the person did not allow echo, so nothing was sent');
      // Nowhere else: not in what surfaces get, not in the log, not in the record of requests.
      const places = [
        JSON.stringify(drawbridge.broker.snapshot()),
        drawbridge.log.join('\n'),
        JSON.stringify(await drawbridge.control.activity({})),
      ];
      expect(places.filter((place) => place.includes('fake-argument'))).toEqual([]);
    });
  });

  it('gives up a marked call, which the person is asked about no longer', async () => {
    await rule({ approve: ['echo'] });
    await using client = await openClient(generation, await http('every'));
    const left = new AbortController();
    const call = client.call('echo', { message: 'x' }, { signal: left.signal }).catch(() => 'left');
    const { id } = await oneWaits();
    left.abort();
    expect(await call).toBe('left');
    await expect.poll(waiting, eventually).toEqual([]);
    await expect(drawbridge.control.answerApproval({ id, allow: true })).rejects.toThrow(
      'no call waits',
    );
  });
});

describe('a rule', () => {
  it('for one AI client leaves the others alone', async () => {
    await rule({ aiClient: 'cursor', readOnly: true });
    await using one = await openClient('SDK 2.x, any era', await http('small', 'Cursor'));
    await using two = await openClient('SDK 2.x, any era', await http('small', 'Claude'));
    expect(await one.tools()).toEqual(['add']);
    expect((await two.tools()).length).toBeGreaterThan(1);
    expect((await one.call('add', { a: 1, b: 2 })).text).toBe('3');
    await expect(one.call('echo', { message: 'x' })).rejects.toThrow('Unknown tool: echo');
  });

  it('is kept over a restart, and can be seen', async () => {
    const made = await rule({
      aiClient: 'Cursor',
      server: 'small/default',
      deny: ['*'],
      approve: ['a'],
    });
    const again = await rule({
      aiClient: 'Cursor',
      server: 'small/default',
      deny: ['*'],
      approve: ['a'],
    });
    expect(again).toEqual(made);
    expect(drawbridge.broker.snapshot().rules).toEqual([made]);
    const settings = await readFile(path.join(drawbridge.dataFolder, 'settings.json'), 'utf8');
    expect((JSON.parse(settings) as { rules: unknown }).rules).toEqual([made]);
  });

  it('is made for servers and accounts that are there', async () => {
    await expect(rule({ server: 'smal', readOnly: true })).rejects.toThrow('smal');
    await expect(rule({ server: 'small/work', readOnly: true })).rejects.toThrow('work');
    await expect(rule({})).rejects.toThrow();
    await expect(rule({ deny: ['('.repeat(200)] })).rejects.toThrow();
  });

  it('may be chosen from the tools that a server is known to have', async () => {
    const { tools } = await drawbridge.control.knownTools({ server: 'small' });
    expect(tools).toContainEqual({ name: 'add', readOnly: true });
    expect(tools).toContainEqual({ name: 'echo', readOnly: false });
  });
});

describe('at the HTTP door', () => {
  const port = () => Number(new URL(drawbridge.baseOfDoor).port);
  const ask = async (
    key: string,
    server: string,
    {
      method = 'POST',
      body,
      headers = {},
    }: { method?: string; body?: string; headers?: Record<string, string> },
  ) => {
    const answer = await startAsking(port(), key, {
      ...{ method, path: `/mcp/${server}`, headers },
      ...(body === undefined ? {} : { body }),
    });
    let text = '';
    for await (const chunk of answer) text += String(chunk);
    return { status: answer.statusCode, text };
  };
  const echo =
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"message":"out"}}}';
  const modern = {
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': 'echo',
  };
  const meta =
    '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}';
  const modernEcho = echo.replace('"name"', `${meta},"name"`);

  it('no batch carries a call past the rules (2025-03-26)', async () => {
    const arrived: string[] = [];
    // One that answers whatever comes.
    const lax = await startLoopbackServer(() => async (req, res) => {
      const body = (await readBody(req)).toString();
      arrived.push(body);
      const { id = null } = readEnvelope(body) ?? {};
      const result = {
        protocolVersion: '2025-03-26',
        capabilities: { tools: {} },
        serverInfo: { name: 'lax', version: '1' },
      };
      sendJson(res, 200, { jsonrpc: '2.0', id, result });
    });
    await drawbridge.control.addServer({ id: 'lax', url: `${lax.origin}/mcp` });
    const key = await keyOf('Cursor');
    const batch = `[{"jsonrpc":"2.0","id":0,"method":"ping"},${echo}]`;
    await ask(key, 'lax', { body: batch });
    expect(arrived.filter((body) => body.includes('"echo"'))).toEqual([batch]);
    arrived.length = 0;
    await rule({ deny: ['echo'] });
    for (const server of ['lax', 'small', 'every']) {
      for (const headers of [{}, modern, { 'mcp-session-id': 'default.theirs' }]) {
        const { status, text } = await ask(key, server, { body: batch, headers });
        expect([400, 404]).toContain(status);
        expect(text).not.toContain('out');
      }
    }
    expect(arrived.filter((body) => body.includes('"echo"'))).toEqual([]);
    await lax.close();
  });

  it('a batch in a session of the door is taken apart, and the rules hold for each call in it (T20)', async () => {
    const arrived: string[] = [];
    const batching = await startLoopbackServer(() => async (req, res) => {
      if (req.method !== 'POST') return void res.writeHead(405).end();
      const body = (await readBody(req)).toString();
      arrived.push(body);
      const { id } = readEnvelope(body) ?? {};
      if (id === undefined) return void res.writeHead(202).end();
      const result = {
        protocolVersion: '2025-03-26',
        capabilities: { tools: {} },
        serverInfo: { name: 'batching', version: '1' },
        content: [],
      };
      sendJson(res, 200, { jsonrpc: '2.0', id, result });
    });
    await drawbridge.control.addServer({ id: 'batching', url: `${batching.origin}/mcp` });
    const key = await keyOf('Cursor');
    await rule({ deny: ['echo'] });
    const begun = await startAsking(port(), key, {
      path: '/mcp/batching',
      body: JSON.stringify({
        ...{ jsonrpc: '2.0', id: 0, method: 'initialize' },
        params: { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: { name: 't' } },
      }),
    });
    begun.resume();
    const headers = { 'mcp-session-id': begun.headers['mcp-session-id']?.toString() ?? '' };
    const add = echo.replace('"echo"', '"add"').replace('"id":1', '"id":2');
    const { status, text } = await ask(key, 'batching', { headers, body: `[${echo},${add}]` });
    expect([status, JSON.parse(text)]).toEqual([
      200,
      expect.arrayContaining([
        expect.objectContaining({ id: 1, error: expect.anything() as unknown }),
        expect.objectContaining({ id: 2, result: expect.anything() as unknown }),
      ]),
    ]);
    expect(arrived.filter((body) => body.includes('"tools/call"'))).toEqual([add]);
    await batching.close();
  });

  it.each<[string, { method?: string; body?: string; headers?: Record<string, string> }, number]>([
    ['a call without a session', { body: echo }, 400],
    [
      'a call in a session of the server’s own',
      { body: echo, headers: { 'mcp-session-id': 'default.theirs' } },
      404,
    ],
    ['a modern call without headers', { body: modernEcho }, 400],
    [
      'a modern call whose headers name another tool',
      { body: modernEcho, headers: { ...modern, 'mcp-name': 'add' } },
      400,
    ],
    [
      'a modern call whose headers name another method',
      { body: modernEcho, headers: { ...modern, 'mcp-method': 'ping' } },
      400,
    ],
    ['a modern call without a version in its body', { body: echo, headers: modern }, 400],
    ['a stream without a session', { method: 'GET' }, 405],
    [
      'a stream that is taken up again',
      { method: 'GET', headers: { 'mcp-session-id': 'default.theirs', 'last-event-id': '1' } },
      404,
    ],
    ['what is no message', { body: '"tools/call"' }, 400],
  ])('%s gets nowhere past the rules', async (_what, request, status) => {
    await rule({ deny: ['echo'] });
    const answer = await ask(await keyOf('Cursor'), 'every', request);
    expect(answer.status).toBe(status);
    expect(answer.text).not.toContain('out');
  });

  it('a modern call of a tool that is switched off is refused as the specification has it', async () => {
    await rule({ deny: ['echo'] });
    const { status, text } = await ask(await keyOf('Cursor'), 'small', {
      body: modernEcho,
      headers: modern,
    });
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ id: 1, error: { code: -32602 } });
  });

  it('a modern call with pages is asked by one, whose form alone allows it', async () => {
    await rule({ approve: ['echo'] });
    const key = await keyOf('<b>Cursor</b>');
    const showing = modernEcho
      .replace('clientCapabilities":{}', 'clientCapabilities":{"elicitation":{"url":{}}}')
      .replace('"out"', '"<script>\\u202eout"');
    const { text } = await ask(key, 'small', { body: showing, headers: modern });
    const { inputRequests, requestState } = (
      JSON.parse(text) as {
        result: {
          inputRequests: Record<string, { params: { url: string } }>;
          requestState: string;
        };
      }
    ).result;
    const link = inputRequests['drawbridge-approval']?.params.url ?? '';

    const page = await browse(link);
    expect(page.status).toBe(200);
    expect(page.headers['content-security-policy']).toContain("form-action 'self'");
    expect(page.text).toContain('&#60;b&#62;Cursor&#60;/b&#62;');
    expect(page.text).toContain('&#60;script&#62;\\u202eout');
    expect(page.text).not.toContain('<script');

    for (const [headers, wish] of [
      [{ origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, '?allow'],
      [{ origin: 'null' }, '?allow'],
      [{ ...ownForm, 'sec-fetch-dest': 'iframe' }, '?allow'],
    ] as const)
      expect((await browse(link + wish, 'POST', headers)).status).toBe(403);
    expect((await browse(link, 'POST', ownForm)).status).toBe(400);
    expect((await browse(`${link}?allow`)).status).toBe(200);
    expect(waiting()).toHaveLength(1);

    const done = await browse(`${link}?allow`, 'POST', ownForm);
    expect([done.status, done.text.includes('Allowed once')]).toEqual([200, true]);
    expect((await browse(link)).status).toBe(404);
    expect((await browse(`${link}?deny`, 'POST', ownForm)).status).toBe(404);
    const retry = showing.replace(
      '"arguments"',
      `"requestState":${JSON.stringify(requestState)},"inputResponses":{"drawbridge-approval":{"action":"accept"}},"arguments"`,
    );
    const answered = await ask(key, 'small', { body: retry, headers: modern });
    expect(answered.text).toContain('out');
    expect(drawbridge.log.join('\n')).not.toContain(new URL(link).pathname);
  });
});
