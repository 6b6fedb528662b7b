/** An MCP server with its authorization server, and what is asked of them again and again. */
import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { createServer } from 'node:net';
import { expect } from 'vitest';
import {
  type AuthorizationServerOptions,
  type SeenRequest,
  startAuthorizationServer,
} from '../../servers/authorization-server.ts';
import { startMcpServer } from '../../servers/mcp-server.ts';
import { failureOf, type startSigningIn } from './signing-in.ts';

export const startWorld = async (options: AuthorizationServerOptions = {}) => {
  const as = await startAuthorizationServer(options);
  const mcp = await startMcpServer({ authorizationServer: as });
  return {
    as,
    mcp,
    host: new URL(as.issuer).host,
    /** The parameters of the last request to an endpoint. */
    last: (endpoint: SeenRequest['endpoint'], grantType?: string) =>
      as.seen.findLast(
        (request) =>
          request.endpoint === endpoint &&
          (grantType === undefined || request.grantType === grantType),
      )?.params ?? {},
    [Symbol.asyncDispose]: async () => {
      await mcp.close();
      await as.close();
    },
  };
};

export type World = Awaited<ReturnType<typeof startWorld>>;
type Attempt = ReturnType<typeof startSigningIn>;

/** What `mcp` answers to a call with this token. */
export const callWith = async ({ mcp }: Pick<World, 'mcp'>, token: string): Promise<number> => {
  const answer = await fetch(mcp.url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
  });
  await answer.body?.cancel();
  return answer.status;
};

/** The link once it is known; a sign-in that ends before says why. */
export const linkOf = async (attempt: Attempt): Promise<URL> => {
  await Promise.race([once(() => attempt.links), attempt.done]);
  return new URL(attempt.links[0] ?? '');
};

/** Waits until there is one. */
export const once = async (list: () => readonly unknown[]): Promise<void> => {
  await expect.poll(list).toHaveLength(1);
};

/** How a sign-in failed that must not have shown anything to anybody. */
export const quietFailureOf = async (attempt: Attempt): Promise<unknown> => {
  const failure = await failureOf(attempt.done);
  expect([attempt.opened, attempt.links, attempt.deviceCodes, attempt.kept]).toEqual([
    [],
    [],
    [],
    [],
  ]);
  return failure;
};

/** What a failure shows a person, all of it. */
export const shown = (failure: unknown): string => {
  const { message = '', hint = '' } = failure as { message?: string; hint?: string };
  return `${message} ${hint}`;
};

/** The challenge that belongs to a PKCE verifier (RFC 7636 section 4.2). */
export const challengeOf = (verifier: string): string =>
  createHash('sha256').update(verifier).digest('base64url');

/** A port that was free a moment ago. */
export const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return typeof address === 'object' && address !== null ? address.port : 0;
};

/** The part of a key that a server is given. */
export const publicJwk = (key: KeyObject): JsonWebKey & { kty: string } => ({
  kty: '',
  ...(key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' }),
});
