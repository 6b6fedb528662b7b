/** A server with all that the official suite asks servers for, in the eras that it speaks. */
import {
  localhostHostValidation,
  localhostOriginValidation,
  toWebRequest,
} from '@modelcontextprotocol/node';
import { isLegacyRequest } from '@modelcontextprotocol/server';
import { type McpFront, startMcpFront } from '../mcp-front.ts';
import { createExchanges } from './exchanges.ts';
import { createFeatures } from './features.ts';
import type { CreateServer, Serving } from './serving.ts';
import { createSessions } from './sessions.ts';

export type Era = 'legacy' | 'modern';

export const startConformanceServer = async (eras: Era | 'dual'): Promise<McpFront> => {
  const { serve, close } = servings[eras](await createFeatures());
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

/** Every request is served in the era that it is of. */
const createDual = (createServer: CreateServer): Serving => {
  const sessions = createSessions(createServer);
  const exchanges = createExchanges(createServer);
  return {
    serve: async (req, res, body) => {
      // The SDK's own types disagree with node's under exactOptionalPropertyTypes.
      const request = await toWebRequest(req as Parameters<typeof toWebRequest>[0], body);
      const legacy = await isLegacyRequest(request, body);
      await (legacy ? sessions : exchanges).serve(req, res, body);
    },
    close: async () => {
      await Promise.all([sessions.close(), exchanges.close()]);
    },
  };
};

const servings: Readonly<Record<Era | 'dual', (createServer: CreateServer) => Serving>> = {
  legacy: createSessions,
  modern: createExchanges,
  dual: createDual,
};
