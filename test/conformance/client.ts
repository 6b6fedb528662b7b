/**
 * The program that the conformance suite runs as its client: an official SDK client that has Drawbridge sign in for it,
 * and a person at Drawbridge who does it whenever it asks. `client.ts <way> <server>`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { callEverything } from './call-everything.ts';
import { startPersonalBroker } from './personal-broker.ts';
import { readSetup } from './setup.ts';
import { ways } from './ways.ts';

const [way, server] = z
  .tuple([z.enum(['bridge', 'direct']), z.string()])
  .parse(process.argv.slice(2));
const {
  MCP_CONFORMANCE_SCENARIO: scenario = '',
  MCP_CONFORMANCE_CONTEXT: context = '{}',
  MCP_CONFORMANCE_PROTOCOL_VERSION: revision,
} = process.env;
const folder = await mkdtemp(path.join(tmpdir(), 'drawbridge-conformance-'));
const drawbridge = await startPersonalBroker(folder);
try {
  const setup = await readSetup(scenario, context, folder);
  await drawbridge.add(server, setup);
  await callEverything(ways[way](drawbridge, new URL(server)), {
    modern: revision === '2026-07-28',
    calls: setup.calls,
  });
} finally {
  await drawbridge.stop();
  await rm(folder, { recursive: true, force: true });
}
