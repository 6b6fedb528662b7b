/** The composition root: wires, starts, stops; decides nothing. */
import type { Answer } from '../shared/contract/client.ts';
import type { Snapshot } from '../shared/contract/snapshot.ts';
import type { Ports } from './ports.ts';

export interface BrokerOptions {
  /** The folder that holds everything Drawbridge keeps. Made when absent, owner only. */
  readonly dataFolder: string;
  /** The folder of the built window: index.html and its assets. */
  readonly windowFolder: string;
  /** Shown in snapshots. */
  readonly version: string;
  /** Seals the vault with this instead of a key in the keychain. */
  readonly passphrase?: string;
}

export interface Broker {
  /** The control plane and the window's files for the product's own window: no session needed. */
  readonly desktop: Answer;
  /** The same for a browser: everything but files needs the session that a one-time link opens. */
  readonly web: Answer;
  /** A one-time link into `web` when it is mounted at `origin`, for instance `http://127.0.0.1:4000`. */
  readonly windowLink: (origin: string) => string;
  readonly snapshot: () => Snapshot;
  /** Calls back with each new snapshot; returns a function that stops it. */
  readonly subscribe: (listener: (snapshot: Snapshot) => void) => () => void;
  /** Ends renewals, doors and running sign-ins, and gives the data folder free. */
  readonly stop: () => Promise<void>;
}

/**
 * A running broker.
 *
 * Rejects with `already-running` when another one holds the data folder.
 */
export declare const startBroker: (options: BrokerOptions, ports: Ports) => Promise<Broker>;

/**
 * The control plane of the broker that holds `dataFolder`, over its owner-only socket.
 *
 * Rejects with `not-running` when none answers.
 */
export declare const reachBroker: (dataFolder: string) => Promise<Answer>;

/** Where Drawbridge keeps everything: `DRAWBRIDGE_DATA_DIR`, else the platform's place for application data. */
export declare const dataFolderOf: (
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
  home: string,
) => string;
