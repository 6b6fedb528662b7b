/** What of the protocol goes beyond plain tools: a model that is asked, arguments proposed, logging, resources that change. */
import {
  completable,
  inputRequired,
  inputResponse,
  type McpServer,
} from '@modelcontextprotocol/server';
import { z } from 'zod';

export const changingResource = 'test://counter';
const departments = ['Engineering', 'Sales'];

/** Gives the server what an AI client needs to show that it has all of this. */
export const addConversation = (server: McpServer): void => {
  server.registerTool('sample', { description: 'Asks the model' }, ({ mcpReq }) => {
    const answer = inputResponse(mcpReq.inputResponses, 'model');
    if (answer.kind === 'sampling') {
      return { content: [{ type: 'text', text: JSON.stringify(answer.result.content) }] };
    }
    return inputRequired({
      inputRequests: {
        model: inputRequired.createMessage({
          messages: [{ role: 'user', content: { type: 'text', text: 'hello' } }],
          maxTokens: 10,
        }),
      },
    });
  });
  server.registerTool('log', { description: 'Logs a word' }, async ({ mcpReq }) => {
    await mcpReq.log('debug', 'a word of the server');
    return { content: [] };
  });
  server.registerResource(
    'counter',
    changingResource,
    { title: 'Counter', mimeType: 'text/plain' },
    (uri) => ({ contents: [{ uri: uri.href, mimeType: 'text/plain', text: '1' }] }),
  );
  server.registerPrompt(
    'hire',
    {
      description: 'Asks for a person',
      argsSchema: z.object({
        department: completable(z.string(), (value) =>
          departments.filter((name) => name.startsWith(value)),
        ),
      }),
    },
    ({ department }) => ({
      messages: [{ role: 'user', content: { type: 'text', text: `Hire for ${department}` } }],
    }),
  );
};
