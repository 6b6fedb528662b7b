/** A whole broker that is attacked: a person signed in to an honest server, a trap, and eyes on everything. */
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Broker, reachBroker, startBroker } from '../../broker/broker.ts';
import { type ControlClient, createControlClient } from '../../shared/contract/client.ts';
import { DEFAULT_ACCOUNT } from '../../shared/contract/ids.ts';
import { type Problem, toProblem } from '../../shared/contract/problems.ts';
import type { AccountView } from '../../shared/contract/snapshot.ts';
import { makeFolder } from '../doubles/folder.ts';
import { noPolicy } from '../doubles/no-policy.ts';
import { consentByScript } from '../servers/authorization-server/consent-by-script.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../servers/authorization-server.ts';
import { type McpTestServer, startMcpServer } from '../servers/mcp-server.ts';
import { createImpatientClock, type ImpatientClock } from './impatient-clock.ts';
import { type WatchedNetwork, watchNetwork } from './watched-network.ts';

export interface AttackedBroker extends AsyncDisposable {
  readonly broker: Broker;
  readonly control: ControlClient;
  readonly clock: ImpatientClock;
  readonly network: WatchedNetwork;
  readonly honest: { readonly as: AuthorizationServer; readonly mcp: McpTestServer };
  /** Port of a program of the person's own, and how often anybody came. */
  readonly trap: { readonly port: number; readonly visits: () => number };
  /** Every page opened since `browseWith`. */
  readonly opened: () => readonly URL[];
  /** What the person's browser does from now on with a page that is opened. */
  readonly browseWith: (browse: (page: URL) => Promise<unknown>) => void;
  readonly log: readonly string[];
  readonly account: (server: string) => AccountView | undefined;
  /** Signs in to a server that was added; what went wrong, if anything did. */
  readonly signIn: (server: string) => Promise<Problem | undefined>;
}

/** An id for the honest server that the person is signed in to from the start. */
export const HONEST = 'honest';

export const startAttackedBroker = async (): Promise<AttackedBroker> => {
  await using undo = new AsyncDisposableStack();
  const network = undo.use(watchNetwork());
  const folder = undo.use(makeFolder());
  const as = undo.use(await startAuthorizationServer());
  const mcp = undo.use(await startMcpServer({ authorizationServer: as }));
  const trap = await startTrap();
  undo.defer(trap.close);

  const clock = createImpatientClock();
  const log: string[] = [];
  let opened: URL[] = [];
  let browse: (page: URL) => Promise<unknown> = (page) => consentByScript(page.href);
  const broker = await startBroker(
    {
      dataFolder: folder.of('data'),
      windowFolder: folder.path,
      version: '0.0.0-test',
      policy: noPolicy(folder.path),
      passphrase: 'fake passphrase',
    },
    {
      clock,
      openBrowser: async (page) => {
        opened.push(page);
        // As a real browser: asked to open, and busy on its own from then on.
        void browse(page);
      },
      keychain: () => Promise.reject(new Error('no keychain in this test')),
      onPowerEvent: () => () => undefined,
      writeLog: (line) => log.push(line),
    },
  );
  undo.defer(broker.stop);
  const control = createControlClient(await reachBroker(folder.of('data'), 'terminal'));
  await control.openVault({});

  const account = (id: string): AccountView | undefined =>
    broker.snapshot().servers.find((server) => server.id === id)?.accounts[0];
  const signIn = async (server: string): Promise<Problem | undefined> => {
    const ended = new Promise<Problem | undefined>((resolve) => {
      const stop = broker.subscribe(() => {
        const { state, problem } = account(server) ?? {};
        if (state === 'signing-in') return;
        stop();
        resolve(state === 'signed-in' ? undefined : problem);
      });
    });
    await control.signIn({ server, account: DEFAULT_ACCOUNT }, {});
    return ended;
  };
  await control.addServer({ id: HONEST, url: mcp.url });
  const problem = await signIn(HONEST);
  if (problem !== undefined)
    throw new Error(`the honest server failed: ${JSON.stringify(problem)}`);
  // The bridge's own look at it is no part of any attack.
  while (!log.some((line) => /"catalogue-(not-)?read"/.test(line))) await sleep(5);

  const running = undo.move();
  return {
    ...{ broker, control, clock, network, trap, log, account, signIn },
    honest: { as, mcp },
    opened: () => opened,
    browseWith: (next) => {
      opened = [];
      browse = next;
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
};

/** What the broker says to a request, as a problem or as nothing. */
export const problemOf = (request: Promise<unknown>): Promise<Problem | undefined> =>
  request.then(() => undefined, toProblem);

const startTrap = async () => {
  let visits = 0;
  const server = createServer((socket) => {
    visits += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    visits: () => visits,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
};
