/** Secrets that the person has put into the vault under a name, for token sources and programs to refer to. */
import { SecretName } from '../../shared/contract/token-sources.ts';
import { Secret } from '../vault/secret.ts';
import type { Vault } from '../vault/vault.ts';

export interface NamedSecrets {
  /** Undefined where there is none of this name. Throws the vault's problem while it is closed. */
  readonly find: (name: string) => Secret | undefined;
  /** Their names, in order. */
  readonly names: () => readonly SecretName[];
  /** Rejects like `Vault.write`. */
  readonly keep: (name: SecretName, value: Secret) => Promise<void>;
  /** Rejects like `Vault.write`. */
  readonly remove: (name: SecretName) => Promise<void>;
}

const RECORD = 'secret:';

export interface NamedSecretsDeps {
  readonly vault: Pick<Vault, 'names' | 'read' | 'write'>;
  /** Throws the vault's problem while it is closed. */
  readonly assertOpen: () => void;
}

export const createNamedSecrets = ({ vault, assertOpen }: NamedSecretsDeps): NamedSecrets => ({
  find: (name) => {
    assertOpen();
    const value = vault.read(RECORD + name);
    return typeof value === 'string' ? new Secret(value) : undefined;
  },
  names: () =>
    vault
      .names()
      .filter((name) => name.startsWith(RECORD))
      .map((name) => name.slice(RECORD.length))
      .filter((name) => SecretName.safeParse(name).success)
      .sort(),
  keep: (name, value) => vault.write(RECORD + name, value.reveal()),
  remove: (name) => vault.write(RECORD + name, undefined),
});
