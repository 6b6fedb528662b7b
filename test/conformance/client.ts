/**
 * The program that the conformance suite runs as its client: an official SDK client at Drawbridge's HTTP door, and a
 * person at Drawbridge who signs in whenever it asks.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { callEverything } from './call-everything.ts';
import { startPersonalBroker } from './personal-broker.ts';

const Context = z.object({
  client_id: z.string().optional(),
  client_secret: z.string().optional(),
  toolCalls: z
    .array(z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()) }))
    .optional(),
});

const { client_id, client_secret, toolCalls } = Context.parse(
  JSON.parse(process.env['MCP_CONFORMANCE_CONTEXT'] ?? '{}'),
);
const folder = await mkdtemp(path.join(tmpdir(), 'drawbridge-conformance-'));
const drawbridge = await startPersonalBroker(folder, {
  ...(client_id === undefined ? {} : { clientId: client_id }),
  ...(client_secret === undefined ? {} : { clientSecret: client_secret }),
});
try {
  await drawbridge.add(process.argv.at(-1) ?? '');
  await callEverything(drawbridge, {
    modern: process.env['MCP_CONFORMANCE_PROTOCOL_VERSION'] === '2026-07-28',
    calls: toolCalls,
  });
} finally {
  await drawbridge.stop();
  await rm(folder, { recursive: true, force: true });
}
