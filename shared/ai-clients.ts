/** How each AI client wants to be told of a server: one row a client. */
import type { ShimStart } from './contract/host.ts';

/** An entry of the form that most AI clients read. */
export type Entry =
  | {
      readonly command: string;
      readonly args: readonly string[];
      readonly env?: Readonly<Record<string, string>>;
    }
  | {
      readonly type: Transport;
      readonly url: string;
      /** Absent where the AI client signs in itself. */
      readonly headers?: Readonly<Record<string, string>>;
    };

/** How an AI client comes to an address of the HTTP door: Streamable HTTP, or HTTP+SSE of 2024-11-05. */
export type Transport = 'http' | 'sse';

export interface AiClient {
  /** What people call it. */
  readonly title: string;
  /** Where what is printed belongs. */
  readonly put: string;
  /** What its file has a place for, besides a command. */
  readonly takes: readonly Transport[];
  readonly config: (name: string, entry: Entry) => object;
  /** The configuration as it is written there. */
  readonly text: (name: string, entry: Entry) => string;
}

const mcpServers = (name: string, entry: Entry) => ({ mcpServers: { [name]: entry } });
const withType = (entry: Entry) => ('url' in entry ? entry : { type: 'stdio', ...entry });
const vsCodeServers = (name: string, entry: Entry) => ({
  servers: { [name]: withType(entry) },
});
const pretty = (value: object): string => JSON.stringify(value, undefined, 2);

/** The form that most read, for those without a row. */
export const anyClient: AiClient = {
  title: 'Another AI client',
  put: 'put this into the configuration of your AI client:',
  takes: ['http', 'sse'],
  config: mcpServers,
  text: (name, entry) => pretty(mcpServers(name, entry)),
};

/** By the name that `connect --for` knows them by. */
export const aiClients: Readonly<Record<string, AiClient>> = {
  'claude-desktop': {
    ...anyClient,
    title: 'Claude Desktop',
    put: 'put this into claude_desktop_config.json (Settings, Developer, Edit config):',
    takes: [],
  },
  'claude-code': {
    ...anyClient,
    title: 'Claude Code',
    put: 'run this command:',
    text: (name, entry) =>
      `claude mcp add-json ${name} ${shellQuoted(JSON.stringify(withType(entry)))}`,
  },
  cursor: { ...anyClient, title: 'Cursor', put: 'put this into ~/.cursor/mcp.json:' },
  vscode: {
    title: 'VS Code',
    put: 'put this into mcp.json (command MCP: Open User Configuration):',
    takes: ['http', 'sse'],
    config: vsCodeServers,
    text: (name, entry) => pretty(vsCodeServers(name, entry)),
  },
  codex: {
    title: 'Codex',
    put: 'put this into ~/.codex/config.toml:',
    takes: ['http'],
    config: (name, entry) => ({ mcp_servers: { [name]: codexEntry(entry) } }),
    text: (name, entry) => toml(`mcp_servers.${name}`, codexEntry(entry)),
  },
};

/** The entry that has an AI client start the shim for a server, or whatever else has an address there. */
export const shimEntry = ({ command, args, env }: ShimStart, address: string): Entry => ({
  ...{ command, args: [...args, address] },
  ...(env === undefined ? {} : { env }),
});

/** Where an entry belongs, as a sentence. */
export const placeOfEntry = ({ put }: Pick<AiClient, 'put'>): string =>
  `${put.charAt(0).toUpperCase()}${put.slice(1).replace(/:$/, '')}.`;

const codexEntry = (entry: Entry) =>
  'url' in entry
    ? { url: entry.url, ...(entry.headers === undefined ? {} : { http_headers: entry.headers }) }
    : entry;

/** Ids hold letters, digits and hyphens only: they need no quotes as keys. Strings of JSON are strings of TOML. */
const toml = (table: string, values: object): string => {
  const isTable = ([, value]: [string, unknown]): boolean =>
    typeof value === 'object' && !Array.isArray(value);
  const pairs = Object.entries(values) as [string, unknown][];
  return [
    `[${table}]`,
    ...pairs
      .filter((pair) => !isTable(pair))
      .map(([name, value]) => `${name} = ${JSON.stringify(value)}`),
    ...pairs
      .filter(isTable)
      .map(([name, value]) => `\n${toml(`${table}.${name}`, value as object)}`),
  ].join('\n');
};

/** A path can hold a quote; everything else stands as it is between single ones. */
const shellQuoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
