/** Do the official SDK's clients sign in at a door that takes tokens, and then work as at any server? */
import {
  Client,
  type OAuthClientProvider,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from '@modelcontextprotocol/client';
import { UnauthorizedError as OldUnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { consentByScript } from '../../../servers/authorization-server/consent-by-script.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../../servers/authorization-server.ts';
import { startLoopbackServer } from '../../../servers/loopback-server.ts';
import { type Stage, startStage } from './stage.ts';

let stage: Stage;
let issuer: AuthorizationServer;
beforeEach(async () => {
  stage = await startStage();
  issuer = await startAuthorizationServer();
  await stage.set({
    verify: { kind: 'jwks', issuer: issuer.issuer, scopes: ['mcp:read'] },
    callers: [{ subject: 'ada', servers: ['one'] }],
  });
});
afterEach(async () => {
  await stage[Symbol.asyncDispose]();
  await issuer.close();
});

interface Signing {
  readonly provider: OAuthClientProvider;
  readonly visited: () => URL;
  readonly token: () => string;
}

/** What an AI client keeps of a sign-in, with a browser that presses Allow when it is sent there. */
const signingIn = (redirect: string): Signing => {
  const kept: {
    client?: Awaited<ReturnType<OAuthClientProvider['clientInformation']>>;
    tokens?: Awaited<ReturnType<OAuthClientProvider['tokens']>>;
    verifier?: string;
    page?: URL;
  } = {};
  return {
    visited: () => kept.page as URL,
    token: () => kept.tokens?.access_token ?? '',
    provider: {
      redirectUrl: redirect,
      clientMetadata: {
        ...{ client_name: 'An AI client', redirect_uris: [redirect], response_types: ['code'] },
        grant_types: ['authorization_code', 'refresh_token'],
        ...{ token_endpoint_auth_method: 'none', application_type: 'native' },
      },
      clientInformation: () => kept.client,
      saveClientInformation: (client) => void (kept.client = client),
      tokens: () => kept.tokens,
      saveTokens: (tokens) => void (kept.tokens = tokens),
      redirectToAuthorization: (page) => void (kept.page = page),
      saveCodeVerifier: (verifier) => void (kept.verifier = verifier),
      codeVerifier: () => kept.verifier ?? '',
    },
  };
};

const answerOf = async (page: URL): Promise<URLSearchParams> =>
  new URL((await consentByScript(page.href)).callback).searchParams;

const newClients = {
  'SDK 2.x, any era': { mode: 'auto' },
  'SDK 2.x, legacy era': { mode: 'legacy' },
} as const;

const add = { name: 'add', arguments: { a: 2, b: 3 } };
const isFive = { content: [{ type: 'text', text: '5' }] };

describe.each(Object.entries(newClients))('%s', (_name, versionNegotiation) => {
  it('is sent to sign in, comes back with a token for this door, and calls', async () => {
    await using callback = await startLoopbackServer(() => (_req, res) => void res.end('done'));
    const signing = signingIn(`${callback.origin}/callback`);
    const connect = async () => {
      const transport = new StreamableHTTPClientTransport(new URL(stage.resource), {
        authProvider: signing.provider,
      });
      const client = new Client({ name: 'its-own-word', version: '1' }, { versionNegotiation });
      return { transport, client };
    };
    const first = await connect();
    await expect(first.client.connect(first.transport)).rejects.toBeInstanceOf(UnauthorizedError);
    expect(signing.visited().searchParams.get('resource')).toBe(stage.resource);
    expect(signing.visited().searchParams.get('scope')).toContain('mcp:read');
    await first.transport.finishAuth(await answerOf(signing.visited()));

    const { client, transport } = await connect();
    await client.connect(transport);
    expect(await client.callTool(add)).toMatchObject(isFive);
    await client.close();
    expect(stage.reachedUpstream(signing.token())).toBe(false);
    const { aiClients } = await stage.drawbridge.control.activity({});
    expect(aiClients).toContain('ada');
  });
});

it('SDK 1.x is sent to sign in, comes back with a token for this door, and calls', async () => {
  await using callback = await startLoopbackServer(() => (_req, res) => void res.end('done'));
  const signing = signingIn(`${callback.origin}/callback`);
  const connect = () => ({
    client: new OldClient({ name: 'its-own-word', version: '1' }),
    transport: new OldTransport(new URL(stage.resource), {
      authProvider: signing.provider,
    }),
  });
  const first = connect();
  await expect(first.client.connect(first.transport)).rejects.toBeInstanceOf(OldUnauthorizedError);
  await first.transport.finishAuth((await answerOf(signing.visited())).get('code') ?? '');
  const { client, transport } = connect();
  await client.connect(transport);
  expect(await client.callTool(add)).toMatchObject(isFive);
  await client.close();
  expect(stage.reachedUpstream(signing.token())).toBe(false);
});
