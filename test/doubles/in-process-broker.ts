/** A whole broker inside the test, with a throw-away data folder and a browser that presses Allow by itself. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Broker, type BrokerOptions, reachBroker, startBroker } from '../../broker/broker.ts';
import type { Ports } from '../../broker/ports.ts';
import { type ControlClient, createControlClient } from '../../shared/contract/client.ts';
import { DEFAULT_ACCOUNT } from '../../shared/contract/ids.ts';
import type { PowerEvent } from '../../shared/contract/power-event.ts';
import type { AccountState } from '../../shared/contract/snapshot.ts';
import { consentByScript } from '../servers/authorization-server/consent-by-script.ts';
import { noPolicy } from './no-policy.ts';
import { createShiftedClock, type ShiftedClock } from './shifted-clock.ts';

export interface InProcessBroker extends AsyncDisposable {
  readonly broker: Broker;
  readonly dataFolder: string;
  readonly clock: ShiftedClock;
  /** The control plane with all rights. */
  readonly control: ControlClient;
  /** Every log line so far. */
  readonly log: readonly string[];
  /** Every page that was opened in the person's browser. */
  readonly opened: readonly string[];
  /** Tells what happened to the machine. */
  readonly power: (event: PowerEvent) => void;
  readonly baseOfDoor: string;
  readonly addServer: (id: string, url: string) => Promise<void>;
  /** Adds it and signs in. */
  readonly signInTo: (id: string, url: string) => Promise<void>;
  readonly stateOf: (server: string) => AccountState | undefined;
  /** The bridge has had its own look at the server: it would get in the way of what a test counts. */
  readonly isRead: (server: string, account?: string) => Promise<void>;
}

/** A server that does not answer is not waited for any longer, ms. */
const READ_MS = 3_000;

interface Options {
  /** Absent: a passphrase seals the vault. */
  readonly keychain?: Ports['keychain'];
  /** Who is at the browser; whom the page proposes by itself. */
  readonly person?: () => string | undefined;
  /** With what lies in it already; a new one by itself. Removed at the end either way. */
  readonly dataFolder?: string;
  readonly passphrase?: string;
  readonly policy?: BrokerOptions['policy'];
}

export const startInProcessBroker = async (options: Options = {}): Promise<InProcessBroker> => {
  const dataFolder = options.dataFolder ?? (await mkdtemp(path.join(tmpdir(), 'drawbridge-')));
  const windowFolder = path.join(dataFolder, 'window');
  await mkdir(windowFolder, { recursive: true });
  await writeFile(path.join(windowFolder, 'index.html'), '<!doctype html><title>window</title>');
  await writeFile(path.join(dataFolder, 'outside.html'), 'not for the window');
  const clock = createShiftedClock();
  const log: string[] = [];
  const opened: string[] = [];
  let power: (event: PowerEvent) => void = () => undefined;
  const broker = await startBroker(
    {
      dataFolder,
      windowFolder,
      version: '0.0.0-test',
      policy: options.policy ?? noPolicy(dataFolder),
      ...(options.keychain === undefined
        ? { passphrase: options.passphrase ?? 'fake passphrase' }
        : {}),
    },
    {
      clock,
      // As a real browser: asked to open, and busy on its own from then on.
      openBrowser: async ({ href }) => {
        opened.push(href);
        const account = options.person?.();
        void consentByScript(href, account === undefined ? {} : { account });
      },
      keychain: options.keychain ?? (() => Promise.reject(new Error('no keychain in this test'))),
      onPowerEvent: (listener) => {
        power = listener;
        return () => undefined;
      },
      writeLog: (line) => log.push(line),
    },
  );
  const control = createControlClient(await reachBroker(dataFolder, 'terminal'));
  if (options.keychain === undefined) await control.openVault({});
  const stateOf = (server: string): AccountState | undefined =>
    broker.snapshot().servers.find(({ id }) => id === server)?.accounts[0]?.state;
  const isRead = async (server: string, account = DEFAULT_ACCOUNT): Promise<void> => {
    const line = new RegExp(`"catalogue-(not-)?read","key":"${server}/${account}"`);
    const began = Date.now();
    while (!log.some((each) => line.test(each)) && Date.now() - began < READ_MS) await sleep(5);
  };
  const addServer = async (id: string, url: string): Promise<void> => {
    await control.addServer({ id, url });
    if (stateOf(id) === 'open') await isRead(id);
  };
  return {
    ...{ broker, dataFolder, clock, control, log, opened, addServer, stateOf, isRead },
    power: (event) => power(event),
    baseOfDoor: broker.snapshot().doors.http ?? '',
    signInTo: async (id, url) => {
      await addServer(id, url);
      const signedIn = new Promise<void>((resolve, reject) => {
        let begun = false;
        const stop = broker.subscribe(({ servers }) => {
          const account = servers.find((server) => server.id === id)?.accounts[0];
          begun ||= account?.state === 'signing-in';
          // Snapshots come for other reasons as well, before it has begun.
          if (account?.state === 'signing-in' || (!begun && account?.state !== 'signed-in')) return;
          stop();
          if (account?.state === 'signed-in') resolve();
          else reject(new Error(`not signed in but ${JSON.stringify(account)}`));
        });
      });
      await control.signIn({ server: id, account: DEFAULT_ACCOUNT }, {});
      await signedIn;
      await isRead(id);
    },
    [Symbol.asyncDispose]: async () => {
      await broker.stop();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
};

/** What a broker announces of itself to commands and shims. */
export const readInstance = async (
  dataFolder: string,
): Promise<Record<'control' | 'door', { readonly socket: string; readonly key: string }>> =>
  JSON.parse(await readFile(path.join(dataFolder, 'instance.json'), 'utf8')) as Record<
    'control' | 'door',
    { readonly socket: string; readonly key: string }
  >;
