/** The secrets of local servers: kept in the vault under the server's id, and given out to the program alone. */
import { z } from 'zod';
import type { ServerId } from '../../shared/contract/ids.ts';
import type { LocalSecrets } from '../../shared/contract/local-server.ts';
import { Secret } from '../vault/secret.ts';

export interface LocalSecretStore {
  /** Those that are held, by the names of their variables. */
  readonly of: (server: ServerId) => ReadonlyMap<string, Secret>;
  /** Keeps these values beside those that are held. Rejects like `Vault.write`. */
  readonly keep: (server: ServerId, secrets: LocalSecrets) => Promise<void>;
  /** Removes all of a server's, and returns the way back. Both reject like `Vault.write`. */
  readonly take: (server: ServerId) => Promise<() => Promise<void>>;
}

export interface LocalSecretDeps {
  readonly vault: {
    readonly read: (name: string) => unknown;
    readonly write: (name: string, record: unknown) => Promise<void>;
  };
  /** Cuts a value out of the log from now on. */
  readonly conceal: (secret: Secret) => void;
}

const RECORD = 'local-secrets:';
const Held = z.record(z.string(), z.string()).catch({});

export const createLocalSecrets = ({ vault, conceal }: LocalSecretDeps): LocalSecretStore => {
  const read = (server: ServerId): Readonly<Record<string, string>> =>
    Held.parse(vault.read(RECORD + server) ?? {});
  const hold = (values: Readonly<Record<string, string>>): ReadonlyMap<string, Secret> => {
    const secrets = new Map(Object.entries(values).map(([name, text]) => [name, new Secret(text)]));
    for (const secret of secrets.values()) conceal(secret);
    return secrets;
  };
  return {
    of: (server) => hold(read(server)),
    keep: async (server, secrets) => {
      if (Object.keys(secrets).length === 0) return;
      hold(secrets);
      await vault.write(RECORD + server, { ...read(server), ...secrets });
    },
    take: async (server) => {
      const held = vault.read(RECORD + server);
      if (held !== undefined) await vault.write(RECORD + server, undefined);
      return async () => {
        if (held !== undefined) await vault.write(RECORD + server, held);
      };
    },
  };
};
