/** What each route of the control plane does, a line a route where a line is enough. */
import type { AccountKey, ServerId } from '../../shared/contract/ids.ts';
import type { Problem } from '../../shared/contract/problems.ts';
import { ProblemError, problemError } from '../../shared/contract/problems.ts';
import type { RouteReply } from '../../shared/contract/routes.ts';
import type { Snapshot, VaultView } from '../../shared/contract/snapshot.ts';
import type { AddServerFlow } from '../servers/add.ts';
import type { Registry } from '../servers/registry.ts';
import type { TokenBook } from '../tokens/book.ts';
import type { SignIns } from '../tokens/sign-ins.ts';
import type { Bindings } from './handler.ts';

export interface BindingDeps {
  readonly snapshot: () => Snapshot;
  readonly registry: Registry;
  readonly servers: AddServerFlow;
  readonly signIns: SignIns;
  readonly book: Pick<TokenBook, 'access' | 'facts' | 'renew'>;
  readonly signOut: (key: AccountKey) => Promise<RouteReply<'signOut'>>;
  /** Undefined removes it. */
  readonly keepClientSecret: (server: ServerId, secret: string | undefined) => Promise<void>;
  readonly vaultView: () => VaultView;
  readonly openVault: () => Promise<void>;
  /** Makes a key for one AI client at the HTTP door. */
  readonly makeDoorKey: (aiClient: string) => string;
  readonly windowLink: () => string;
}

export const createBindings = (deps: BindingDeps): Bindings => {
  const { registry, servers, signIns, book } = deps;

  const endAccount = async (key: AccountKey): Promise<RouteReply<'signOut'>> => {
    await signIns.cancel(key);
    signIns.forget(key);
    return deps.signOut(key);
  };

  return {
    snapshot: () => deps.snapshot(),
    probe: (_params, { url }) => servers.probe(url),
    addServer: async (_params, wish) => {
      const { record, probe } = await servers.add(wish);
      const secret = wish.oauth?.clientSecret;
      try {
        if (secret !== undefined) await deps.keepClientSecret(record.id, secret);
      } catch (error) {
        // Half a server, with an id and no secret, would only fail later and less clearly.
        registry.remove(record.id);
        throw error;
      }
      const server = deps.snapshot().servers.find(({ id }) => id === record.id);
      if (server === undefined)
        throw new ProblemError('not-found', 'the server was removed meanwhile');
      return { server, probe };
    },
    removeServer: async ({ server }) => {
      const { accounts, tokenSource, oauth } = registry.get(server);
      // A closed vault must not keep a server that has nothing in it.
      if (tokenSource !== 'none')
        await Promise.all(accounts.map((account) => endAccount({ server, account })));
      if (oauth !== undefined) await deps.keepClientSecret(server, undefined);
      registry.remove(server);
      return {};
    },
    signIn: (key, { openBrowser }) => {
      assertSignsIn(registry, key);
      return { step: signIns.start(key, { openBrowser }) };
    },
    signInLink: async (key) => ({ link: await signIns.link(key) }),
    cancelSignIn: async (key) => {
      await signIns.cancel(key);
      return {};
    },
    signOut: (key) => {
      registry.assertAccount(key);
      return endAccount(key);
    },
    renew: async (key) => {
      registry.assertAccount(key);
      await book.renew(key);
      return {};
    },
    token: async (key) => {
      assertSignsIn(registry, key);
      const { token } = await book.access(key);
      const expiresAt = book.facts(key)?.expiresAt;
      return { token: token.reveal(), ...(expiresAt === undefined ? {} : { expiresAt }) };
    },
    openVault: async () => {
      await deps.openVault();
      const view = deps.vaultView();
      if (view.state === 'closed') throw problemError(view.problem ?? stillClosed);
      return view;
    },
    makeDoorKey: (_params, { aiClient }) => ({ key: deps.makeDoorKey(aiClient) }),
    windowLink: () => ({ link: deps.windowLink() }),
  };
};

const assertSignsIn = (registry: Registry, key: AccountKey): void => {
  registry.assertAccount(key);
  if (registry.get(key.server).tokenSource === 'none') {
    throw new ProblemError('bad-request', `${registry.get(key.server).title} needs no sign-in`);
  }
};

const stillClosed: Problem = { code: 'vault-locked', message: 'the vault is still closed' };
