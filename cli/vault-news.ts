/** What `serve` says of the vault: that sign-ins cannot be opened, or that they will not last, each when it comes to that. */
import type { Broker } from '../broker/broker.ts';
import type { VaultView } from '../shared/contract/snapshot.ts';
import { inMemoryOnly, type Terminal } from './terminal.ts';

/** Tells of the vault as it is once it has opened or failed to, and of every change from then on, until stopped. */
export const tellOfVault = (
  { snapshot, subscribe }: Pick<Broker, 'snapshot' | 'subscribe'>,
  terminal: Terminal,
): (() => void) => {
  let last: VaultView = { kind: 'keychain', state: 'open' };
  const look = ({ vault }: { readonly vault: VaultView }): void => {
    if (vault.problem?.code === 'vault-opening' || newsIn(vault) === newsIn(last)) return;
    if (vault.problem !== undefined) terminal.warn(vault.problem);
    else if (last.state === 'closed') terminal.say('the vault is open');
    if (vault.kind === 'memory' && vault.state === 'open') {
      terminal.say(`${inMemoryOnly}: there is no keychain here`);
      terminal.say('hint: to keep them, start Drawbridge with --passphrase-file <file>');
    }
    last = vault;
  };
  look(snapshot());
  return subscribe(look);
};

const newsIn = ({ kind, state, problem }: VaultView): string =>
  [state, state === 'open' && kind === 'memory', problem?.message].join();
