/** Tools that tell something before they answer: log lines, progress, and a stream that ends too early. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { McpServer } from '@modelcontextprotocol/server';
import { says } from './content.ts';
import type { Changes } from './serving.ts';

/** Long enough for two notifications to be told apart. */
const PAUSE_MS = 50;

export const registerTellingTools = (server: McpServer, changes: Changes): void => {
  server.registerTool(
    'test_tool_with_logging',
    { description: 'Logs three lines while it works' },
    async ({ mcpReq }) => {
      await mcpReq.log('info', 'Tool execution started');
      await sleep(PAUSE_MS);
      await mcpReq.log('info', 'Tool processing data');
      await sleep(PAUSE_MS);
      await mcpReq.log('info', 'Tool execution completed');
      return says('logged');
    },
  );
  server.registerTool('test_logging_tool', { description: 'Logs one line' }, async ({ mcpReq }) => {
    await mcpReq.log('info', 'for whoever asked to hear it');
    return says('logged');
  });
  server.registerTool(
    'test_tool_with_progress',
    { description: 'Tells how far it is' },
    async ({ mcpReq }) => {
      const progressToken = mcpReq._meta?.progressToken;
      for (const progress of [0, 50, 100]) {
        if (progress > 0) await sleep(PAUSE_MS);
        if (progressToken === undefined) continue;
        await mcpReq.notify({
          method: 'notifications/progress',
          params: { progressToken, progress, total: 100 },
        });
      }
      return says('done');
    },
  );
  server.registerTool(
    'test_reconnection',
    { description: 'Ends the stream before it answers: the answer is fetched with a new one' },
    async ({ http }) => {
      await sleep(PAUSE_MS);
      http?.closeSSE?.();
      await sleep(PAUSE_MS);
      return says('fetched');
    },
  );
  server.registerTool(
    'test_trigger_tool_change',
    { description: 'Its list of tools changes' },
    () => {
      changes.toolsChanged();
      return says('told');
    },
  );
  server.registerTool(
    'test_trigger_prompt_change',
    { description: 'Its list of prompts changes' },
    () => {
      changes.promptsChanged();
      return says('told');
    },
  );
};
