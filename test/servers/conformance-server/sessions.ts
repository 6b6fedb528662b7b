/** The legacy era: a handshake, a session for each client, and streams that can be taken up again. */
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node';
import { isInitializeRequest, type McpServer } from '@modelcontextprotocol/server';
import { sendJson } from '../loopback-server.ts';
import { createEventStore } from './event-store.ts';
import type { Changes, CreateServer, Serving } from './serving.ts';

interface Session {
  readonly server: McpServer;
  readonly transport: NodeStreamableHTTPServerTransport;
}

/** How long a client waits before it comes back, as the server asks it to. */
const RETRY_MS = 200;

export const createSessions = (createServer: CreateServer): Serving => {
  const sessions = new Map<string, Session>();
  const changes: Changes = {
    toolsChanged: () => {
      for (const { server } of sessions.values()) server.sendToolListChanged();
    },
    promptsChanged: () => {
      for (const { server } of sessions.values()) server.sendPromptListChanged();
    },
  };

  const open = async (): Promise<NodeStreamableHTTPServerTransport> => {
    const server = createServer(changes);
    const transport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      eventStore: createEventStore(),
      retryInterval: RETRY_MS,
      onsessioninitialized: (id) => void sessions.set(id, { server, transport }),
      onsessionclosed: (id) => void sessions.delete(id),
    });
    await server.connect(transport);
    return transport;
  };

  return {
    serve: async (req, res, body) => {
      const id = req.headers['mcp-session-id']?.toString();
      if (id === undefined && !isInitializeRequest(body)) {
        refuse(res, 400, 'a session begins with initialize');
        return;
      }
      const transport = id === undefined ? await open() : sessions.get(id)?.transport;
      if (transport === undefined) refuse(res, 404, 'no such session');
      else await transport.handleRequest(req, res, body);
    },
    close: async () => {
      await Promise.all([...sessions.values()].map(({ server }) => server.close()));
      sessions.clear();
    },
  };
};

const refuse = (res: ServerResponse, status: number, message: string): void =>
  sendJson(res, status, { jsonrpc: '2.0', error: { code: -32000, message }, id: null });
