/** The SDK's own clients, old and new, behind one face: what an AI client asks, and what its person sees. */
import {
  Client,
  SSEClientTransport,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport as OldSseTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StdioClientTransport as OldStdioTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as OldHttpTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  LoggingMessageNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';

export type Generation =
  | 'SDK 2.x, any era'
  | 'SDK 2.x, modern era'
  | 'SDK 2.x, legacy era'
  | 'SDK 1.x';
export const generations: readonly Generation[] = [
  'SDK 2.x, any era',
  'SDK 2.x, legacy era',
  'SDK 1.x',
];

export type Way =
  /** With `sse`: as an AI client of 2024-11-05. */
  | { readonly url: string; readonly key: string; readonly sse?: true }
  | {
      readonly command: string;
      readonly args: string[];
      readonly env: Record<string, string>;
    };

interface CallOptions {
  readonly onprogress?: (progress: { readonly progress: number }) => void;
  readonly signal?: AbortSignal;
}

export interface OfficialClient extends AsyncDisposable {
  readonly tools: () => Promise<string[]>;
  /** The text of a tool's result; `isError` when the tool says it failed. */
  readonly call: (
    name: string,
    args?: Record<string, unknown>,
    options?: CallOptions,
  ) => Promise<{ readonly text: string; readonly isError: boolean }>;
  readonly resources: () => Promise<string[]>;
  readonly read: (uri: string) => Promise<string>;
  readonly prompts: () => Promise<string[]>;
  readonly prompt: (name: string, args: Record<string, string>) => Promise<string>;
  /** What the server proposes for an argument of a prompt that begins so. */
  readonly complete: (prompt: string, argument: string, value: string) => Promise<string[]>;
  /** The least level of what the server is to log. */
  readonly setLevel: (level: 'debug' | 'emergency') => Promise<void>;
  /** Wants to hear when the resource changes, in the way of its era. */
  readonly subscribe: (uri: string) => Promise<void>;
  /** The resources that were said to have changed. */
  readonly updated: readonly string[];
  /** Names of tools as the server announced them, announcement by announcement. */
  readonly announcedTools: readonly string[][];
  /** What the server logged, unasked. */
  readonly serverLog: readonly unknown[];
  /** The messages of questions that the person was asked; each was answered with yes. */
  readonly asked: readonly string[];
}

const info = { name: 'official-client', version: '1.0.0' };
const yes = { action: 'accept' as const, content: { confirm: true, name: 'Ada' } };

const sampled = {
  ...{ model: 'a-model', role: 'assistant' as const },
  content: { type: 'text' as const, text: 'what the model says' },
};

const modes = {
  'SDK 2.x, any era': 'auto',
  'SDK 2.x, modern era': { pin: '2026-07-28' },
  'SDK 2.x, legacy era': 'legacy',
} as const;

/** Connects; with `samples` it has a model to be asked. Rejects as the SDK does when the server cannot be initialized. */
export const openClient = async (
  generation: Generation,
  way: Way,
  { samples = false } = {},
): Promise<OfficialClient> => {
  const announcedTools: string[][] = [];
  const serverLog: unknown[] = [];
  const asked: string[] = [];
  const updated: string[] = [];
  const sampling = samples ? { sampling: {} } : {};
  const listChanged = {
    tools: {
      onChanged: (_error: unknown, tools: { name: string }[] | null) =>
        void announcedTools.push((tools ?? []).map(({ name }) => name)),
    },
  };
  const connect = async (): Promise<AnyClient> => {
    if (generation === 'SDK 1.x') {
      const client = new OldClient(info, {
        capabilities: { elicitation: {}, ...sampling },
        listChanged,
      });
      if (samples) client.setRequestHandler(CreateMessageRequestSchema, () => sampled);
      client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
        updated.push(params.uri);
      });
      client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
        asked.push(params.message);
        return yes;
      });
      client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => {
        serverLog.push(params.data);
      });
      await client.connect(oldTransport(way));
      return {
        ...listsOf(client),
        call: (call, options) => client.callTool(call, undefined, options),
        subscribe: (uri) => client.subscribeResource({ uri }),
      };
    }
    const client = new Client(info, {
      versionNegotiation: { mode: modes[generation] },
      capabilities: { elicitation: { form: {} }, ...sampling },
      listChanged,
    });
    client.setRequestHandler('elicitation/create', ({ params }) => {
      asked.push(params.message);
      return yes;
    });
    if (samples) client.setRequestHandler('sampling/createMessage', () => sampled);
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
      updated.push(params.uri);
    });
    client.setNotificationHandler('notifications/message', ({ params }) => {
      serverLog.push(params.data);
    });
    await client.connect(newTransport(way));
    return {
      ...listsOf(client),
      call: (call, options) => client.callTool(call, options),
      subscribe: (uri) =>
        client.getNegotiatedProtocolVersion() === '2026-07-28'
          ? client.listen({ resourceSubscriptions: [uri] })
          : client.subscribeResource({ uri }),
    };
  };
  return { ...faceOf(await connect()), announcedTools, serverLog, asked, updated };
};

