/** Adding a local server: a program that a person has agreed to have run, with its secrets in the vault. */
import type { ServerId } from '../../shared/contract/ids.ts';
import type { AddLocalServer, LocalSecrets } from '../../shared/contract/local-server.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { LocalSecretStore } from './local-secrets.ts';
import type { Registry, ServerRecord } from './registry.ts';

export interface AddLocalFlow {
  /**
   * Keeps it; it is run when somebody asks something of it. Rejects with `bad-request` for a name that is given twice,
   * with `server-exists`, and, where there are secrets, like the vault; nothing is kept then.
   */
  readonly add: (wish: AddLocalServer) => Promise<ServerRecord>;
  /** Gives values to its secret variables. Rejects with `not-found`, `bad-request`, and like the vault. */
  readonly setSecrets: (server: ServerId, secrets: LocalSecrets) => Promise<void>;
}

export interface AddLocalDeps {
  readonly registry: Pick<Registry, 'addLocal' | 'assertFree' | 'get'>;
  readonly secrets: Pick<LocalSecretStore, 'keep'>;
  readonly openVault: () => Promise<void>;
  /** What failed for want of a secret may be tried again. */
  readonly onSecrets: (server: ServerId) => void;
  readonly remove: (server: ServerId) => void;
  readonly now: () => number;
}

export const createAddLocalFlow = (deps: AddLocalDeps): AddLocalFlow => {
  const { registry, secrets, openVault, now } = deps;
  return {
    add: async ({ command, secrets: given, ...wish }) => {
      const secretEnv = Object.keys(given);
      const twice = secretEnv.filter((name) => Object.hasOwn(command.env, name));
      if (twice.length > 0)
        throw new ProblemError('bad-request', `${twice.join(', ')} is given twice`, {
          hint: 'once as a plain value and once as a secret: leave one of them out',
        });
      if (secretEnv.length > 0) await openVault();
      const record = registry.addLocal({
        ...{ title: wish.title, id: wish.id, addedAt: now() },
        command: { ...command, secretEnv },
      });
      try {
        await secrets.keep(record.id, given);
        // It may have been looked at meanwhile.
        if (secretEnv.length > 0) deps.onSecrets(record.id);
      } catch (error) {
        // Half a server would only fail later and less clearly.
        deps.remove(record.id);
        throw error;
      }
      return record;
    },
    setSecrets: async (server, given) => {
      const { title, command } = registry.get(server);
      const unknown = Object.keys(given).filter(
        (name) => command?.secretEnv.includes(name) !== true,
      );
      if (unknown.length > 0)
        throw new ProblemError('bad-request', `${title} has no secret ${unknown.join(', ')}`, {
          hint: 'to give it more of them, remove the server and add it again',
        });
      await openVault();
      await secrets.keep(server, given);
      deps.onSecrets(server);
    },
  };
};
