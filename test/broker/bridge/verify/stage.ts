/** A broker whose HTTP door takes tokens, before a server that it has signed in to itself. */
import { type IncomingHttpHeaders, request } from 'node:http';
import type { BrokerOptions } from '../../../../broker/broker.ts';
import type { DoorSettings } from '../../../../shared/contract/door.ts';
import { type InProcessBroker, startInProcessBroker } from '../../../doubles/in-process-broker.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../../servers/authorization-server.ts';
import { hashToken } from '../../../servers/mcp-front.ts';
import { type McpTestServer, startMcpServer } from '../../../servers/mcp-server.ts';
import { startAsking } from '../open-bridge.ts';

export interface Stage extends AsyncDisposable {
  readonly drawbridge: InProcessBroker;
  /** Where the upstream server's own tokens come from. */
  readonly upstreamIssuer: AuthorizationServer;
  readonly server: McpTestServer;
  /** The address of the server `one` at the door: whom tokens are for. */
  readonly resource: string;
  /** Sets it all: by itself everything is open to everybody with a good token. */
  readonly set: (settings: Partial<DoorSettings>) => Promise<unknown>;
  /** What comes of one request with this token, or with none. */
  readonly ask: (token: string | undefined, asking?: Asking) => Promise<Answer>;
  /** The same data folder with a broker that has just started. */
  readonly restart: () => Promise<Restarted>;
  /** Whether any request that reached the server had the token of a caller. */
  readonly reachedUpstream: (token: string) => boolean;
}

export interface Restarted extends AsyncDisposable {
  readonly drawbridge: InProcessBroker;
  /** The status of one request there. */
  readonly askAt: (
    at: { readonly host: string; readonly port: number },
    token: string,
    headers: Record<string, string>,
  ) => Promise<number>;
}

export interface Asking {
  readonly method?: string;
  readonly path?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly challenge: string;
  readonly text: string;
}

export const everybody: DoorSettings['callers'] = [{ anyone: true, servers: 'every' }];

export const list = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';
export const initialize = JSON.stringify({
  ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'its-own-word', version: '1' },
  },
});

export const startStage = async (options: Pick<BrokerOptions, 'policy'> = {}): Promise<Stage> => {
  const upstreamIssuer = await startAuthorizationServer();
  const server = await startMcpServer({ authorizationServer: upstreamIssuer });
  const drawbridge = await startInProcessBroker(options);
  await drawbridge.signInTo('one', server.url);
  const { port, origin } = new URL(drawbridge.baseOfDoor);
  return {
    ...{ drawbridge, upstreamIssuer, server },
    resource: `${origin}/mcp/one`,
    set: (settings) =>
      drawbridge.control.changeDoor({ callers: everybody, proxies: [], ...settings }),
    ask: async (token, { method = 'POST', path = '/mcp/one', body = initialize, headers } = {}) => {
      const answer = await startAsking(Number(port), '', {
        ...{ method, path },
        ...(method === 'POST' ? { body } : {}),
        headers: {
          authorization: token === undefined ? '' : `Bearer ${token}`,
          ...headers,
        },
      });
      let text = '';
      for await (const chunk of answer) text += String(chunk);
      return {
        status: answer.statusCode ?? 0,
        headers: answer.headers,
        challenge: answer.headers['www-authenticate'] ?? '',
        text,
      };
    },
    restart: async () => {
      await drawbridge.broker.stop();
      const again = await startInProcessBroker({ dataFolder: drawbridge.dataFolder });
      return {
        drawbridge: again,
        askAt: (at, token, headers) => statusAt(at, token, headers),
        [Symbol.asyncDispose]: () => again.broker.stop(),
      };
    },
    reachedUpstream: (token) =>
      server.seen.some(
        ({ tokenHash, path, headers }) =>
          tokenHash === hashToken(token) || JSON.stringify([path, headers]).includes(token),
      ),
    [Symbol.asyncDispose]: async () => {
      await drawbridge[Symbol.asyncDispose]();
      await server.close();
      await upstreamIssuer.close();
    },
  };
};

const statusAt = (
  at: { readonly host: string; readonly port: number },
  token: string,
  headers: Record<string, string>,
): Promise<number> =>
  new Promise((resolve, reject) => {
    const sent = request({
      ...{ ...at, method: 'POST', path: '/mcp/one', agent: false },
      headers: {
        ...{ authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...{ accept: 'application/json, text/event-stream', ...headers },
      },
    });
    sent.once('response', (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.once('error', reject);
    sent.end(initialize);
  });

/** How a challenge names where the metadata is. */
export const metadataOf = (resource: string): string => {
  const { origin, pathname } = new URL(resource);
  return `resource_metadata="${origin}/.well-known/oauth-protected-resource${pathname}"`;
};
