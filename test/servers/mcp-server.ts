/** A real MCP server on the official SDK 2.x, both eras, optionally behind an authorization server. */
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { type McpFront, type McpFrontOptions, type ServeMcp, startMcpFront } from './mcp-front.ts';
import { createToolServerFactory } from './mcp-tools.ts';

export interface McpServerOptions extends McpFrontOptions {
  /** By itself both; the legacy one is served without sessions. */
  readonly eras?: 'both' | 'modern';
  /** It has what goes beyond tools as well (`mcp-conversation.ts`). */
  readonly converses?: boolean;
}

export interface McpTestServer extends McpFront {
  /** A tool appears, and whoever listens is told that the list changed. */
  readonly addTool: (name: string) => void;
  /** A tool added before goes away, and whoever listens is told. */
  readonly removeTool: (name: string) => void;
  /** Whoever listens to this resource is told that it has changed. */
  readonly touch: (uri: string) => void;
  /** How many calls of `slow` were given up. */
  readonly givenUp: () => number;
}

export const startMcpServer = async ({
  eras = 'both',
  converses = false,
  ...options
}: McpServerOptions = {}): Promise<McpTestServer> => {
  const extraTools = new Set<string>();
  let givenUp = 0;
  let origin = '';
  const shown = options.picture === undefined ? {} : { icons: () => [{ src: `${origin}/icon` }] };
  const onGivenUp = (): void => void (givenUp += 1);
  const handler = createMcpHandler(
    createToolServerFactory(extraTools, { converses, onGivenUp, ...shown }),
    {
      legacy: eras === 'both' ? 'stateless' : 'reject',
    },
  );
  // The SDK's own types disagree with node's under exactOptionalPropertyTypes.
  const serve = toNodeHandler(handler) as ServeMcp;
  const front = await startMcpFront(options, serve, handler.close);
  origin = front.origin;
  return {
    ...front,
    addTool: (name) => {
      extraTools.add(name);
      handler.notify.toolsChanged();
    },
    touch: handler.notify.resourceUpdated,
    givenUp: () => givenUp,
    removeTool: (name) => {
      if (extraTools.delete(name)) handler.notify.toolsChanged();
    },
  };
};
