/** What a broker to be killed and the test that kills it say to each other. */
import type { KeychainReply, KeychainRequest } from '../../../broker/ports.ts';

/** A file operation of a renewal, in the order they came. */
export type FileDeed = 'open' | 'write' | 'sync' | 'close' | 'link' | 'rename' | 'remove';

/** Where a renewal is to stop and wait for its death. */
export type Stop =
  | { readonly at: 'send' }
  | {
      readonly at: 'file';
      /** Which file operation since this was asked for, from 0. */
      readonly deed: number;
      /** `half`: a write has written the first part of its bytes. */
      readonly when: 'before' | 'half' | 'after';
      /** The part that `half` means, in (0, 1). */
      readonly part: number;
    };

export type ToBroker =
  | { readonly about: 'keychain'; readonly id: number; readonly reply: KeychainReply }
  /** Begins a new count of file operations, and stops where it is told to. */
  | { readonly about: 'watch'; readonly stop?: Stop }
  | { readonly about: 'recount' };

export type FromBroker =
  | { readonly about: 'keychain'; readonly id: number; readonly request: KeychainRequest }
  | { readonly about: 'browser'; readonly href: string }
  | { readonly about: 'log'; readonly line: string }
  | { readonly about: 'started'; readonly door: string }
  | { readonly about: 'watching' }
  | { readonly about: 'stopped' }
  | { readonly about: 'counted'; readonly deeds: readonly FileDeed[] };
