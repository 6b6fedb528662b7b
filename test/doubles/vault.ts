/** A vault in memory that can be slow and can fail on request. */

import type { Vault } from '../../broker/vault/vault.ts';
import type { VaultView } from '../../shared/contract/snapshot.ts';

export interface VaultDouble extends Pick<Vault, 'view' | 'names' | 'read' | 'write'> {
  /** What a restart would find: only what has been written to the end. */
  readonly records: Map<string, unknown>;
  /** Every write asked for, as it was asked. */
  readonly asked: { readonly name: string; readonly record: unknown }[];
  /** Writes wait until the function returned is called. */
  readonly hold: () => () => void;
  /** Writes reject with this; undefined mends it. */
  readonly failWith: (error: Error | undefined) => void;
  readonly show: (view: VaultView) => void;
}

export const createVaultDouble = (): VaultDouble => {
  const records = new Map<string, unknown>();
  const asked: { name: string; record: unknown }[] = [];
  let gate = Promise.resolve();
  let failure: Error | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let view: VaultView = { kind: 'keychain', state: 'open' };

  return {
    records,
    asked,
    view: () => view,
    show: (next) => {
      view = next;
    },
    names: () => [...records.keys()],
    read: (name) => records.get(name),
    write: (name, record) => {
      asked.push({ name, record });
      const write = last.then(async () => {
        await gate;
        if (failure !== undefined) throw failure;
        if (record === undefined) records.delete(name);
        else records.set(name, JSON.parse(JSON.stringify(record)));
      });
      last = write.catch(() => undefined);
      return write;
    },
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
    failWith: (error) => {
      failure = error;
    },
  };
};
