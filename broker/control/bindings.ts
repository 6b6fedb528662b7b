/** What each route of the control plane does, a line a route where a line is enough. */
import type { AccountKey, ServerId } from '../../shared/contract/ids.ts';
import type { Problem } from '../../shared/contract/problems.ts';
import { ProblemError, problemError } from '../../shared/contract/problems.ts';
import type { RouteReply } from '../../shared/contract/routes.ts';
import type { SignInChange, SignInWish } from '../../shared/contract/sign-in-settings.ts';
import type { ServerView, Snapshot, VaultView } from '../../shared/contract/snapshot.ts';
import type { Doctor } from '../doctor/doctor.ts';
import type { PreferencesBook } from '../preferences/preferences.ts';
import type { AddServerFlow } from '../servers/add.ts';
import type { Registry, ServerRecord } from '../servers/registry.ts';
import type { TokenBook } from '../tokens/book.ts';
import { renewAll } from '../tokens/renew-all.ts';
import { type Settlements, shownPart } from '../tokens/settle.ts';
import type { SignIns } from '../tokens/sign-ins.ts';
import type { Unattended } from '../tokens/unattended.ts';
import type { Bindings } from './handler.ts';

export interface BindingDeps {
  readonly snapshot: () => Snapshot;
  readonly registry: Registry;
  readonly servers: AddServerFlow;
  readonly doctor: Doctor;
  readonly preferences: Pick<PreferencesBook, 'view' | 'change'>;
  readonly signIns: SignIns;
  readonly book: Pick<TokenBook, 'access' | 'facts' | 'keys' | 'renew'>;
  readonly signOut: (key: AccountKey) => Promise<RouteReply<'signOut'>>;
  readonly settlements: Pick<Settlements, 'keepSecrets' | 'forget'>;
  readonly unattended: Pick<Unattended, 'begin' | 'beginMissing'>;
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

  /** Half a server, with a client id and no secret, would only fail later and less clearly. */
  const settle = async ({ id }: ServerRecord, wish: SignInWish | undefined): Promise<void> => {
    try {
      if (wish !== undefined) {
        await deps.openVault();
        await deps.settlements.keepSecrets(id, { set: wish, unset: [] });
      }
    } catch (error) {
      registry.remove(id);
      throw error;
    }
    deps.unattended.begin(id);
  };

  const view = (id: ServerId): ServerView => {
    const server = deps.snapshot().servers.find((candidate) => candidate.id === id);
    if (server !== undefined) return server;
    throw new ProblemError('not-found', 'the server was removed meanwhile');
  };

  return {
    snapshot: () => deps.snapshot(),
    probe: (_params, { url }) => servers.probe(url),
    preferences: () => deps.preferences.view(),
    changePreferences: async (_params, change) => {
      await deps.preferences.change(change);
      return deps.preferences.view();
    },
    examine: (_params, whom) => deps.doctor.examine(whom),
    addServer: async (_params, wish) => {
      const { record, probe } = await servers.add(wish);
      await settle(record, wish.signIn);
      return { server: view(record.id), probe };
    },
    addIdentityProvider: async (_params, wish) => {
      const record = await servers.addIdentityProvider(wish);
      await settle(record, wish.signIn);
      return { server: view(record.id) };
    },
    configureSignIn: async ({ server }, change) => {
      const { accounts, signIn } = registry.get(server);
      await deps.openVault();
      await deps.settlements.keepSecrets(server, withoutForeignSecrets(change, signIn?.clientId));
      registry.changeSignIn(server, { ...change, set: shownPart(change.set) });
      // Why it failed before is no news of what is settled now.
      for (const account of accounts) signIns.forget({ server, account });
      deps.unattended.begin(server);
      return { server: view(server) };
    },
    removeServer: async ({ server }) => {
      const { accounts, tokenSource, signIn } = registry.get(server);
      // A closed vault must not keep a server that has nothing in it.
      if (tokenSource !== 'none')
        await Promise.all(accounts.map((account) => endAccount({ server, account })));
      if (signIn !== undefined) await deps.settlements.forget(server);
      registry.remove(server);
      return {};
    },
    signIn: (key, choice) => {
      assertSignsIn(registry, key);
      registry.markSignedOut(key, false);
      return { step: signIns.start(key, choice) };
    },
    signInLink: async (key) => ({ link: await signIns.link(key) }),
    pasteCallback: (key, { address }) => {
      signIns.paste(key, address);
      return {};
    },
    cancelSignIn: async (key) => {
      await signIns.cancel(key);
      return {};
    },
    signOut: (key) => {
      registry.assertAccount(key);
      registry.markSignedOut(key, true);
      return endAccount(key);
    },
    renewAll: async () => ({ outcomes: await renewAll(book) }),
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
      deps.unattended.beginMissing();
      const view = deps.vaultView();
      if (view.state === 'closed') throw problemError(view.problem ?? stillClosed);
      return view;
    },
    makeDoorKey: (_params, { aiClient }) => ({ key: deps.makeDoorKey(aiClient) }),
    windowLink: () => ({ link: deps.windowLink() }),
  };
};

/** The secret and the key of one client must not be sent with the id of another. */
const withoutForeignSecrets = (
  change: SignInChange,
  clientId: string | undefined,
): SignInChange => {
  const { set, unset } = change;
  const isOther =
    unset.includes('clientId') || (set.clientId !== undefined && set.clientId !== clientId);
  const foreign = (['clientSecret', 'clientKey'] as const).filter((name) => !(name in set));
  return isOther ? { set, unset: [...unset, ...foreign] } : change;
};

const assertSignsIn = (registry: Registry, key: AccountKey): void => {
  registry.assertAccount(key);
  if (registry.get(key.server).tokenSource === 'none') {
    throw new ProblemError('bad-request', `${registry.get(key.server).title} needs no sign-in`);
  }
};

const stillClosed: Problem = { code: 'vault-locked', message: 'the vault is still closed' };
