/** A real server of 2024-11-05: HTTP+SSE, on the official SDK 1.x, with the "everything" server behind it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { createServer } from '@modelcontextprotocol/server-everything/dist/server/index.js';
import { type McpFront, type McpFrontOptions, startMcpFront } from './mcp-front.ts';

export interface OldServer extends McpFront {
  /** The streams break off, as when the server is started again. */
  readonly dropStreams: () => Promise<void>;
}

/** Messages are posted to the address of the stream itself, with the session in its query. */
export const startOldServer = async (options: McpFrontOptions = {}): Promise<OldServer> => {
  const sessions = new Map<
    string,
    { readonly transport: SSEServerTransport; readonly cleanup: (id?: string) => void }
  >();

  const open = async (res: ServerResponse): Promise<void> => {
    const { server, cleanup } = createServer();
    const transport = new SSEServerTransport('/mcp', res);
    sessions.set(transport.sessionId, { transport, cleanup });
    server.server.onclose = () => {
      sessions.delete(transport.sessionId);
      cleanup(transport.sessionId);
    };
    await server.connect(transport);
  };

  const serve = async (req: IncomingMessage, res: ServerResponse, body: unknown): Promise<void> => {
    if (req.method === 'GET') return open(res);
    const id = new URL(req.url ?? '/', 'http://localhost').searchParams.get('sessionId');
    const session = id === null ? undefined : sessions.get(id);
    // A POST without a session is what shows newer clients that this is an old server.
    if (session === undefined) res.writeHead(405).end();
    else await session.transport.handlePostMessage(req, res, body);
  };

  const dropStreams = async (): Promise<void> => {
    await Promise.all([...sessions.values()].map(({ transport }) => transport.close()));
  };
  const front = await startMcpFront(options, serve, dropStreams);
  return { ...front, dropStreams };
};
