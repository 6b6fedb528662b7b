/** A whole broker, signed in to real servers of both eras and to a hostile one, with an eye on what must never happen. */
import { expect } from 'vitest';
import {
  type InProcessBroker,
  readInstance,
  startInProcessBroker,
} from '../doubles/in-process-broker.ts';
import { startAuthorizationServer } from '../servers/authorization-server.ts';
import { startEverythingServer } from '../servers/everything-server.ts';
import { startMcpServer } from '../servers/mcp-server.ts';
import { type HostileUpstream, startHostileUpstream } from './hostile-upstream.ts';

export const servers = ['both', 'legacy', 'modern', 'hostile'] as const;
export type Server = (typeof servers)[number];

export interface FuzzedBroker extends AsyncDisposable {
  readonly drawbridge: InProcessBroker;
  readonly hostile: HostileUpstream;
  readonly port: number;
  readonly doorKey: string;
  readonly socket: { readonly socket: string; readonly key: string };
  /** The secrets that are in this text. */
  readonly secretsIn: (text: string) => string[];
  /** Errors that nobody caught, so far. */
  readonly uncaught: readonly unknown[];
}

export const startFuzzedBroker = async (): Promise<FuzzedBroker> => {
  await using undo = new AsyncDisposableStack();
  const uncaught: unknown[] = [];
  const note = (error: unknown): void => void uncaught.push(error);
  process.on('uncaughtExceptionMonitor', note);
  process.on('unhandledRejection', note);
  undo.defer(() => {
    process.off('uncaughtExceptionMonitor', note);
    process.off('unhandledRejection', note);
  });
  const signInService = undo.use(await startAuthorizationServer());
  const protectedBy = { authorizationServer: signInService };
  const urls: Record<Exclude<Server, 'hostile'>, string> = {
    both: undo.use(await startMcpServer(protectedBy)).url,
    legacy: undo.use(await startEverythingServer(protectedBy)).url,
    modern: undo.use(await startMcpServer({ ...protectedBy, eras: 'modern' })).url,
  };
  const hostile = undo.use(await startHostileUpstream());
  const drawbridge = undo.use(await startInProcessBroker());
  for (const [id, url] of Object.entries(urls)) await drawbridge.signInTo(id, url);
  await drawbridge.addServer('hostile', hostile.url);
  hostile.arm();
  const { key: doorKey } = await drawbridge.control.makeDoorKey({ aiClient: 'fuzz' });
  const { control, door } = await readInstance(drawbridge.dataFolder);
  const secrets = (): string[] => [doorKey, control.key, door.key, ...signInService.needles()];
  expect(secrets().length).toBeGreaterThan(6);
  const everything = undo.move();
  return {
    ...{ drawbridge, hostile, doorKey, uncaught },
    port: Number(new URL(drawbridge.baseOfDoor).port),
    socket: door,
    secretsIn: (text) => secrets().filter((secret) => text.includes(secret)),
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
};
