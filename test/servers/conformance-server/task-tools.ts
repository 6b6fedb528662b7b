/** Tools whose work becomes a task for clients that know tasks, and is waited for by all others. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  acceptedContent,
  type CallToolResult,
  inputRequired,
  type McpServer,
  MissingRequiredClientCapabilityError,
  type Result,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { says } from './content.ts';
import { confirmation, oneField } from './forms.ts';
import type { Tasks, Work } from './tasks.ts';

export const EXTENSION = 'io.modelcontextprotocol/tasks';

/** How long work takes that only has to take a while. */
const WORK_MS = 200;

const elicit = (message: string) =>
  inputRequired.elicit({ message, requestedSchema: confirmation });

const Person = z.object({ name: z.string() });

/** Work that needs no arguments. */
const works: Readonly<Record<string, Work>> = {
  failing_job: async ({ signal }) => {
    await sleep(WORK_MS, undefined, { signal });
    return { ...says('the work failed'), isError: true };
  },
  protocol_error_job: async ({ signal }) => {
    await sleep(WORK_MS, undefined, { signal });
    throw new Error('the server failed');
  },
  confirm_delete: async ({ ask }) => {
    await ask({ confirm: elicit('Delete it?') });
    return says('deleted');
  },
  multi_input: async ({ ask }) => {
    await ask({ first: elicit('This one?'), second: elicit('And that one?') });
    return says('both');
  },
};

export const registerTaskTools = (server: McpServer, tasks: Tasks): void => {
  const knowsTasks = (): boolean =>
    server.server.getClientCapabilities()?.extensions?.[EXTENSION] !== undefined;
  const perform = async (work: Work, signal: AbortSignal): Promise<CallToolResult> =>
    // The SDK has no type for the result that stands for a task.
    knowsTasks() ? (tasks.start(work) as unknown as CallToolResult) : work({ signal, ask });

  server.server.registerCapabilities({ extensions: { [EXTENSION]: {} } });
  server.registerTool('greet', { description: 'Never a task', inputSchema: Person }, ({ name }) =>
    says(`Hello, ${name}!`),
  );
  server.registerTool(
    'slow_compute',
    { description: 'Takes its time', inputSchema: z.object({ seconds: z.number() }) },
    ({ seconds }, { mcpReq }) =>
      perform(async ({ signal }) => {
        await sleep(seconds * 1000, undefined, { signal });
        return says('computed');
      }, mcpReq.signal),
  );
  for (const [name, work] of Object.entries(works)) {
    server.registerTool(name, { description: 'Works for a while' }, ({ mcpReq }) =>
      perform(work, mcpReq.signal),
    );
  }
  server.registerTool(
    'test_tool_with_task',
    { description: 'Asks first, and works afterwards' },
    ({ mcpReq }) => {
      const person = acceptedContent(mcpReq.inputResponses, 'user_name', Person);
      if (person !== undefined) {
        return perform(async () => says(`done for ${person.name}`), mcpReq.signal);
      }
      const user_name = inputRequired.elicit({
        message: 'For whom?',
        requestedSchema: oneField('name'),
      });
      return inputRequired({ inputRequests: { user_name } });
    },
  );

  const onTask = (
    method: string,
    deed: (taskId: string, keys: readonly string[]) => Result | void,
  ): void =>
    server.server.setRequestHandler(method, { params: Asked }, ({ taskId }, { mcpReq }) => {
      if (!knowsTasks()) throw undeclared();
      // An acknowledgement says nothing: what came of it is for tasks/get.
      return deed(taskId, Object.keys(mcpReq.inputResponses ?? {})) ?? {};
    });
  onTask('tasks/get', tasks.get);
  onTask('tasks/update', tasks.answer);
  onTask('tasks/cancel', tasks.cancel);
};

const Asked = z.looseObject({ taskId: z.string() });

const ask = async (): Promise<void> => {
  throw new Error('asks only clients that know tasks');
};

export const undeclared = (): MissingRequiredClientCapabilityError =>
  new MissingRequiredClientCapabilityError({
    requiredCapabilities: { extensions: { [EXTENSION]: {} } },
  });
