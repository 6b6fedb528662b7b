/** A broker that is killed again and again, and the machine around it that outlives it: folder, keychain, browser. */

import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { reachBroker } from '../../../broker/broker.ts';
import { type ControlClient, createControlClient } from '../../../shared/contract/client.ts';
import { filesIn } from '../../doubles/files-in.ts';
import { createKeychainDouble } from '../../doubles/keychain.ts';
import { consentByScript } from '../../servers/authorization-server/consent-by-script.ts';
import { type SavedGrant, savedGrants } from '../saved-grants.ts';
import type { FileDeed, FromBroker, Stop, ToBroker } from './messages.ts';

export interface MortalBroker extends AsyncDisposable {
  /** The control plane of the broker that lives now. */
  readonly control: ControlClient;
  /** Base of the HTTP door. */
  readonly door: () => string;
  /** Every page that was opened in the person's browser, where Allow is pressed by script. */
  readonly opened: readonly string[];
  /** Begins to note file operations, and stops at one when told to. */
  readonly watch: (stop?: Stop) => Promise<void>;
  /** Resolves when it has stopped there. */
  readonly stopped: () => Promise<void>;
  /** The file operations since `watch`. */
  readonly deeds: () => Promise<readonly FileDeed[]>;
  readonly kill: () => Promise<void>;
  readonly start: () => Promise<void>;
  /** What a restart would find. Rejects when the vault does not open. */
  readonly saved: () => Promise<SavedGrant[]>;
  /** Every file in the data folder by its name. */
  readonly files: () => Promise<Map<string, Buffer>>;
}

/** Bundles the program: a start then takes half the time, and there are many. */
const bundled = async (folder: string): Promise<string> => {
  const outfile = path.join(folder, 'broker-process.mjs');
  await build({
    entryPoints: [path.join(import.meta.dirname, 'broker-process.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // The `main` of some packages loads its parts in a way that no bundler sees.
    mainFields: ['module', 'main'],
    banner: { js: requireForBundles },
  });
  return outfile;
};
const requireForBundles =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

export const startMortalBroker = async (): Promise<MortalBroker> => {
  const home = await mkdtemp(path.join(tmpdir(), 'drawbridge-mortal-'));
  const dataFolder = path.join(home, 'data');
  const program = await bundled(home);
  const keychain = createKeychainDouble();
  const opened: string[] = [];
  let child: ChildProcess | undefined;
  let door = '';
  let control: ControlClient | undefined;

  const tell = (message: ToBroker): void => void child?.send(message);
  const hear = <A extends FromBroker['about']>(
    about: A,
  ): Promise<Extract<FromBroker, { about: A }>> =>
    new Promise((resolve, reject) => {
      const speaker = child;
      const listen = (message: FromBroker): void => {
        if (message.about !== about) return;
        speaker?.off('message', listen);
        resolve(message as Extract<FromBroker, { about: A }>);
      };
      speaker?.on('message', listen);
      speaker?.once('exit', () => reject(new Error(`it died before it said ${about}`)));
    });

  const start = async (): Promise<void> => {
    const broker = fork(program, [dataFolder], { execArgv: [] });
    child = broker;
    broker.on('message', (message: FromBroker) => {
      if (message.about === 'keychain') {
        const { id, request } = message;
        void keychain
          .keychain(request, 0)
          .then((reply) => broker.connected && tell({ about: 'keychain', id, reply }));
      }
      if (message.about === 'browser') {
        opened.push(message.href);
        void consentByScript(message.href).catch(() => undefined);
      }
    });
    ({ door } = await hear('started'));
    control = createControlClient(await reachBroker(dataFolder, 'terminal'));
    await control.openVault({});
  };

  const kill = async (): Promise<void> => {
    const dying = child;
    child = undefined;
    if (dying === undefined || dying.exitCode !== null || dying.signalCode !== null) return;
    const dead = new Promise((resolve) => dying.once('exit', resolve));
    dying.kill('SIGKILL');
    await dead;
  };

  let stop = Promise.resolve();
  await start();
  return {
    get control() {
      if (control === undefined) throw new Error('not started');
      return control;
    },
    door: () => door,
    opened,
    watch: async (where) => {
      const watching = hear('watching');
      stop = hear('stopped').then(() => undefined);
      stop.catch(() => undefined);
      tell({ about: 'watch', ...(where === undefined ? {} : { stop: where }) });
      await watching;
    },
    stopped: () => stop,
    deeds: async () => {
      const counted = hear('counted');
      tell({ about: 'recount' });
      return (await counted).deeds;
    },
    ...{ kill, start },
    saved: () => savedGrants(dataFolder, keychain),
    files: () => filesIn(dataFolder),
    [Symbol.asyncDispose]: async () => {
      await kill();
      await rm(home, { recursive: true, force: true });
    },
  };
};
