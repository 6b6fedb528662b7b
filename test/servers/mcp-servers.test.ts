/** Do the official clients of both SDK lines find real MCP servers here, with and without a token? */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Client,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { expect, test } from 'vitest';
import { startAuthorizationServer } from './authorization-server.ts';
import { startEverythingServer } from './everything-server.ts';
import { hashToken } from './mcp-front.ts';
import { startMcpServer } from './mcp-server.ts';
import { signInByHand } from './oauth-by-hand.ts';

const clientInfo = { name: 'self-test', version: '1.0.0' };

const connect = async (url: string, token: string | undefined, mode: 'auto' | 'legacy') => {
  const client = new Client(clientInfo, { versionNegotiation: { mode } });
  const authProvider = { token: async () => token };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { authProvider }));
  return client;
};

const connectLegacySdk = async (url: string, token: string) => {
  const client = new LegacyClient(clientInfo);
  const transport = new LegacyTransport(new URL(url), {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
  });
  await client.connect(transport);
  return client;
};

const post = (url: string, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  });

test('the small server serves both eras and both SDKs with a token', async () => {
  await using as = await startAuthorizationServer();
  await using server = await startMcpServer({ authorizationServer: as });
  const { tokens } = await signInByHand(as.issuer, { resource: server.url, account: 'grace' });

  const modern = await connect(server.url, tokens.access_token, 'auto');
  expect(modern.getNegotiatedProtocolVersion()).toBe('2026-07-28');
  const legacy = await connect(server.url, tokens.access_token, 'legacy');
  const old = await connectLegacySdk(server.url, tokens.access_token);
  for (const client of [modern, legacy, old]) {
    const sum = await client.callTool({ name: 'add', arguments: { a: 2, b: 3 } });
    expect(sum).toMatchObject({ structuredContent: { sum: 5 } });
    const who = await client.callTool({ name: 'whoami', arguments: {} });
    expect(who).toMatchObject({ content: [{ text: 'grace' }] });
    const read = await client.readResource({ uri: 'test://greeting' });
    expect(read.contents).toMatchObject([{ text: 'Hello' }]);
    const prompt = await client.getPrompt({ name: 'summarise', arguments: { topic: 'bridges' } });
    expect(prompt.messages).toMatchObject([{ content: { text: 'Summarise bridges' } }]);
    await client.close();
  }
  const calls = server.seen.filter(({ name }) => name === 'whoami');
  expect(calls).toHaveLength(3);
  expect(calls[0]).toMatchObject({
    method: 'tools/call',
    status: 200,
    tokenHash: hashToken(tokens.access_token),
  });
  expect(JSON.stringify(server.seen)).not.toContain(tokens.access_token);
});

test('the everything server serves the legacy era with sessions behind the same check', async () => {
  await using as = await startAuthorizationServer();
  await using server = await startEverythingServer({ authorizationServer: as });
  const { tokens } = await signInByHand(as.issuer, { resource: server.url });

  for (const client of [
    await connect(server.url, tokens.access_token, 'auto'),
    await connect(server.url, tokens.access_token, 'legacy'),
    await connectLegacySdk(server.url, tokens.access_token),
  ]) {
    const echo = await client.callTool({ name: 'echo', arguments: { message: 'hi' } });
    expect(echo).toMatchObject({ content: [{ text: 'Echo: hi' }] });
    await client.close();
  }
  expect(server.sessions()).toHaveLength(3);
  const [session = ''] = server.sessions();
  await server.forgetSessions();
  const gone = await post(server.url, {
    authorization: `Bearer ${tokens.access_token}`,
    'mcp-session-id': session,
  });
  expect(gone.status).toBe(404);
});

test('an open server asks nobody', async () => {
  await using server = await startMcpServer();
  const client = await connect(server.url, undefined, 'auto');
  const who = await client.callTool({ name: 'whoami', arguments: {} });
  expect(who).toMatchObject({ content: [{ text: 'nobody' }] });
  await client.close();
});

test('progress, a question and a failing tool reach a modern client', async () => {
  await using server = await startMcpServer();
  const client = new Client(clientInfo, {
    versionNegotiation: { mode: 'auto' },
    capabilities: { elicitation: { form: {} } },
  });
  client.setRequestHandler('elicitation/create', () => ({
    action: 'accept',
    content: { confirm: true },
  }));
  await client.connect(new StreamableHTTPClientTransport(new URL(server.url)));

  const steps: number[] = [];
  const slow = await client.callTool(
    { name: 'slow', arguments: { steps: 3, stepMs: 10 } },
    { onprogress: ({ progress }) => steps.push(progress) },
  );
  expect(slow).toMatchObject({ content: [{ text: 'done in 3 steps' }] });
  expect(steps).toEqual([1, 2, 3]);
  expect(await client.callTool({ name: 'ask', arguments: {} })).toMatchObject({
    content: [{ text: 'confirmed' }],
  });
  expect(await client.callTool({ name: 'fail', arguments: {} })).toMatchObject({ isError: true });
  await client.close();
});

