/** A server with all that the official suite asks servers for, in the one era it speaks. */
import {
  localhostHostValidation,
  localhostOriginValidation,
  toNodeHandler,
} from '@modelcontextprotocol/node';
import { createMcpHandler, type McpServer } from '@modelcontextprotocol/server';
import { type McpFront, type ServeMcp, startMcpFront } from '../mcp-front.ts';
import { createFeatures } from './features.ts';
import { createSessions, type Sessions } from './sessions.ts';
import type { Changes } from './telling-tools.ts';

export type Era = 'legacy' | 'modern';

export const startConformanceServer = (era: Era): Promise<McpFront> => {
  const { serve, close } = eras[era](createFeatures());
  const isHostGood = localhostHostValidation();
  const isOriginGood = localhostOriginValidation();
  return startMcpFront(
    {},
    async (req, res, body) => {
      // Each answers by itself when it is not.
      if (isHostGood(req, res) && isOriginGood(req, res)) await serve(req, res, body);
    },
    close,
  );
};

/** No sessions and no handshake: every request stands for itself. */
const createExchanges = (createServer: (changes: Changes) => McpServer): Sessions => {
  const handler = createMcpHandler(() => createServer(handler.notify), { legacy: 'reject' });
  return {
    // The SDK's own types disagree with node's under exactOptionalPropertyTypes.
    serve: toNodeHandler(handler) as ServeMcp,
    close: handler.close,
  };
};

const eras: Readonly<Record<Era, (createServer: (changes: Changes) => McpServer) => Sessions>> = {
  legacy: createSessions,
  modern: createExchanges,
};
