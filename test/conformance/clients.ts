/**
 * The clients that the conformance suite asks for: official SDK clients that have Drawbridge sign in for them, and a person
 * at Drawbridge who does it whenever it asks. They all live here: the suite starts a program for each client, and to start
 * a whole Drawbridge as often takes longer than all that it is asked.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { readBody, sendJson, startLoopbackServer } from '../servers/loopback-server.ts';
import { callEverything } from './call-everything.ts';
import { startPersonalBroker } from './personal-broker.ts';
import { readSetup } from './setup.ts';
import { type WayName, ways } from './ways.ts';

export interface Clients extends AsyncDisposable {
  /** What the suite starts for a client, which it gives the server's address besides. The suite hands it to a shell. */
  readonly command: (way: WayName) => string;
}

const handOver = path.join(import.meta.dirname, 'hand-over.ts');

export const startClients = async (): Promise<Clients> => {
  const { origin, close } = await startLoopbackServer(() => async (req, res) => {
    const wish = Wish.parse(JSON.parse(String(await readBody(req))));
    const said: string[] = [];
    const failure = await serve(wish, (line) => said.push(line)).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.stack : String(error)),
    );
    sendJson(res, failure === undefined ? 200 : 500, [...said, failure ?? 'done']);
  });
  return {
    command: (way) => `"${process.execPath}" "${handOver}" ${origin} ${way}`,
    [Symbol.asyncDispose]: close,
  };
};

const Wish = z.object({
  way: z.enum(['bridge', 'direct']),
  server: z.string(),
  scenario: z.string().default(''),
  context: z.string().default('{}'),
  revision: z.string().optional(),
});

const serve = async (
  { way, server, scenario, context, revision }: z.infer<typeof Wish>,
  say: (line: string) => void,
): Promise<void> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'drawbridge-conformance-'));
  const drawbridge = await startPersonalBroker(folder, say);
  try {
    const setup = await readSetup(scenario, context, folder);
    await drawbridge.add(server, setup);
    await callEverything(
      ways[way](drawbridge, new URL(server)),
      { modern: revision === '2026-07-28', calls: setup.calls },
      say,
    );
  } finally {
    await drawbridge.stop();
    await rm(folder, { recursive: true, force: true });
  }
};
