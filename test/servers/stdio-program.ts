/** A real MCP server on the official SDK 2.x as a program on standard streams: of both eras, or of the modern one alone. */
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { createToolServerFactory } from './mcp-tools.ts';

serveStdio(createToolServerFactory(new Set()), {
  legacy: process.argv[2] === 'modern' ? 'reject' : 'serve',
});