const newTransport = (way: Way) => {
  if (!('url' in way)) return new StdioClientTransport({ ...way, stderr: 'pipe' });
  const Transport = way.sse === true ? SSEClientTransport : StreamableHTTPClientTransport;
  return new Transport(new URL(way.url), { requestInit: withKey(way.key) });
};

const oldTransport = (way: Way) => {
  if (!('url' in way)) return new OldStdioTransport({ ...way, stderr: 'pipe' });
  const Transport = way.sse === true ? OldSseTransport : OldHttpTransport;
  return new Transport(new URL(way.url), { requestInit: withKey(way.key) });
};

const withKey = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });

interface Lists {
  readonly listTools: () => Promise<{ tools: { name: string }[] }>;
  readonly listResources: () => Promise<{ resources: { uri: string }[] }>;
  readonly readResource: (params: { uri: string }) => Promise<{ contents: object[] }>;
  readonly listPrompts: () => Promise<{ prompts: { name: string }[] }>;
  readonly getPrompt: (params: {
    name: string;
    arguments: Record<string, string>;
  }) => Promise<{ messages: { content: object }[] }>;
  readonly complete: (params: {
    ref: { type: 'ref/prompt'; name: string };
    argument: { name: string; value: string };
  }) => Promise<{ completion: { values: string[] } }>;
  readonly setLoggingLevel: (level: 'debug' | 'emergency') => Promise<unknown>;
  readonly close: () => Promise<void>;
}

interface AnyClient extends Lists {
  readonly subscribe: (uri: string) => Promise<unknown>;
  readonly call: (
    call: { name: string; arguments: Record<string, unknown> },
    options: CallOptions,
  ) => Promise<unknown>;
}

const listsOf = (client: Lists): Lists => ({
  listTools: () => client.listTools(),
  listResources: () => client.listResources(),
  readResource: (params) => client.readResource(params),
  listPrompts: () => client.listPrompts(),
  getPrompt: (params) => client.getPrompt(params),
  complete: (params) => client.complete(params),
  setLoggingLevel: (level) => client.setLoggingLevel(level),
  close: () => client.close(),
});

const textIn = (part: object | undefined): string =>
  part !== undefined && 'text' in part ? String(part.text) : '';

const faceOf = (client: AnyClient) => ({
  tools: async () => (await client.listTools()).tools.map(({ name }) => name),
  call: async (name: string, args: Record<string, unknown> = {}, options: CallOptions = {}) => {
    const result = (await client.call({ name, arguments: args }, options)) as {
      content: object[];
      isError?: boolean;
    };
    return { text: result.content.map(textIn).join('\n'), isError: result.isError === true };
  },
  resources: async () => (await client.listResources()).resources.map(({ uri }) => uri),
  read: async (uri: string) => textIn((await client.readResource({ uri })).contents[0]),
  prompts: async () => (await client.listPrompts()).prompts.map(({ name }) => name),
  prompt: async (name: string, args: Record<string, string>) =>
    textIn((await client.getPrompt({ name, arguments: args })).messages[0]?.content),
  complete: async (prompt: string, argument: string, value: string) => {
    const ref = { type: 'ref/prompt' as const, name: prompt };
    const { completion } = await client.complete({ ref, argument: { name: argument, value } });
    return completion.values;
  },
  setLevel: async (level: 'debug' | 'emergency') => void (await client.setLoggingLevel(level)),
  subscribe: async (uri: string) => void (await client.subscribe(uri)),
  [Symbol.asyncDispose]: () => client.close(),
});
