/** Which AI clients are paired with which servers through the bridge, and how each pairing compares with none. */
import { startInProcessBroker } from '../doubles/in-process-broker.ts';
import {
  type Era,
  startConformanceServer,
} from '../servers/conformance-server/conformance-server.ts';
import { startKeyedFront } from './keyed-front.ts';
import { judgeServer, type Verdict } from './server-suite.ts';

/** The era that the suite speaks as an AI client, and what the server speaks. */
export interface Pairing {
  readonly client: Era;
  readonly server: Era | 'dual';
}

/** What is held to: that the suite finds through the bridge what it finds without. */
export const pairings: readonly Pairing[] = [
  { client: 'legacy', server: 'legacy' },
  { client: 'modern', server: 'modern' },
  { client: 'legacy', server: 'dual' },
  { client: 'modern', server: 'dual' },
  { client: 'legacy', server: 'modern' },
  { client: 'modern', server: 'legacy' },
];

/** The revision in whose words each era is judged. */
export const revisions: Readonly<Record<Era, string>> = {
  legacy: '2025-11-25',
  modern: '2026-07-28',
};

export const titleOf = ({ client, server }: Pairing): string =>
  `${client} client, ${server} server`;

export interface Comparison {
  readonly pairing: Pairing;
  /** What the suite finds at a server of its own era, without Drawbridge. */
  readonly directly: readonly Verdict[];
  readonly bridged: readonly Verdict[];
}

/** Runs the suite twice at once: at a server of its own era, and through the bridge at the server of the pairing. */
export const compare = async (pairing: Pairing): Promise<Comparison> => {
  const [directly, bridged] = await Promise.all([judgeDirectly(pairing), judgeBridged(pairing)]);
  return { pairing, directly, bridged };
};

const judgeDirectly = async ({ client, server }: Pairing): Promise<Verdict[]> => {
  await using there = await startConformanceServer(client);
  return await judgeServer(there.url, revisions[client], `${client}-${server}-directly`);
};

const judgeBridged = async ({ client, server }: Pairing): Promise<Verdict[]> => {
  await using there = await startConformanceServer(server);
  await using drawbridge = await startInProcessBroker();
  await drawbridge.addServer('suite', there.url);
  const { key } = await drawbridge.control.makeDoorKey({ aiClient: 'conformance' });
  await using front = await startKeyedFront(drawbridge.baseOfDoor, key);
  return await judgeServer(
    `${front.origin}/mcp/suite`,
    revisions[client],
    `${client}-${server}-bridged`,
  );
};
