/** The versions of MCP that the bridge can speak for a server, and the names of what requests of the modern era carry. */
export const MODERN = '2026-07-28';
/** Newest first. */
export const LEGACY = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;

/** The version that an AI client of the legacy era is answered with. */
export const legacyVersionFor = (requested: unknown): string =>
  LEGACY.find((version) => version === requested) ?? LEGACY[0];

export const meta = {
  version: 'io.modelcontextprotocol/protocolVersion',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  capabilities: 'io.modelcontextprotocol/clientCapabilities',
  logLevel: 'io.modelcontextprotocol/logLevel',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  subscription: 'io.modelcontextprotocol/subscriptionId',
} as const;

/** Tasks differ so much between the eras that neither is told of the other's (F6). */
export const TASKS = 'io.modelcontextprotocol/tasks';

type Capabilities = Readonly<Record<string, unknown>>;

/** Capabilities of either side, without what does not survive the way between the eras. */
export const translatable = ({ tasks: _tasks, ...rest }: Capabilities): Record<string, unknown> => {
  const { extensions } = rest;
  if (typeof extensions !== 'object' || extensions === null) return rest;
  const { [TASKS]: _extension, ...others } = extensions as Capabilities;
  return { ...rest, extensions: others };
};
