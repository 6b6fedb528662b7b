/** What happens when a server wants more access for a call than the person has given? (A28, A29, T29) */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_ACCOUNT } from '../../../shared/contract/ids.ts';
import type { SignInWish } from '../../../shared/contract/sign-in-settings.ts';
import type { AccountView } from '../../../shared/contract/snapshot.ts';
import { type InProcessBroker, startInProcessBroker } from '../../doubles/in-process-broker.ts';
import { startPaperServer } from '../../doubles/paper-server.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../servers/authorization-server.ts';
import { type McpTestServer, startMcpServer } from '../../servers/mcp-server.ts';
import { openBridge, startAsking } from './open-bridge.ts';

const call = (name: string, args: object) => ({
  ...{ jsonrpc: '2.0', id: 7, method: 'tools/call' },
  params: { name, arguments: args },
});
const echo = call('echo', { message: 'hi' });
const add = call('add', { a: 2, b: 3 });

interface Reply {
  readonly result?: { isError?: boolean; content: { text: string }[] };
  readonly error?: { code: number; data?: { code?: string } };
}
const messageIn = (text: string): Reply =>
  JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? text) as Reply;

describe('a call that wants more access than was given', () => {
  const key = { server: 'one', account: DEFAULT_ACCOUNT };
  let signInService: AuthorizationServer;
  let server: McpTestServer;
  let drawbridge: InProcessBroker;
  let ask: (message: object) => Promise<{ status: number; headers: object; reply: Reply }>;

  beforeEach(async () => {
    signInService = await startAuthorizationServer({
      scopes: ['mcp:read', 'mcp:admin'],
      clients: [
        {
          client_id: 'given',
          redirect_uris: ['http://127.0.0.1/callback'],
          grant_types: ['authorization_code', 'refresh_token'],
          token_endpoint_auth_method: 'none',
          application_type: 'native',
        },
      ],
    });
    server = await startMcpServer({
      authorizationServer: signInService,
      requires: ({ name }) => (name === 'add' ? ['mcp:admin'] : ['mcp:read']),
    });
    drawbridge = await startInProcessBroker();
    const door = await drawbridge.control.makeDoorKey({ aiClient: 'test' });
    const port = Number(new URL(drawbridge.baseOfDoor).port);
    ask = async (message) => {
      const answer = await startAsking(port, door.key, { body: JSON.stringify(message) });
      const text = (await answer.toArray()).join('');
      return { status: answer.statusCode ?? 0, headers: answer.headers, reply: messageIn(text) };
    };
  });
  afterEach(async () => {
    await drawbridge[Symbol.asyncDispose]();
    await server.close();
    await signInService.close();
  });

  /** Adds the server and signs in to it, for as little as it asks for. */
  const connect = async (signIn?: SignInWish): Promise<void> => {
    if (signIn === undefined) return drawbridge.signInTo('one', server.url);
    await drawbridge.control.addServer({ id: 'one', url: server.url, signIn });
    await signInAgain();
  };
  const account = (): AccountView | undefined =>
    drawbridge.broker.snapshot().servers[0]?.accounts[0];
  const signInAgain = async (): Promise<void> => {
    await drawbridge.control.signIn(key, {});
    await expect.poll(() => account()?.state).toBe('signed-in');
  };
  const authorizations = () =>
    signInService.seen.filter(
      ({ endpoint, path }) => endpoint === 'authorization' && path.endsWith('/auth'),
    );

  it('says so to the AI client, and the account says what is asked for; no browser opens', async () => {
    await connect();
    const before = authorizations().length;

    const { status, headers, reply } = await ask(add);

    expect([status, 'www-authenticate' in headers, reply.result?.isError]).toEqual([
      200,
      false,
      true,
    ]);
    expect(reply.result?.content[0]?.text).toContain('asks for more access: mcp:admin');
    expect(account()).toMatchObject({
      state: 'needs-sign-in',
      problem: { code: 'needs-more-access', message: expect.stringContaining('mcp:admin') },
    });
    expect(authorizations()).toHaveLength(before);
    // A refresh cannot widen what was granted.
    expect(signInService.count({ grantType: 'refresh_token' })).toBe(0);
  });

  it('does not take away what was given', async () => {
    await connect();
    await ask(add);
    expect((await ask(echo)).reply.result?.content[0]?.text).toBe('hi');
  });

  const worksAfterSigningIn = async (): Promise<void> => {
    await ask(add);

    await signInAgain();

    expect((await ask(add)).reply.result?.content[0]?.text).toBe('5');
    expect((await ask(echo)).reply.result?.content[0]?.text).toBe('hi');
    expect(account()).toMatchObject({ state: 'signed-in' });
    expect(account()?.problem).toBeUndefined();
    expect(authorizations().at(-1)?.scope?.split(' ')).toEqual(
      expect.arrayContaining(['mcp:read', 'mcp:admin']),
    );
  };

  it('works once the person has signed in for it, and so does what worked before', async () => {
    await connect({ clientId: 'given' });
    await worksAfterSigningIn();
  });

  it('works where Drawbridge has registered by itself, too', async () => {
    await connect();
    await worksAfterSigningIn();
  });

  it('does not explain another refusal', async () => {
    const headers: Record<string, string> = {
      'www-authenticate': 'Bearer error="insufficient_scope", scope="a"',
    };
    await using paper = await startPaperServer(() => ({ '/mcp': { status: 403, headers } }));
    await using bridge = await openBridge({ one: `${paper.origin}/mcp` });
    await bridge.ask({ body: JSON.stringify(add) });
    delete headers['www-authenticate'];

    const { text } = await bridge.ask({ body: JSON.stringify(echo) });

    expect(text).not.toContain('more access');
  });
});

describe('a 403 for another reason', () => {
  it.each([
    ['without a challenge', undefined],
    ['with another error', 'Bearer error="invalid_request", scope="mcp:admin"'],
  ])('%s is a refusal, and nobody is asked to sign in', async (_name, challenge) => {
    await using paper = await startPaperServer(() => ({
      '/mcp': {
        status: 403,
        ...(challenge === undefined ? {} : { headers: { 'www-authenticate': challenge } }),
        body: 'canary: not for you',
      },
    }));
    await using bridge = await openBridge({ one: `${paper.origin}/mcp` });

    const { status, text, headers } = await bridge.ask({ body: JSON.stringify(add) });

    expect([status, 'www-authenticate' in headers]).toEqual([200, false]);
    expect(text).toContain('refused this request');
    expect(text).not.toMatch(/more access|sign in|canary/);
    expect(paper.seen).toHaveLength(1);
  });
});
