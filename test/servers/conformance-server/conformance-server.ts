/** A server with all that the official suite asks servers for, in the one era it speaks. */
import { localhostHostValidation, localhostOriginValidation } from '@modelcontextprotocol/node';
import { type McpFront, startMcpFront } from '../mcp-front.ts';
import { createExchanges } from './exchanges.ts';
import { createFeatures } from './features.ts';
import { createSessions } from './sessions.ts';

const eras = { legacy: createSessions, modern: createExchanges };

export type Era = keyof typeof eras;

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
