/** The main job with the built product in processes of its own, real servers and the official clients. */
import { describe, expect, it } from 'vitest';
import { startAuthorizationServer } from '../servers/authorization-server.ts';
import { startEverythingServer } from '../servers/everything-server.ts';
import { startMcpServer } from '../servers/mcp-server.ts';
import { type AiClient, aiClients } from './ai-clients.ts';
import { runDrawbridge, until } from './running-drawbridge.ts';

/** The servers that stand for all, and a tool of each with what it answers. */
const servers = {
  'a server on SDK 2.x': {
    start: startMcpServer,
    tool: 'add',
    args: { a: 19, b: 23 },
    answer: '42',
  },
  'server-everything on SDK 1.x': {
    start: startEverythingServer,
    tool: 'echo',
    args: { message: 'over the bridge' },
    answer: 'over the bridge',
  },
} as const;

describe.each(Object.entries(servers))('%s', (_name, { start, tool, args, answer }) => {
  it.each(Object.entries(aiClients))('is listed and called by %s', async (_client, open) => {
    await using signInService = await startAuthorizationServer();
    await using server = await start({ authorizationServer: signInService });
    await using drawbridge = await runDrawbridge();
    await drawbridge.run('add', server.url, '--id', 'there');
    await drawbridge.signIn('there');

    await using client: AiClient = await open(drawbridge, 'there');

    expect(await client.tools()).toContain(tool);
    expect(await client.call(tool, args)).toContain(answer);
  });
});

it('outlives the access token twice and a crash, with one sign-in', {
  timeout: 60_000,
}, async () => {
  await using signInService = await startAuthorizationServer({ accessTokenSeconds: 6 });
  await using server = await startMcpServer({ authorizationServer: signInService });
  await using drawbridge = await runDrawbridge();
  await drawbridge.run('add', server.url, '--id', 'there');
  await drawbridge.signIn('there');
  const open = aiClients['SDK 2.x (auto) over the shim'];
  if (open === undefined) throw new Error('the client is gone');
  await using connected = await open(drawbridge, 'there');

  const renewals = () => signInService.count({ endpoint: 'token', grantType: 'refresh_token' });
  const answered = () => signInService.count({ grantType: 'refresh_token', status: 200 });
  await until(() => (renewals() >= 2 ? true : undefined), 20_000, 'two renewals');
  expect(await connected.call('add', { a: 1, b: 1 })).toContain('2');

  // Not in the middle of one: what is lost then, no program can keep (test/faults/kill-in-renewal.test.ts).
  const before = answered();
  await until(() => (answered() > before ? true : undefined), 10_000, 'another renewal');
  await new Promise((resolve) => setTimeout(resolve, 500));
  await drawbridge.stop('SIGKILL');
  await drawbridge.start();
  await using again = await open(drawbridge, 'there');
  expect(await again.call('add', { a: 2, b: 2 })).toContain('4');

  const refused = signInService.seen.filter(({ status }) => (status ?? 0) >= 400);
  expect(refused).toEqual([]);
  expect(signInService.count({ endpoint: 'token', grantType: 'authorization_code' })).toBe(1);
  // The one 401 is the question that starts a sign-in; no call of a client was answered so.
  expect(
    server.seen.filter(({ status, tokenHash }) => status === 401 && tokenHash !== undefined),
  ).toEqual([]);
});

it('renews once for a token that was revoked, and the call succeeds', async () => {
  await using signInService = await startAuthorizationServer();
  await using server = await startMcpServer({ authorizationServer: signInService });
  await using drawbridge = await runDrawbridge();
  await drawbridge.run('add', server.url, '--id', 'there');
  await drawbridge.signIn('there');
  const open = aiClients['SDK 2.x (auto) over the HTTP door'];
  if (open === undefined) throw new Error('the client is gone');
  await using client = await open(drawbridge, 'there');
  // Refused within seconds of its issue a token counts as fresh, and a renewal as pointless.
  await new Promise((resolve) => setTimeout(resolve, 21_000));

  signInService.revokeAccessTokens();
  const sum = await client.call('add', { a: 3, b: 4 });

  expect(sum).toContain('7');
  expect(signInService.count({ endpoint: 'token', grantType: 'refresh_token' })).toBe(1);
}, 40_000);
