/** What a shell must provide for the broker to live in it. */
import type { PowerEvent } from '../shared/contract/power-event.ts';

/** Time, so that tests can own it. All times are Unix time in ms, all durations ms. */
export interface Clock {
  now(): number;
  /** How much time has passed since some moment, which nobody can set; a sleep may be missing in it. */
  steady(): number;
  /** Runs `deed` once after `ms`, and returns a function that takes it back. Long waits are allowed. */
  after(ms: number, deed: () => void): () => void;
}

export type KeychainRequest =
  | { readonly deed: 'get' | 'delete'; readonly service: string; readonly user: string }
  | {
      readonly deed: 'set';
      readonly service: string;
      readonly user: string;
      readonly secret: string;
    };

/**
 * `value` is null when the keychain answered and holds no such item; deleting what is not there is no failure.
 * `failure` is the platform's own text, `afterMs` how long the platform took to say so.
 */
export type KeychainReply =
  | { readonly value: string | null }
  | { readonly failure: string; readonly afterMs?: number | undefined };

export interface Ports {
  readonly clock: Clock;
  /** Present where this machine has no browser to open. */
  readonly noBrowser?: true | undefined;
  /** Opens a page in the person's browser. The address was checked before; it must not pass through a shell. */
  readonly openBrowser: (address: URL) => Promise<void>;
  /**
   * One keychain call in a process of its own, killed after `timeoutMs`.
   *
   * A pending keychain prompt cannot be cancelled and blocks its process's exit, so it must never be ours.
   * Rejects when the child could not run or ended without an answer, with a `TimeoutError` when its time was over.
   */
  readonly keychain: (request: KeychainRequest, timeoutMs: number) => Promise<KeychainReply>;
  /**
   * The system's proxies for an origin, in the words of proxy auto-configuration (`PROXY a:8080; DIRECT`), where the
   * shell can ask for them.
   */
  readonly systemProxy?: (origin: URL) => Promise<string>;
  /** Calls back on power and network events; returns a function that stops it. */
  readonly onPowerEvent: (listener: (event: PowerEvent) => void) => () => void;
  /** Ends the program that the broker lives in, in order; absent where that is not for others to do. */
  readonly end?: () => void;
  /** Where log lines go: one JSON object a line, without the newline. */
  readonly writeLog: (line: string) => void;
}
