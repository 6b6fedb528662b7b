/** A throw-away Drawbridge, the real one, before a service of our own and with a person who is a script. */
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Broker } from '../../broker/broker.ts';
import { reachBroker } from '../../broker/control/reach-broker.ts';
import type { KeychainReply, KeychainRequest, Ports } from '../../broker/ports.ts';
import { type ControlClient, createControlClient } from '../../shared/contract/client.ts';
import { DEFAULT_ACCOUNT } from '../../shared/contract/ids.ts';
import type { AccountState, AccountView, VaultView } from '../../shared/contract/snapshot.ts';
import { type Answer, ask } from './ask.ts';
import { createMortalClock, createShiftedClock, type ShiftedClock } from './clock.ts';
import { type Service, startService } from './service.ts';
import { assertHolds, until } from './trial.ts';

export interface StageOptions {
  /** By itself one in memory: nothing of the person's own is touched. */
  readonly keychain?: Ports['keychain'];
  /** Who looks at the page that is opened. By itself somebody who lets Drawbridge in at once. */
  readonly person?: (page: URL) => Promise<unknown>;
}

/** What was on disk and in the keychain at one moment: what a power cut would have left. */
export interface Picture {
  readonly folder: string;
  readonly items: Map<string, string>;
}

export interface Stage extends AsyncDisposable {
  readonly service: Service;
  readonly clock: ShiftedClock;
  /** Where it keeps everything. */
  readonly folder: string;
  readonly broker: () => Broker;
  readonly control: () => ControlClient;
  /** Every page it opened. */
  readonly opened: readonly URL[];
  readonly log: readonly string[];
  /** The address of the server behind the door for AI clients. */
  readonly door: () => string;
  readonly doorKey: () => Promise<string>;
  readonly vault: () => VaultView;
  readonly account: () => AccountView | undefined;
  /** Waits until the account is in this state. */
  readonly reaches: (state: AccountState) => Promise<AccountView>;
  readonly addServer: () => Promise<void>;
  /** Starts a sign-in, and waits for its end when `toItsEnd`. */
  readonly signIn: (toItsEnd?: boolean) => Promise<void>;
  /** The answer an AI client gets to a call through the door. */
  readonly call: () => Promise<Answer>;
  /** Stops it and starts it again, on what is there after `meanwhile`. */
  readonly restart: (meanwhile?: () => Promise<void>) => Promise<void>;
  /** At once, between two steps of whatever is under way. */
  readonly takePicture: () => Picture;
  /** Stops it, and starts it on what a picture shows. */
  readonly restartFrom: (picture: Picture) => Promise<void>;
}

/** The server's id, and the account on it. */
const SERVER = 'trial';
export const account = { server: SERVER, account: DEFAULT_ACCOUNT } as const;

