/** The modern era: no sessions and no handshake, every request stands for itself. */
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { sendJson } from '../loopback-server.ts';
import type { ServeMcp } from '../mcp-front.ts';
import type { CreateServer, Serving } from './serving.ts';
import { EXTENSION, registerTaskTools, undeclared } from './task-tools.ts';
import { createTasks } from './tasks.ts';

export const createExchanges = (createServer: CreateServer): Serving => {
  const tasks = createTasks();
  const handler = createMcpHandler(
    () => {
      const server = createServer(handler.notify);
      registerTaskTools(server, tasks);
      return server;
    },
    { legacy: 'reject' },
  );
  return {
    // The SDK's own types disagree with node's under exactOptionalPropertyTypes.
    serve: withTasksOnly(toNodeHandler(handler) as ServeMcp),
    close: async () => {
      tasks.close();
      await handler.close();
    },
  };
};

/** A call of the tool whose work can be nothing but a task, by a client that does not know tasks. */
const UndeclaredCall = z.object({
  id: z.union([z.string(), z.number()]),
  method: z.literal('tools/call'),
  params: z.object({
    name: z.literal('failing_job'),
    _meta: z.object({
      'io.modelcontextprotocol/clientCapabilities': z.object({
        extensions: z.object({ [EXTENSION]: z.undefined() }).optional(),
      }),
    }),
  }),
});

/** Refused here, because the SDK makes a result of whatever a tool throws. */
const withTasksOnly =
  (serve: ServeMcp): ServeMcp =>
  async (req, res, body) => {
    const call = UndeclaredCall.safeParse(body).data;
    if (call === undefined) return serve(req, res, body);
    const { code, message, data } = undeclared();
    sendJson(res, 400, { jsonrpc: '2.0', id: call.id, error: { code, message, data } });
  };
