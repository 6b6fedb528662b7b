/** The official "everything" server, which speaks the legacy era with sessions, behind the same front. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { createServer } from '@modelcontextprotocol/server-everything/dist/server/index.js';
import { sendJson } from './loopback-server.ts';
import { type McpFront, type McpFrontOptions, startMcpFront } from './mcp-front.ts';

export interface EverythingServer extends McpFront {
  /** Sessions now open. */
  readonly sessions: () => readonly string[];
  /** The server forgets its sessions, as after a restart: clients get 404 and must initialize again. */
  readonly forgetSessions: () => Promise<void>;
}

interface Session {
  readonly transport: StreamableHTTPServerTransport;
  readonly cleanup: (sessionId?: string) => void;
}

export const startEverythingServer = async (
  options: McpFrontOptions = {},
): Promise<EverythingServer> => {
  const sessions = new Map<string, Session>();

  const openSession = async (): Promise<StreamableHTTPServerTransport> => {
    const { server, cleanup } = createServer();
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (id) => void sessions.set(id, { transport, cleanup }),
    });
    server.server.onclose = () => {
      const id = transport.sessionId;
      if (id !== undefined) sessions.delete(id);
      // It stops the timers of simulated logging; without it they outlive the test.
      cleanup(id);
    };
    await server.connect(transport);
    return transport;
  };

  const serve = async (req: IncomingMessage, res: ServerResponse, body: unknown): Promise<void> => {
    const id = req.headers['mcp-session-id']?.toString();
    const transport = id === undefined ? await openSession() : sessions.get(id)?.transport;
    if (transport === undefined) {
      sendJson(res, 404, {
        jsonrpc: '2.0',
        error: { code: -32001, message: 'Session not found' },
        id: null,
      });
      return;
    }
    await transport.handleRequest(req, res, body);
    // A request that was no initialize opened nothing worth keeping.
    if (id === undefined && transport.sessionId === undefined) await transport.close();
  };

  const forgetSessions = async (): Promise<void> => {
    await Promise.all([...sessions.values()].map(({ transport }) => transport.close()));
    sessions.clear();
  };

  const front = await startMcpFront(options, serve, forgetSessions);
  return { ...front, sessions: () => [...sessions.keys()], forgetSessions };
};
