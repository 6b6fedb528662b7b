/** What each route of the control plane does, a line a route where a line is enough. */
import type { DoorAddress, DoorKeyId, DoorKeyView } from '../../shared/contract/door-keys.ts';
import type { AccountKey, ServerId } from '../../shared/contract/ids.ts';
import type { Problem } from '../../shared/contract/problems.ts';
import { ProblemError, problemError } from '../../shared/contract/problems.ts';
import type { RouteParsedBody, RouteReply } from '../../shared/contract/routes.ts';
import type {
  ApprovalArguments,
  ApprovalId,
  KnownTool,
  Rule,
  RuleId,
  RuleWish,
} from '../../shared/contract/rules.ts';
import type { SignInChange, SignInWish } from '../../shared/contract/sign-in-settings.ts';
import type { ServerView, Snapshot, VaultView } from '../../shared/contract/snapshot.ts';
import type { Doctor } from '../doctor/doctor.ts';
import type { PreferencesBook } from '../preferences/preferences.ts';
import { type AddServerFlow, bothWays } from '../servers/add.ts';
import type { AddLocalFlow } from '../servers/add-local.ts';
import { assertSettings, assertUnused } from '../servers/assert-settings.ts';
import { type Registry, type ServerRecord, settingsAfter } from '../servers/registry.ts';
import type { Activity } from '../state/activity.ts';
import type { Capture } from '../state/capture.ts';
import type { TokenBook } from '../tokens/book.ts';
import type { MintedAccess, MintedBook } from '../tokens/minted.ts';
import { renewAll } from '../tokens/renew-all.ts';
import { type Settlements, shownPart } from '../tokens/settle.ts';
import type { SignIns } from '../tokens/sign-ins.ts';
import { createTurns } from '../tokens/single-flight.ts';
import type { Unattended } from '../tokens/unattended.ts';
import { captureBindings, withCaptured } from './capture-bindings.ts';
import type { Bindings } from './handler.ts';
import { createSourceBindings, type SourceBindingDeps } from './source-bindings.ts';

export interface BindingDeps {
  readonly snapshot: () => Snapshot;
  readonly registry: Registry;
  readonly servers: AddServerFlow;
  readonly localServers: AddLocalFlow;
  /** Removes what the vault holds for a local server. Rejects like the vault. */
  readonly forgetLocal: (server: ServerId) => Promise<void>;
  /** Ends the programs of a local server that is there no more. */
  readonly localRemoved: (server: ServerId) => void;
  readonly doctor: Doctor;
  readonly preferences: Pick<PreferencesBook, 'view' | 'change'>;
  readonly signIns: SignIns;
  readonly book: Pick<TokenBook, 'access' | 'facts' | 'keys' | 'renew'>;
  readonly signOut: (key: AccountKey) => Promise<RouteReply<'signOut'>>;
  readonly secrets: SourceBindingDeps['secrets'];
  readonly minted: Pick<MintedBook, 'access' | 'again' | 'forget' | 'renew'>;
  readonly settlements: Pick<Settlements, 'keepSecrets' | 'forget'>;
  /** Throws `client-key-unusable`. */
  readonly assertClientKey: (key: string) => void;
  readonly activity: Pick<Activity, 'find' | 'forget'>;
  readonly capture: Capture;
  readonly unattended: Pick<Unattended, 'begin' | 'beginMissing'>;
  readonly vaultView: () => VaultView;
  readonly openVault: (options?: RouteParsedBody<'openVault'>) => Promise<void>;
  readonly sealVault: (how: RouteParsedBody<'sealVault'>) => Promise<void>;
  readonly wipe: () => Promise<RouteReply<'wipe'>>;
  /** Of AI clients for the HTTP door. */
  readonly doorKeys: {
    readonly all: () => DoorKeyView[];
    readonly make: (wish: RouteParsedBody<'makeDoorKey'>) => RouteReply<'makeDoorKey'>;
    /** Throws `not-found`. */
    readonly revoke: (id: DoorKeyId) => void;
  };
  /** What narrows what AI clients may use, and the calls that wait for the person. */
  readonly shaping: {
    readonly rules: {
      /** Throws `bad-request` and `cannot-save`. */
      readonly add: (wish: RuleWish) => Rule;
      /** Throws `not-found`. */
      readonly remove: (id: RuleId) => void;
    };
    readonly approvals: {
      /** Both throw `not-found` for what waits no longer. */
      readonly argumentsOf: (id: ApprovalId) => ApprovalArguments;
      readonly answer: (id: ApprovalId, allow: boolean) => void;
    };
    /** Throws `not-found`. */
    readonly knownTools: (address: DoorAddress) => readonly KnownTool[];
  };
  readonly windowLink: () => string;
}

