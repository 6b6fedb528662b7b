/** The official SDK clients of both generations, at either door. */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as OldStdioTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as OldHttpTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { httpEntry, type RunningDrawbridge, stdioParameters } from './running-drawbridge.ts';

/** The little that a scenario asks of an AI client. */
export interface AiClient extends AsyncDisposable {
  readonly tools: () => Promise<string[]>;
  /** The text of a tool's result. Throws when it is an error result. */
  readonly call: (tool: string, args: Record<string, unknown>) => Promise<string>;
}

const info = { name: 'scenario', version: '1.0.0' };

type Open = (drawbridge: RunningDrawbridge, server: string) => Promise<AiClient>;

/** One row a combination of SDK and door. */
export const aiClients: Readonly<Record<string, Open>> = {
  'SDK 2.x (auto) over the shim': async (drawbridge, server) => {
    const client = new Client(info, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new StdioClientTransport(stdioParameters(drawbridge, server)));
    return wrap(client);
  },
  'SDK 2.x (auto) over the HTTP door': async (drawbridge, server) => {
    const { url, headers } = await httpEntry(drawbridge, server);
    const client = new Client(info, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
    return wrap(client);
  },
  'SDK 1.x over the shim': async (drawbridge, server) => {
    const client = new OldClient(info);
    await client.connect(new OldStdioTransport(stdioParameters(drawbridge, server)));
    return wrap(client);
  },
  'SDK 1.x over the HTTP door': async (drawbridge, server) => {
    const { url, headers } = await httpEntry(drawbridge, server);
    const client = new OldClient(info);
    await client.connect(new OldHttpTransport(url, { requestInit: { headers } }));
    return wrap(client);
  },
};

interface AnyClient {
  readonly listTools: () => Promise<{ tools: { name: string }[] }>;
  readonly callTool: (call: {
    name: string;
    arguments: Record<string, unknown>;
  }) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

const wrap = (client: AnyClient): AiClient => ({
  tools: async () => (await client.listTools()).tools.map(({ name }) => name),
  call: async (tool, args) => {
    const result = (await client.callTool({ name: tool, arguments: args })) as {
      content: { type: string; text?: string }[];
      isError?: boolean;
    };
    const text = result.content.map((part) => part.text ?? '').join('\n');
    if (result.isError === true) throw new Error(text);
    return text;
  },
  [Symbol.asyncDispose]: () => client.close(),
});
