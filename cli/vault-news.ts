/** What `serve` says of the vault once it is known: that sign-ins cannot be opened, or that they will not last. */
import type { Broker } from '../broker/broker.ts';
import type { VaultView } from '../shared/contract/snapshot.ts';
import { inMemoryOnly, type Terminal } from './terminal.ts';

/** A passphrase takes a moment to become a key; a keychain prompt may wait for as long as nobody answers it. */
const PATIENCE_MS = 2_000;

/** The vault once it has opened or failed to, or as it is when that takes longer than a person would look. */
export const vaultAfterStart = ({
  snapshot,
  subscribe,
}: Pick<Broker, 'snapshot' | 'subscribe'>): Promise<VaultView> => {
  const { promise, resolve } = Promise.withResolvers<VaultView>();
  const look = ({ vault }: { readonly vault: VaultView }): void => {
    if (vault.problem?.code !== 'vault-opening') resolve(vault);
  };
  const unsubscribe = subscribe(look);
  // Must not hold a daemon that is told to stop meanwhile.
  const timer = setTimeout(() => resolve(snapshot().vault), PATIENCE_MS).unref();
  look(snapshot());
  return promise.finally(() => {
    unsubscribe();
    clearTimeout(timer);
  });
};

export const tellOfVault = (vault: VaultView, terminal: Terminal): void => {
  if (vault.problem !== undefined) terminal.warn(vault.problem);
  if (vault.kind !== 'memory') return;
  terminal.say(`${inMemoryOnly}: there is no keychain here`);
  terminal.say('hint: to keep them, start Drawbridge with --passphrase-file <file>');
};
