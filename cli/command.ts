/** What a command is, and what it is given. */
import type { ParseArgsOptionsConfig } from 'node:util';
import type { ControlClient } from '../shared/contract/client.ts';
import { ProblemError } from '../shared/contract/problems.ts';
import type { Terminal } from './terminal.ts';

export interface Invocation {
  readonly words: readonly string[];
  readonly flag: (name: string) => boolean;
  readonly option: (name: string) => string | undefined;
  /** Every value of an option that may be repeated. */
  readonly options: (name: string) => readonly string[];
  readonly terminal: Terminal;
  /** The control plane of the running broker. Rejects with `not-running`. */
  readonly control: () => Promise<ControlClient>;
  readonly dataFolder: string;
  /** The passphrase that the environment held, which it does no longer. */
  readonly passphraseInEnvironment: string | undefined;
}

export interface Command {
  /** As shown in the usage line, for instance `add <url>`. */
  readonly usage: string;
  readonly summary: string;
  /** Lines for its own help, options included. */
  readonly help: readonly string[];
  /** How many words it takes. */
  readonly words: readonly [least: number, most: number];
  readonly options: ParseArgsOptionsConfig;
  readonly run: (invocation: Invocation) => Promise<void>;
}

/** What a command rejects with once it has undone what Ctrl-C interrupted. */
export class Interrupted extends ProblemError {}

/** What a command rejects with that has told its facts already: they say how it failed, and only the exit code is left. */
export class Told extends ProblemError {}

/** The options that every command takes. */
export const commonOptions = {
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsOptionsConfig;

export const accountOption = {
  account: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;
