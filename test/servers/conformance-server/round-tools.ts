/** Tools that ask more than one thing, or more than once, and know by a sealed state where they were. */
import {
  acceptedContent,
  type InputRequests,
  inputRequired,
  type McpServer,
  type RequestStateCodec,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { sample } from './asking-tools.ts';
import { says } from './content.ts';
import { confirmation, oneField } from './forms.ts';

/** What a tool wants to remember until the client comes back with answers. */
export interface Round {
  readonly step: string;
  readonly name?: string;
}

const askName = inputRequired.elicit({
  message: 'What is your name?',
  requestedSchema: oneField('name'),
});
const askToConfirm = inputRequired.elicit({
  message: 'Please confirm',
  requestedSchema: confirmation,
});

const many = {
  user_name: askName,
  greeting: sample('Generate a greeting', 50),
  client_roots: inputRequired.listRoots(),
};

const Confirmation = z.object({ ok: z.boolean() });
const Name = z.object({ name: z.string() });
const Color = z.object({ color: z.string() });

export const registerRoundTools = (server: McpServer, { mint }: RequestStateCodec<Round>): void => {
  const ask = async (inputRequests: InputRequests, round: Round) =>
    inputRequired({ inputRequests, requestState: await mint(round) });

  for (const name of [
    'test_input_required_result_request_state',
    'test_input_required_result_tampered_state',
  ]) {
    server.registerTool(name, { description: 'Asks, and seals what it knows' }, ({ mcpReq }) => {
      const answer = acceptedContent(mcpReq.inputResponses, 'confirm', Confirmation);
      const step = mcpReq.requestState<Round>()?.step;
      return answer !== undefined && step === 'confirm'
        ? says('state-ok')
        : ask({ confirm: askToConfirm }, { step: 'confirm' });
    });
  }

  server.registerTool(
    'test_input_required_result_multiple_inputs',
    { description: 'Asks three things at once' },
    ({ mcpReq }) => {
      const answered = Object.keys(mcpReq.inputResponses ?? {});
      return Object.keys(many).every((key) => answered.includes(key))
        ? says('all answered')
        : ask(many, { step: 'all' });
    },
  );

  server.registerTool(
    'test_input_required_result_multi_round',
    { description: 'Asks, and then asks again' },
    ({ mcpReq }) => {
      const { step, name } = mcpReq.requestState<Round>() ?? {};
      const color = acceptedContent(mcpReq.inputResponses, 'step2', Color);
      if (step === 'color' && color !== undefined) return says(`${name} likes ${color.color}`);
      const given = acceptedContent(mcpReq.inputResponses, 'step1', Name);
      if (given === undefined) {
        const step1 = inputRequired.elicit({
          message: 'Step 1: What is your name?',
          requestedSchema: oneField('name'),
        });
        return ask({ step1 }, { step: 'name' });
      }
      const step2 = inputRequired.elicit({
        message: 'Step 2: What is your favorite color?',
        requestedSchema: oneField('color'),
      });
      return ask({ step2 }, { step: 'color', name: given.name });
    },
  );

  server.registerTool(
    'test_input_required_result_capabilities',
    { description: 'Asks only what the client can answer' },
    ({ mcpReq }) => {
      if (mcpReq.inputResponses !== undefined) return says('answered');
      const can = server.server.getClientCapabilities();
      const inputRequests = {
        ...(can?.elicitation === undefined ? {} : { user_name: askName }),
        ...(can?.sampling === undefined ? {} : { greeting: many.greeting }),
      };
      return Object.keys(inputRequests).length === 0
        ? says('a client that can answer nothing')
        : inputRequired({ inputRequests });
    },
  );
};
