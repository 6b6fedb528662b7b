/** What each route of the control plane does, a line a route where a line is enough. */
import { ActivityWish, MOST_ACTIVITY } from '../../shared/contract/activity.ts';
import type { DoorKeyId, DoorKeyView } from '../../shared/contract/door-keys.ts';
import type { HostView } from '../../shared/contract/host.ts';
import type { AccountKey, ServerId } from '../../shared/contract/ids.ts';
import type { PowerEvent } from '../../shared/contract/power-event.ts';
import { type Problem, ProblemError, problemError } from '../../shared/contract/problems.ts';
import type { RouteParsedBody, RouteReply } from '../../shared/contract/routes.ts';
import type { ServerView, Snapshot, VaultView } from '../../shared/contract/snapshot.ts';
import type { Doctor } from '../doctor/doctor.ts';
import type { PreferencesBook } from '../preferences/preferences.ts';
import { leaveAccount } from '../removals/take-sign-in.ts';
import type { AddServerFlow } from '../servers/add.ts';
import type { Registry } from '../servers/registry.ts';
import type { Activity } from '../state/activity.ts';
import { aiClientsIn } from '../state/ai-clients.ts';
import type { Capture } from '../state/capture.ts';
import type { Pause } from '../state/pause.ts';
import type { TokenBook } from '../tokens/book.ts';
import type { MintedAccess, MintedBook } from '../tokens/minted.ts';
import { renewAll } from '../tokens/renew-all.ts';
import type { SignIns } from '../tokens/sign-ins.ts';
import { createTurns } from '../tokens/single-flight.ts';
import type { Unattended } from '../tokens/unattended.ts';
import { captureBindings, withCaptured } from './capture-bindings.ts';
import { type CertificateBindingDeps, createCertificateBindings } from './certificate-bindings.ts';
import { createDemoBindings, type DemoBindingDeps } from './demo-bindings.ts';
import { createDoorBindings, type DoorBindingDeps } from './door-bindings.ts';
import { createFactsBindings, type FactsBindingDeps } from './facts-bindings.ts';
import { createFileBindings, type FileBindingDeps } from './file/file-bindings.ts';
import type { Bindings } from './handler.ts';
import { pauseBindings } from './pause-bindings.ts';
import { createRemovalBindings, type RemovalBindingDeps } from './removal-bindings.ts';
import { createRuleBindings, type RuleBindingDeps } from './rule-bindings.ts';
import { createSecretBindings, type SecretBindingDeps, takeSecret } from './secret-bindings.ts';
import { createServerBindings, type ServerBindingDeps } from './server-bindings.ts';
import { createSourceBindings } from './source-bindings.ts';
import { createToolBindings, type ToolBindingDeps } from './tool-bindings.ts';

export interface BindingDeps
  extends Omit<ServerBindingDeps, 'inTurn' | 'endAccount' | 'settlements' | 'view'>,
    Omit<
      RemovalBindingDeps,
      'inTurn' | 'assertSignsIn' | 'deeds' | 'takeSecret' | 'doorKeys' | 'rules' | 'isDemo'
    >,
    Pick<RuleBindingDeps, 'shaping'>,
    Pick<DoorBindingDeps, 'door'>,
    Pick<FactsBindingDeps, 'facts'>,
    Pick<ToolBindingDeps, 'tools'>,
    Pick<DemoBindingDeps, 'demo'>,
    Pick<CertificateBindingDeps, 'certificates'> {
  readonly snapshot: () => Snapshot;
  readonly host: () => HostView;
  readonly registry: Registry;
  readonly servers: AddServerFlow;
  readonly doctor: Doctor;
  readonly preferences: Pick<PreferencesBook, 'view' | 'change'>;
  readonly signIns: SignIns;
  readonly book: Pick<TokenBook, 'access' | 'facts' | 'keys' | 'renew'>;
  readonly secrets: SecretBindingDeps['secrets'];
  readonly minted: Pick<MintedBook, 'access' | 'again' | 'facts' | 'forget' | 'renew'>;
  readonly forgive: SecretBindingDeps['forgive'];
  readonly activity: Pick<Activity, 'find' | 'forget'>;
  readonly capture: Capture;
  readonly pause: Pick<Pause, 'begin' | 'end'>;
  readonly unattended: Pick<Unattended, 'begin' | 'beginMissing'>;
  readonly vaultView: () => VaultView;
  readonly openVault: (options?: RouteParsedBody<'openVault'>) => Promise<void>;
  readonly sealVault: (how: RouteParsedBody<'sealVault'>) => Promise<void>;
  readonly wipe: () => Promise<RouteReply<'wipe'>>;
  /** Of AI clients for the HTTP door. */
  readonly doorKeys: {
    readonly all: () => DoorKeyView[];
    readonly make: (wish: RouteParsedBody<'makeDoorKey'>) => RouteReply<'makeDoorKey'>;
    /** Returns the way back. Throws `not-found`. */
    readonly revoke: (id: DoorKeyId) => () => void;
  };
  /** What importing and exporting files needs besides. */
  readonly files: Pick<
    FileBindingDeps,
    'openVault' | 'policy' | 'port' | 'resolveWith' | 'rules' | 'settlements' | 'now'
  >;
  /** What the machine tells. */
  readonly hear: (event: PowerEvent) => void;
  readonly windowLink: () => string;
  readonly end: (() => void) | undefined;
}

