import { afterAll, describe, expect, it } from 'vitest';
import { createNet } from '../../../broker/net/guarded-fetch.ts';
import { knock, knocks } from '../../../broker/net/knock.ts';
import { askWithoutToken } from '../../../broker/oauth/challenge-request.ts';
import { createVirtualClock } from '../../doubles/clock.ts';
import { type Sheet, startPaperServer } from '../../doubles/paper-server.ts';
import { readBody, sendJson, startLoopbackServer } from '../../servers/loopback-server.ts';
import { startMcpServer } from '../../servers/mcp-server.ts';

const net = createNet(createVirtualClock());
const fetch = net.fetchFor('loopback');
afterAll(net.close);

/** A server that answers by method, and what it was asked. */
const startByMethod = async (answers: Readonly<Record<string, Sheet>>) => {
  const asked: string[] = [];
  const server = await startLoopbackServer(() => async (req, res) => {
    const { method } = JSON.parse((await readBody(req)).toString()) as { method: string };
    asked.push(method);
    const { status = 200, headers = {}, body = {} } = answers[method] ?? { status: 404 };
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
    sendJson(res, status, body);
  });
  return { ...server, asked };
};

const challenge = { status: 401, headers: { 'www-authenticate': 'Bearer scope="x"' } };

describe('a knock (T2)', () => {
  it('is understood by a real server in the words of either era', async () => {
    await using mcp = await startMcpServer();
    const answers = [];
    for (const request of knocks) {
      const answer = await knock(fetch, new URL(mcp.url), request);
      await answer.text();
      answers.push(answer.status);
    }
    expect(answers).toEqual([200, 200]);
    expect(mcp.seen.map(({ method, protocolVersion }) => [method, protocolVersion])).toEqual([
      ['server/discover', '2026-07-28'],
      ['initialize', undefined],
    ]);
  });

  it('ends the session that it opens (T15), and minds no server that does not let it', async () => {
    await using paper = await startPaperServer(() => ({
      '/mcp': { headers: { 'mcp-session-id': 'opened-1' }, body: {} },
    }));

    const [, initialize] = knocks;
    await knock(fetch, new URL(`${paper.origin}/mcp`), initialize as (typeof knocks)[number]);

    await expect.poll(() => paper.seen.map(({ method }) => method)).toEqual(['POST', 'DELETE']);
    expect(paper.seen[1]?.headers).toMatchObject({ 'mcp-session-id': 'opened-1' });
  });

  it('says which ways to sign in we know beyond the usual, in both eras (X5)', async () => {
    await using paper = await startPaperServer(() => ({ '/mcp': { status: 404 } }));
    await askWithoutToken(fetch, new URL(`${paper.origin}/mcp`));
    expect(paper.seen).toHaveLength(2);
    for (const { body } of paper.seen) {
      expect(body).toContain('"io.modelcontextprotocol/oauth-client-credentials":{}');
      expect(body).toContain('"io.modelcontextprotocol/enterprise-managed-authorization":{}');
    }
  });

  it('carries no token', async () => {
    await using paper = await startPaperServer(() => ({ '/mcp': { status: 404 } }));
    await askWithoutToken(fetch, new URL(`${paper.origin}/mcp`));
    expect(paper.seen.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
  });
});

describe('asking without a token', () => {
  it('hears the challenge of a server that lets anybody initialize', async () => {
    await using server = await startByMethod({ 'server/discover': challenge, initialize: {} });
    expect(await askWithoutToken(fetch, new URL(server.origin))).toBe('Bearer scope="x"');
    expect(server.asked).toEqual(['server/discover']);
  });

  it('hears the challenge of a server that knows only initialize', async () => {
    await using server = await startByMethod({ initialize: challenge });
    expect(await askWithoutToken(fetch, new URL(server.origin))).toBe('Bearer scope="x"');
    expect(server.asked).toEqual(['server/discover', 'initialize']);
  });

  it.each<[string, Readonly<Record<string, Sheet>>]>([
    ['a refusal that says nothing', { 'server/discover': { status: 401 } }],
    ['nothing refused', { 'server/discover': {}, initialize: {} }],
    ['another refusal', { 'server/discover': { status: 403 }, initialize: { status: 400 } }],
  ])('hears nothing in %s', async (_name, answers) => {
    await using server = await startByMethod(answers);
    expect(await askWithoutToken(fetch, new URL(server.origin))).toBeNull();
  });
});
