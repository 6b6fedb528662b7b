/** What can the small MCP server do? A few things whose answers a test can predict. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  acceptedContent,
  inputRequired,
  McpServer,
  type McpServerFactory,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { addConversation } from './mcp-conversation.ts';

const text = (value: string) => ({ content: [{ type: 'text' as const, text: value }] });
const Confirmation = z.object({ confirm: z.boolean() });

interface ToolServerOptions {
  /** It has what goes beyond tools as well (`mcp-conversation.ts`). */
  readonly converses?: boolean;
  /** The pictures by which it shows itself. */
  readonly icons?: () => { src: string }[];
  /** Told of each call of `slow` that was given up. */
  readonly onGivenUp?: () => void;
}

/** `extraTools` is read for every request, so tools may come and go. */
export const createToolServerFactory =
  (
    extraTools: ReadonlySet<string>,
    { converses = false, icons, onGivenUp }: ToolServerOptions = {},
  ): McpServerFactory =>
  () => {
    const more = converses ? { logging: {}, resources: { subscribe: true } } : {};
    const server = new McpServer(
      {
        ...{ name: 'drawbridge-test-server', version: '1.0.0' },
        ...(icons === undefined ? {} : { icons: icons() }),
      },
      {
        capabilities: { tools: { listChanged: true }, ...more },
        instructions: 'A server for tests.',
      },
    );
    if (converses) addConversation(server);

    server.registerTool(
      'add',
      {
        title: 'Add',
        description: 'Adds two numbers',
        inputSchema: z.object({ a: z.number(), b: z.number() }),
        outputSchema: z.object({ sum: z.number() }),
        annotations: { readOnlyHint: true, idempotentHint: true },
      },
      ({ a, b }) => ({ ...text(String(a + b)), structuredContent: { sum: a + b } }),
    );
    server.registerTool(
      'echo',
      { description: 'Says it again', inputSchema: z.object({ message: z.string() }) },
      ({ message }) => text(message),
    );
    server.registerTool('whoami', { description: 'Who the token is of' }, ({ http }) => {
      const subject = http?.authInfo?.extra?.subject;
      return text(typeof subject === 'string' ? subject : 'nobody');
    });
    server.registerTool(
      'slow',
      {
        description: 'Takes its time and tells how far it is',
        inputSchema: z.object({
          steps: z.number().int().positive().max(100).default(3),
          stepMs: z.number().int().nonnegative().max(10_000).default(50),
        }),
      },
      async ({ steps, stepMs }, { mcpReq }) => {
        const progressToken = mcpReq._meta?.progressToken;
        for (let step = 1; step <= steps; step += 1) {
          await sleep(stepMs, undefined, { signal: mcpReq.signal }).catch((error: unknown) => {
            onGivenUp?.();
            throw error;
          });
          if (progressToken === undefined) continue;
          await mcpReq.notify({
            method: 'notifications/progress',
            params: { progressToken, progress: step, total: steps },
          });
        }
        return text(`done in ${steps} steps`);
      },
    );
    server.registerTool(
      'ask',
      { description: 'Asks the person before it goes on' },
      ({ mcpReq }) => {
        const answer = acceptedContent(mcpReq.inputResponses, 'confirm', Confirmation);
        if (answer !== undefined) return text(answer.confirm ? 'confirmed' : 'declined');
        return inputRequired({
          inputRequests: {
            confirm: inputRequired.elicit({
              message: 'Go on?',
              requestedSchema: Confirmation,
            }),
          },
        });
      },
    );
    server.registerTool('fail', { description: 'Fails in the tool, not in the protocol' }, () => ({
      ...text('this tool always fails'),
      isError: true,
    }));
    for (const name of extraTools) {
      server.registerTool(name, { description: 'Came later' }, () => text(name));
    }

    server.registerResource(
      'greeting',
      'test://greeting',
      { title: 'Greeting', mimeType: 'text/plain' },
      (uri) => ({ contents: [{ uri: uri.href, mimeType: 'text/plain', text: 'Hello' }] }),
    );
    server.registerPrompt(
      'summarise',
      { description: 'Asks for a summary', argsSchema: z.object({ topic: z.string() }) },
      ({ topic }) => ({
        messages: [{ role: 'user', content: { type: 'text', text: `Summarise ${topic}` } }],
      }),
    );
    return server;
  };
