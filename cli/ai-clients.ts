/** How each AI client wants to be told of a server: one row a client. */

/** An entry of the form that most AI clients read. */
export type Entry =
  | {
      readonly command: string;
      readonly args: readonly string[];
      readonly env?: Readonly<Record<string, string>>;
    }
  | {
      readonly type: 'http';
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
    };

interface AiClient {
  /** Where what is printed belongs. */
  readonly put: string;
  /** False where its file has no place for an address. */
  readonly http: boolean;
  readonly config: (server: string, entry: Entry) => object;
  /** The configuration as it is written there. */
  readonly text: (server: string, entry: Entry) => string;
}

const mcpServers = (server: string, entry: Entry) => ({ mcpServers: { [server]: entry } });
const withType = (entry: Entry) => ({ type: 'url' in entry ? 'http' : 'stdio', ...entry });
const vsCodeServers = (server: string, entry: Entry) => ({
  servers: { [server]: withType(entry) },
});
const pretty = (value: object): string => JSON.stringify(value, undefined, 2);

export const anyClient: AiClient = {
  put: 'put this into the configuration of your AI client:',
  http: true,
  config: mcpServers,
  text: (server, entry) => pretty(mcpServers(server, entry)),
};

export const aiClients: Readonly<Record<string, AiClient>> = {
  'claude-desktop': {
    ...anyClient,
    put: 'put this into claude_desktop_config.json (Settings, Developer, Edit config):',
    http: false,
  },
  'claude-code': {
    ...anyClient,
    put: 'run this command:',
    text: (server, entry) =>
      `claude mcp add-json ${server} ${shellQuoted(JSON.stringify(withType(entry)))}`,
  },
  cursor: { ...anyClient, put: 'put this into ~/.cursor/mcp.json:' },
  vscode: {
    put: 'put this into mcp.json (command MCP: Open User Configuration):',
    http: true,
    config: vsCodeServers,
    text: (server, entry) => pretty(vsCodeServers(server, entry)),
  },
  codex: {
    put: 'put this into ~/.codex/config.toml:',
    http: true,
    config: (server, entry) => ({ mcp_servers: { [server]: codexEntry(entry) } }),
    text: (server, entry) => toml(`mcp_servers.${server}`, codexEntry(entry)),
  },
};

const codexEntry = (entry: Entry) =>
  'url' in entry ? { url: entry.url, http_headers: entry.headers } : entry;

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