export const createBindings = (deps: BindingDeps): Bindings => {
  const { registry, servers, signIns, book } = deps;
  /** What changes a server happens one after the other. */
  const inTurn = createTurns();

  const endAccount = async (key: AccountKey): Promise<RouteReply<'signOut'>> => {
    const left = await leaveAccount(deps, key);
    return left.end();
  };

  const view = (id: ServerId): ServerView => {
    const server = deps.snapshot().servers.find((candidate) => candidate.id === id);
    if (server !== undefined) return server;
    throw new ProblemError('not-found', 'the server was removed meanwhile');
  };

  const secretBindings = createSecretBindings(deps);
  const changes = (turns: typeof inTurn) => ({
    ...createServerBindings({ ...deps, inTurn: turns, endAccount, view }),
    ...createCertificateBindings({ ...deps, inTurn: turns, view }),
  });
  const deeds: Omit<Bindings, 'applyFile'> = {
    ...changes(inTurn),
    ...createSourceBindings({ ...deps, inTurn, endAccount, view }),
    ...secretBindings,
    ...createRemovalBindings({
      ...{ ...deps, inTurn },
      // Its turn has come by then, and would be waited for in vain.
      deeds: changes((_server, run) => run()),
      rules: deps.shaping.rules,
      isDemo: (server) => deps.demo.server()?.id === server,
      takeSecret: (name) => takeSecret(deps, secretBindings, name),
      assertSignsIn: (key) => {
        registry.assertAccount(key);
        if (isMinted(registry, key)) assertSignsIn(registry, key);
      },
    }),
    host: deps.host,
    ...createRuleBindings({ registry, shaping: deps.shaping }),
    ...createFactsBindings(deps),
    ...createToolBindings(deps),
    ...createDoorBindings({ registry, door: deps.door }),
    ...createDemoBindings({ ...deps, inTurn, view }),
    snapshot: () => deps.snapshot(),
    probe: (_params, { url }) => servers.probe(url),
    preferences: () => deps.preferences.view(),
    changePreferences: async (_params, change) => {
      await deps.preferences.change(change);
      return deps.preferences.view();
    },
    examine: (_params, whom) => deps.doctor.examine(whom),
    activity: (_params, wish) => withCaptured(deps.activity.find(wish), deps.capture),
    aiClients: () => ({
      aiClients: aiClientsIn(
        deps.activity.find(ActivityWish.parse({ limit: MOST_ACTIVITY })).entries,
      ),
    }),
    ...captureBindings({ capture: deps.capture, registry }),
    ...pauseBindings(deps.pause),
    addAccount: ({ server }, { account }) =>
      inTurn(server, async () => {
        registry.addAccount({ server, account });
        return { server: view(server) };
      }),
    makeDefaultAccount: (key) =>
      inTurn(key.server, async () => {
        registry.makeDefault(key);
        return {};
      }),
    signIn: (key, choice) => {
      assertSignsIn(registry, key);
      registry.markSignedOut(key, false);
      deps.removals.settleSignIn(key);
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
    renewAll: async () => ({ outcomes: await renewAll(book) }),
    renew: async (key) => {
      registry.assertAccount(key);
      await (isMinted(registry, key) ? deps.minted : book).renew(key);
      return {};
    },
    token: async (key) => {
      if (isMinted(registry, key)) return tokenOf(await deps.minted.access(key));
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
    windowLink: () => ({ link: deps.windowLink() }),
    powerEvent: (_params, { event }) => {
      deps.hear(event);
      return {};
    },
    stop: () => {
      if (deps.end === undefined) throw notForOthers();
      deps.end();
      return {};
    },
  };
  const files = { ...deps, ...deps.files, inTurn, endAccount, deeds };
  return { ...deeds, ...createFileBindings({ ...files, probe: servers.probe }) };
};

const notForOthers = (): ProblemError =>
  new ProblemError('not-allowed', 'this Drawbridge cannot be stopped from here', {
    hint: 'stop the program that it is part of',
  });

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