export const createBindings = (deps: BindingDeps): Bindings => {
  const { registry, servers, signIns, book } = deps;
  /** What changes a server happens one after the other. */
  const inTurn = createTurns();

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

  /** A key that cannot sign is refused while the person still knows where it is from. */
  const assertKey = (wish: SignInWish | undefined): void => {
    if (wish?.clientKey !== undefined) deps.assertClientKey(wish.clientKey);
  };

  const view = (id: ServerId): ServerView => {
    const server = deps.snapshot().servers.find((candidate) => candidate.id === id);
    if (server !== undefined) return server;
    throw new ProblemError('not-found', 'the server was removed meanwhile');
  };

  const { secrets, minted, openVault } = deps;

  return {
    ...createSourceBindings({
      ...{ registry, servers, secrets, minted, openVault, inTurn, endAccount, view },
    }),
    snapshot: () => deps.snapshot(),
    probe: (_params, { url }) => servers.probe(url),
    preferences: () => deps.preferences.view(),
    changePreferences: async (_params, change) => {
      await deps.preferences.change(change);
      return deps.preferences.view();
    },
    examine: (_params, whom) => deps.doctor.examine(whom),
    addServer: async (_params, wish) => {
      assertKey(wish.signIn);
      const { record, probe } = await servers.add(wish);
      await inTurn(record.id, () => settle(record, wish.signIn));
      return { server: view(record.id), probe };
    },
    addIdentityProvider: async (_params, wish) => {
      assertKey(wish.signIn);
      const record = await servers.addIdentityProvider(wish);
      await inTurn(record.id, () => settle(record, wish.signIn));
      return { server: view(record.id) };
    },
    addLocalServer: async (_params, wish) => {
      const { id } = await deps.localServers.add(wish);
      return { server: view(id) };
    },
    setLocalSecrets: ({ server }, { secrets }) =>
      inTurn(server, async () => {
        await deps.localServers.setSecrets(server, secrets);
        return { server: view(server) };
      }),
    configureSignIn: ({ server }, change) =>
      inTurn(server, async () => {
        const record = registry.get(server);
        const { accounts, signIn } = record;
        if (record.tokenSource === 'minted') throw bothWays();
        const { set, unset } = withoutForeignSecrets(change, signIn?.clientId);
        assertKey(set);
        assertSettings(
          registry,
          record.kind,
          settingsAfter(record, { set: shownPart(set), unset }),
        );
        // One that runs was begun with what no longer counts.
        await Promise.all(accounts.map((account) => signIns.cancel({ server, account })));
        await deps.openVault();
        // In this order, so that at no moment the id of one client stands beside the secret of another.
        await deps.settlements.keepSecrets(server, { set: {}, unset });
        registry.changeSignIn(server, { set: shownPart(set), unset });
        await deps.settlements.keepSecrets(server, { set, unset: [] });
        // Why it failed before is no news of what is settled now.
        for (const account of accounts) signIns.forget({ server, account });
        if (registry.get(server).tokenSource === 'none')
          await Promise.all(accounts.map((account) => endAccount({ server, account })));
        deps.unattended.begin(server);
        return { server: view(server) };
      }),
    removeServer: ({ server }) =>
      inTurn(server, async () => {
        const record = registry.get(server);
        const { accounts, tokenSource, signIn } = record;
        assertUnused(registry, record);
        const keys = accounts.map((account) => ({ server, account }));
        // A closed vault must not keep a server that has nothing in it.
        const hasSomething = (key: AccountKey): boolean =>
          tokenSource === 'oauth' || book.facts(key) !== undefined;
        await Promise.all(keys.filter(hasSomething).map(endAccount));
        if (signIn !== undefined) await deps.settlements.forget(server);
        await deps.forgetLocal(server);
        registry.remove(server);
        for (const key of keys) minted.forget(key);
        if (record.kind === 'local') deps.localRemoved(server);
        // One that began meanwhile finds its server gone when it comes to be kept.
        await Promise.all(keys.map((key) => signIns.cancel(key)));
        deps.capture.forget(server);
        await deps.activity.forget(server);
        return {};
      }),
    activity: (_params, wish) => withCaptured(deps.activity.find(wish), deps.capture),
    ...captureBindings({ capture: deps.capture, registry }),
    addAccount: ({ server }, { account }) => {
      registry.addAccount({ server, account });
      return { server: view(server) };
    },
    removeAccount: (key) =>
      inTurn(key.server, async () => {
        registry.assertCanGo(key);
        await endAccount(key);
        registry.removeAccount(key);
        // One that began meanwhile finds its account gone when it comes to be kept.
        await signIns.cancel(key);
        return {};
      }),
    makeDefaultAccount: (key) => {
      registry.makeDefault(key);
      return {};
    },
    signIn: (key, choice) => {
      assertSignsIn(registry, key);
      registry.markSignedOut(key, false);
      const step = signIns.start(key, choice);
      return { step, ...(signIns.running(key)?.choice.onDevice === true && { onDevice: true }) };
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
      if (isMinted(registry, key)) assertSignsIn(registry, key);
      registry.markSignedOut(key, true);
      return endAccount(key);
    },
    renewAll: async () => ({ outcomes: await renewAll(book) }),
    renew: async (key) => {
      registry.assertAccount(key);
      await (isMinted(registry, key) ? minted : book).renew(key);
      return {};
    },
    token: async (key) => {
      if (isMinted(registry, key)) return tokenOf(await minted.access(key));
      assertSignsIn(registry, key);
      const { token } = await book.access(key);
      const expiresAt = book.facts(key)?.expiresAt;
      return { token: token.reveal(), ...(expiresAt === undefined ? {} : { expiresAt }) };
    },
    openVault: async (_params, options) => {
      await deps.openVault(options);
      deps.unattended.beginMissing();
      const view = deps.vaultView();
      if (view.state === 'closed') throw problemError(view.problem ?? stillClosed);
      return view;
    },
    sealVault: async (_params, how) => {
      await deps.sealVault(how);
      return deps.vaultView();
    },
    wipe: () => deps.wipe(),
    doorKeys: () => ({ keys: deps.doorKeys.all() }),
    makeDoorKey: (_params, wish) => {
      // A slip in the name would make a key that opens nothing, and nobody could tell why.
      for (const address of wish.servers ?? []) registry.keyAt(address);
      return deps.doorKeys.make(wish);
    },
    revokeDoorKey: (_params, { id }) => {
      deps.doorKeys.revoke(id);
      return {};
    },
    addRule: (_params, wish) => {
      // A slip in the name would make a rule that holds nowhere, and nobody would notice.
      if (wish.server !== undefined) registry.keyAt(wish.server);
      return { rule: deps.shaping.rules.add(wish) };
    },
    removeRule: (_params, { id }) => {
      deps.shaping.rules.remove(id);
      return {};
    },
    knownTools: (_params, { server }) => ({ tools: [...deps.shaping.knownTools(server)] }),
    approvalArguments: (_params, { id }) => deps.shaping.approvals.argumentsOf(id),
    answerApproval: (_params, { id, allow }) => {
      deps.shaping.approvals.answer(id, allow);
      return {};
    },
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
  if (registry.get(key.server).tokenSource !== 'oauth') {
    throw new ProblemError('bad-request', `${registry.get(key.server).title} needs no sign-in`);
  }
};

const isMinted = (registry: Registry, { server }: AccountKey): boolean =>
  registry.get(server).tokenSource === 'minted';

const tokenOf = ({ credential }: MintedAccess): RouteReply<'token'> => {
  const { expiresAt } = credential;
  if ('token' in credential)
    return {
      token: credential.token.reveal(),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    };
  throw new ProblemError('bad-request', 'its credential is no token: it is made for each request');
};

const stillClosed: Problem = { code: 'vault-locked', message: 'the vault is still closed' };
