/** A broker, signed in to a server, with ten shims and two clients at the HTTP door that call it all at once. */

import { generations, openClient, type Way } from '../broker/bridge/official-clients.ts';
import { shimCommand } from '../broker/bridge/shim-process.ts';
import { type InProcessBroker, startInProcessBroker } from '../doubles/in-process-broker.ts';
import { createKeychainDouble } from '../doubles/keychain.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../servers/authorization-server.ts';
import { type McpTestServer, startMcpServer } from '../servers/mcp-server.ts';
import { type SavedGrant, savedGrants } from './saved-grants.ts';

const SHIMS = 10;
const HTTP_CLIENTS = 2;
export const CALLS = 200;

export interface Crowd extends AsyncDisposable {
  readonly drawbridge: InProcessBroker;
  readonly signInService: AuthorizationServer;
  readonly server: McpTestServer;
  /** Makes all calls in one go, each with words of its own; gives what each heard. */
  readonly callAll: () => Promise<string[]>;
  /** The words of `callAll`. */
  readonly words: readonly string[];
  /** What a restart would find. */
  readonly saved: () => Promise<SavedGrant>;
}

export const gatherCrowd = async (): Promise<Crowd> => {
  await using undo = new AsyncDisposableStack();
  const signInService = undo.use(await startAuthorizationServer());
  const server = undo.use(await startMcpServer({ authorizationServer: signInService }));
  const keychain = createKeychainDouble();
  const drawbridge = undo.use(await startInProcessBroker({ keychain: keychain.keychain }));
  // Opening by itself as it starts, it would be news in the middle of the sign-in.
  await drawbridge.control.openVault({});
  await drawbridge.signInTo('there', server.url);

  const { key } = await drawbridge.control.makeDoorKey({ aiClient: 'test' });
  const ways: Way[] = [
    ...Array.from({ length: SHIMS }, () => shimCommand(drawbridge.dataFolder, 'there')),
    ...Array.from({ length: HTTP_CLIENTS }, () => ({
      url: `${drawbridge.baseOfDoor}/mcp/there`,
      key,
    })),
  ];
  const clients = await Promise.all(
    ways.map(async (way, index) =>
      undo.use(await openClient(generations[index % generations.length] ?? 'SDK 1.x', way)),
    ),
  );
  const words = Array.from({ length: CALLS }, (_none, index) => `these are the words of ${index}`);
  const everything = undo.move();
  return {
    ...{ drawbridge, signInService, server, words },
    callAll: () =>
      Promise.all(
        words.map(async (message, index) => {
          const answer = await clients[index % clients.length]?.call('echo', { message });
          return answer?.isError === false ? answer.text : `error: ${answer?.text}`;
        }),
      ),
    saved: async () => {
      const [grant, ...others] = await savedGrants(drawbridge.dataFolder, keychain);
      if (grant === undefined || others.length > 0) throw new Error('not one grant');
      return grant;
    },
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
};