test('a tool that comes later is announced', async () => {
  await using server = await startMcpServer();
  let changed = (_names: string[]): void => undefined;
  const announced = new Promise<string[]>((resolve) => {
    changed = resolve;
  });
  const client = new Client(clientInfo, {
    versionNegotiation: { mode: 'auto' },
    listChanged: {
      tools: { onChanged: (_error, tools) => changed((tools ?? []).map(({ name }) => name)) },
    },
  });
  await client.connect(new StreamableHTTPClientTransport(new URL(server.url)));
  server.addTool('latecomer');
  expect(await announced).toContain('latecomer');
  await client.close();
});

for (const start of [startMcpServer, startEverythingServer]) {
  test(`${start.name}: the challenge leads to metadata that leads to the issuer`, async () => {
    await using as = await startAuthorizationServer();
    await using server = await start({ authorizationServer: as });
    const refused = await post(server.url);
    const metadataUrl = `${server.origin}/.well-known/oauth-protected-resource/mcp`;
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe(
      `Bearer scope="mcp:read mcp:tools", resource_metadata="${metadataUrl}"`,
    );
    expect(await (await fetch(metadataUrl)).json()).toMatchObject({
      resource: server.url,
      authorization_servers: [as.issuer],
      scopes_supported: ['mcp:read', 'mcp:tools'],
      bearer_methods_supported: ['header'],
    });
    expect((await fetch(`${server.origin}/.well-known/oauth-protected-resource`)).status).toBe(404);
  });
}

test('refuses tokens that are expired, revoked, foreign, forged, too small or simply unlucky', async () => {
  await using as = await startAuthorizationServer({ accessTokenSeconds: 1 });
  await using server = await startMcpServer({ authorizationServer: as });
  const tryToken = async (token: string) => {
    const response = await post(server.url, { authorization: `Bearer ${token}` });
    const challenge = response.headers.get('www-authenticate') ?? '';
    return `${response.status} ${/error="(\w+)"/.exec(challenge)?.[1] ?? ''}`.trim();
  };
  const signIn = async (scope?: string, resource = server.url) => {
    const { tokens } = await signInByHand(as.issuer, {
      resource,
      ...(scope === undefined ? {} : { scope }),
    });
    return tokens.access_token;
  };

  const shortLived = await signIn();
  expect(await tryToken(shortLived)).toBe('200');
  await sleep(1100);
  expect(await tryToken(shortLived)).toBe('401 invalid_token');

  as.lifetimes.accessTokenSeconds = 60;
  const good = await signIn();
  server.misbehave.refuseTokens(1);
  expect(await tryToken(good)).toBe('401 invalid_token');
  expect(await tryToken(good)).toBe('200');
  expect(await tryToken(await signIn(undefined, 'http://127.0.0.1:9/other'))).toBe(
    '401 invalid_token',
  );
  expect(await tryToken(await signIn('mcp:read'))).toBe('403 insufficient_scope');
  expect(await tryToken(`${good.slice(0, -6)}AAAAAA`)).toBe('401 invalid_token');
  as.revokeAll();
  expect(await tryToken(good)).toBe('401 invalid_token');
});

test('can answer badly, in the challenge and in the metadata too', async () => {
  await using as = await startAuthorizationServer();
  await using server = await startMcpServer({
    authorizationServer: as,
    challenge: 'without-metadata',
    metadataAt: 'root',
  });
  expect((await post(server.url)).headers.get('www-authenticate')).toBe(
    'Bearer scope="mcp:read mcp:tools"',
  );
  const metadataUrl = `${server.origin}/.well-known/oauth-protected-resource`;
  server.misbehave.metadata('another-resource', { times: 1 });
  expect(await (await fetch(metadataUrl)).json()).toMatchObject({
    resource: 'https://somebody-else.invalid/mcp',
  });
  server.misbehave.metadata('missing', { times: 1 });
  expect((await fetch(metadataUrl)).status).toBe(404);
  server.misbehave.answer('unavailable', { times: 1, retryAfter: 1 });
  expect((await post(server.url)).headers.get('retry-after')).toBe('1');
  server.misbehave.answer('reset', { times: 1 });
  await expect(post(server.url)).rejects.toThrow('fetch failed');
  await expect(connect(server.url, undefined, 'auto')).rejects.toThrow(UnauthorizedError);
});

test('a server that knows only an API key', async () => {
  const staticHeader = { name: 'X-Api-Key', value: 'fake-key-for-tests-only' };
  await using server = await startMcpServer({ staticHeader });
  expect((await post(server.url)).status).toBe(401);
  expect((await post(server.url, { 'x-api-key': staticHeader.value })).status).toBe(200);
  expect(JSON.stringify(server.seen)).not.toContain(staticHeader.value);
});
