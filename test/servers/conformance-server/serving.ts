/** The same features are served in either era: here is what a way of doing it takes and gives. */
import type { McpServer } from '@modelcontextprotocol/server';
import type { ServeMcp } from '../mcp-front.ts';

/** Tells of a change to everybody who listens. */
export interface Changes {
  readonly toolsChanged: () => void;
  readonly promptsChanged: () => void;
}

export type CreateServer = (changes: Changes) => McpServer;

export interface Serving {
  readonly serve: ServeMcp;
  readonly close: () => Promise<void>;
}
