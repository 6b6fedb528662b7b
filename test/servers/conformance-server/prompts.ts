/** The suite's prompts, one of which completes its arguments and one of which asks first. */
import {
  acceptedContent,
  completable,
  inputRequired,
  type McpServer,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { embedded, picture, text } from './content.ts';
import { oneField } from './forms.ts';

type Content = ReturnType<typeof text> | ReturnType<typeof embedded> | typeof picture;

const asUser = (...contents: Content[]) => ({
  messages: contents.map((content) => ({ role: 'user' as const, content })),
});

const startingWith = (start: string): string[] =>
  ['paris', 'park', 'party'].filter((word) => word.startsWith(start));

export const registerPrompts = (server: McpServer): void => {
  server.registerPrompt('test_simple_prompt', { description: 'Says one thing' }, () =>
    asUser(text('This is a simple prompt for testing.')),
  );
  server.registerPrompt(
    'test_prompt_with_arguments',
    {
      description: 'Repeats its arguments',
      argsSchema: z.object({
        arg1: completable(z.string().describe('First test argument'), startingWith),
        arg2: z.string().describe('Second test argument'),
      }),
    },
    ({ arg1, arg2 }) => asUser(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)),
  );
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    {
      description: 'Brings a resource along',
      argsSchema: z.object({ resourceUri: z.string().describe('URI of the resource to embed') }),
    },
    ({ resourceUri }) =>
      asUser(
        embedded(resourceUri, 'text/plain', 'Embedded resource content for testing.'),
        text('Please process the embedded resource above.'),
      ),
  );
  server.registerPrompt('test_prompt_with_image', { description: 'Brings a picture along' }, () =>
    asUser(picture, text('Please analyze the image above.')),
  );
  server.registerPrompt(
    'test_input_required_result_prompt',
    { description: 'Asks before it says anything' },
    ({ mcpReq }) => {
      const given = acceptedContent(
        mcpReq.inputResponses,
        'user_context',
        z.object({ context: z.string() }),
      );
      if (given !== undefined) return asUser(text(`In the context of ${given.context}`));
      return inputRequired({
        inputRequests: {
          user_context: inputRequired.elicit({
            message: 'What context should the prompt use?',
            requestedSchema: oneField('context'),
          }),
        },
      });
    },
  );
};
