/**
 * Tools that need one answer from the person or the model before they can go on. They say so in the way of 2026-07-28;
 * the SDK turns it into a request of its own for clients of before.
 */
import {
  type InputRequest,
  type InputResponseView,
  inputRequired,
  inputResponse,
  type McpServer,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { says } from './content.ts';
import { confirmation, contact, type Form, oneField, withChoices, withDefaults } from './forms.ts';

interface Asking {
  readonly name: string;
  /** The key under which it asks. */
  readonly key: string;
  readonly asks: InputRequest;
  readonly concludes: (answer: InputResponseView) => string;
}

const elicit = (message: string, requestedSchema: Form): InputRequest =>
  inputRequired.elicit({ message, requestedSchema });

export const sample = (prompt: string, maxTokens = 100): InputRequest =>
  inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text: prompt } }],
    maxTokens,
  });

const completed = (answer: InputResponseView): string =>
  answer.kind === 'elicit'
    ? `Elicitation completed: action=${answer.action}, content=${JSON.stringify(answer.content)}`
    : 'nobody answered';

export const sampled = (answer: InputResponseView): string =>
  answer.kind === 'sampling'
    ? `LLM response: ${JSON.stringify(answer.result.content)}`
    : 'nobody answered';

/** By the name of the tool. None of them takes an argument. */
const askings: readonly Asking[] = [
  {
    name: 'test_elicitation_sep1034_defaults',
    key: 'form',
    asks: elicit('Please review and update the form', withDefaults),
    concludes: completed,
  },
  {
    name: 'test_elicitation_sep1330_enums',
    key: 'form',
    asks: elicit('Please choose', withChoices),
    concludes: completed,
  },
  {
    name: 'test_streaming_elicitation',
    key: 'form',
    asks: elicit('Please confirm', confirmation),
    concludes: completed,
  },
  {
    name: 'test_missing_capability',
    key: 'reply',
    asks: sample('A client that cannot ask a model must be told so'),
    concludes: sampled,
  },
  {
    name: 'test_input_required_result_elicitation',
    key: 'user_name',
    asks: elicit('What is your name?', oneField('name')),
    concludes: (answer) =>
      `Hello, ${answer.kind === 'elicit' ? String(answer.content?.name) : 'nobody'}!`,
  },
  {
    name: 'test_input_required_result_sampling',
    key: 'capital_question',
    asks: sample('What is the capital of France?'),
    concludes: sampled,
  },
  {
    name: 'test_input_required_result_list_roots',
    key: 'client_roots',
    asks: inputRequired.listRoots(),
    concludes: (answer) =>
      answer.kind === 'roots' ? answer.roots.map(({ uri }) => uri).join(', ') : 'no roots',
  },
];

export const registerAskingTools = (server: McpServer): void => {
  for (const { name, key, asks, concludes } of askings) {
    server.registerTool(name, { description: 'Asks before it goes on' }, ({ mcpReq }) => {
      const answer = inputResponse(mcpReq.inputResponses, key);
      return answer.kind === 'missing'
        ? inputRequired({ inputRequests: { [key]: asks } })
        : says(concludes(answer));
    });
  }
  server.registerTool(
    'test_sampling',
    { description: 'Asks the model', inputSchema: z.object({ prompt: z.string() }) },
    ({ prompt }, { mcpReq }) => {
      const answer = inputResponse(mcpReq.inputResponses, 'reply');
      return answer.kind === 'missing'
        ? inputRequired({ inputRequests: { reply: sample(prompt) } })
        : says(sampled(answer));
    },
  );
  server.registerTool(
    'test_elicitation',
    { description: 'Asks the person', inputSchema: z.object({ message: z.string() }) },
    ({ message }, { mcpReq }) => {
      const answer = inputResponse(mcpReq.inputResponses, 'form');
      return answer.kind === 'missing'
        ? inputRequired({ inputRequests: { form: elicit(message, contact) } })
        : says(completed(answer).replace('Elicitation completed', 'User response'));
    },
  );
};