export const openStage = async (
  home: string,
  version: string,
  options: StageOptions = {},
): Promise<Stage> => {
  const clock = createShiftedClock();
  const service = await startService(clock.now);
  const opened: URL[] = [];
  const log: string[] = [];
  const { person = letIn } = options;
  let folder = home;
  let items = new Map<string, string>();
  let key: string | undefined;
  let closed = false;
  let running: Promise<Running>;
  let current: Running | undefined;

  const begin = (): Promise<Running> => {
    if (closed) throw new Error('the trial is over');
    running = start(folder, version, {
      clock,
      openBrowser: async (page) => {
        opened.push(page);
        // As a browser: asked to open, and busy on its own from then on. What it meets is seen by how the sign-in goes.
        void person(page).catch(() => undefined);
      },
      keychain: options.keychain ?? ((request) => Promise.resolve(inMemory(items, request))),
      onPowerEvent: () => () => undefined,
      writeLog: (line) => void log.push(line),
    });
    return running;
  };
  const now = (): Running => {
    if (current === undefined) throw new Error('the trial has not begun');
    return current;
  };
  const restart = async (meanwhile?: () => Promise<void>): Promise<void> => {
    await now().stop();
    await meanwhile?.();
    current = await begin();
  };
  const accountView = (): AccountView | undefined =>
    now()
      .broker.snapshot()
      .servers.find(({ id }) => id === SERVER)?.accounts[0];
  const door = (): string => `${now().broker.snapshot().doors.http ?? ''}/mcp/${SERVER}`;
  const doorKey = async (): Promise<string> => {
    key ??= (await now().control.makeDoorKey({ aiClient: 'selftest' })).key;
    return key;
  };

  try {
    current = await begin();
  } catch (error) {
    await service[Symbol.asyncDispose]();
    throw error;
  }
  return {
    ...{ service, clock, opened, log, door, doorKey, restart },
    get folder() {
      return folder;
    },
    broker: () => now().broker,
    control: () => now().control,
    vault: () => now().broker.snapshot().vault,
    account: accountView,
    reaches: async (state) => {
      await until(
        () => `the account is ${state}; it is ${accountView()?.state ?? 'not there'}`,
        () => accountView()?.state === state,
      );
      return accountView() as AccountView;
    },
    addServer: async () => {
      await now().control.addServer({ id: SERVER, url: service.url });
    },
    signIn: async (toItsEnd = true) => {
      await now().control.signIn(account, {});
      if (!toItsEnd) return;
      const { complaints } = service.seen;
      await until(
        'the sign-in came to an end',
        () => accountView()?.signIn === undefined || complaints.length > 0,
      );
      const { state, problem } = accountView() ?? {};
      const why = [problem?.message, ...complaints].filter((text) => text !== undefined);
      assertHolds(state === 'signed-in', `the sign-in ended with: ${why.join('; ')}`);
    },
    call: async () =>
      ask(door(), {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await doorKey()}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
        },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
      }),
    takePicture: () => {
      const picture = { folder: `${folder}-picture`, items: new Map(items) };
      copyFiles(folder, picture.folder);
      return picture;
    },
    restartFrom: (picture) =>
      restart(async () => {
        ({ folder, items } = picture);
      }),
    [Symbol.asyncDispose]: async () => {
      closed = true;
      const last = await running.catch(() => undefined);
      await last?.stop();
      await service[Symbol.asyncDispose]();
    },
  };
};

/** Whether a call came back with a result, and not with a word on why there is none. */
export const isAnswered = ({ status, body }: Answer): boolean =>
  status === 200 && body.includes('"result"');

/** Looks at the page and lets Drawbridge in: follows the way back to it. */
export const letIn = async (page: URL): Promise<Answer> => {
  const { headers } = await ask(page.href);
  return ask(headers.location ?? '');
};

interface Running {
  readonly broker: Broker;
  readonly control: ControlClient;
  /** May be called twice. */
  readonly stop: () => Promise<void>;
}

const start = async (folder: string, version: string, given: Ports): Promise<Running> => {
  const clock = createMortalClock(given.clock);
  const ports = { ...given, clock };
  // There is no window to show, so none is there.
  const windowFolder = path.join(folder, 'window');
  // What an administrator allows is about servers: here are none but its own.
  const policy = { folder: path.join(folder, 'no-policy') };
  // The list of trials is a part of every help, and needs no broker.
  const { startBroker } = await import('../../broker/broker.ts');
  const broker = await startBroker({ dataFolder: folder, windowFolder, version, policy }, ports);
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= broker.stop().then(clock.end);
    return stopped;
  };
  try {
    const control = createControlClient(await reachBroker(folder, 'terminal'));
    // A vault that stays closed is for the trial to judge.
    await control.openVault({}).catch(() => undefined);
    return { broker, control, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

const inMemory = (items: Map<string, string>, request: KeychainRequest): KeychainReply => {
  const name = `${request.service}/${request.user}`;
  if (request.deed === 'get') return { value: items.get(name) ?? null };
  if (request.deed === 'set') items.set(name, request.secret);
  else items.delete(name);
  return { value: null };
};

/** What outlives a power cut: not the sockets, not the lock (which one process must not open twice), not the log. */
const copyFiles = (from: string, to: string): void => {
  mkdirSync(to, { mode: 0o700 });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isFile() && !entry.name.startsWith('instance.'))
      copyFileSync(path.join(from, entry.name), path.join(to, entry.name));
  }
};
