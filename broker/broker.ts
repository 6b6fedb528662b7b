/** The composition root: wires, starts, stops; decides nothing. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Answer } from '../shared/contract/client.ts';
import type { AccountKey } from '../shared/contract/ids.ts';
import { Preferences } from '../shared/contract/preferences.ts';
import { ProblemError, problemError } from '../shared/contract/problems.ts';
import type { Snapshot } from '../shared/contract/snapshot.ts';
import { DoorKey } from './bridge/doors/keys.ts';
import { Verdict } from './bridge/eras/verdicts.ts';
import { openBridge } from './bridge/open-bridge.ts';
import { createBindings } from './control/bindings.ts';
import { createBrowserSessions } from './control/browser-session.ts';
import { createControl } from './control/handler.ts';
import { mountDesktop, mountTerminal, mountWeb, neverThrowing } from './control/mounts.ts';
import { openTerminalSocket } from './control/terminal-socket.ts';
import { windowFiles } from './control/window-files.ts';
import { createDoctor } from './doctor/doctor.ts';
import { createLogger } from './log/logger.ts';
import { createNet, type Net } from './net/guarded-fetch.ts';
import { createOutbound, describeOutbound } from './net/outbound.ts';
import { createPools } from './net/pools.ts';
import { createHolderOf } from './net/port-holder.ts';
import { systemCertificates } from './net/trust.ts';
import { assertClientKey } from './oauth/client-key.ts';
import { clientSource } from './oauth/client-source.ts';
import { discover, issuerMetadata } from './oauth/discover.ts';
import { issuerOf, type SignInTarget } from './oauth/find-sign-in.ts';
import { atMost, pause } from './pause.ts';
import type { Ports } from './ports.ts';
import { createPreferences } from './preferences/preferences.ts';
import { createAddServerFlow } from './servers/add.ts';
import { createRegistry, ServerRecord } from './servers/registry.ts';
import { openActivity } from './state/activity.ts';
import { createProjection } from './state/projection.ts';
import { createStore } from './state/store.ts';
import { watchEnds } from './state/watch-ends.ts';

import { takeInstanceLock } from './storage/instance-lock.ts';
import { announceInstance, withdrawInstance } from './storage/instance-record.ts';
import { makePrivateFolder, sweepTemporaries } from './storage/private.ts';
import { rotatingLines } from './storage/rotating-lines.ts';
import { openSettings } from './storage/settings.ts';
import { socketPath } from './storage/socket-path.ts';
import { createTokenBook } from './tokens/book.ts';
import type { Grant } from './tokens/grant.ts';
import { hasMoved } from './tokens/has-moved.ts';
import { createIssuerBudget } from './tokens/issuer-budget.ts';
import { createObtain } from './tokens/obtain.ts';
import { createRegistrations } from './tokens/registrations.ts';
import { createRenewals } from './tokens/renewals.ts';
import { createSettlements, shownPart } from './tokens/settle.ts';
import { createSignIns } from './tokens/sign-ins.ts';
import { revokeGrant, signOut } from './tokens/sign-out.ts';
import { createStepUps } from './tokens/step-ups.ts';
import { createUnattended } from './tokens/unattended.ts';
import { createVouch, idTokenIn, type Provider } from './tokens/vouch.ts';
import { watchClock } from './tokens/watch-clock.ts';
import { createWhom } from './tokens/whom.ts';
import { createWipe } from './tokens/wipe.ts';
import type { OpenOptions } from './vault/open-sealed.ts';
import { Secret } from './vault/secret.ts';
import { createVault } from './vault/vault.ts';

export { reachTerminalSocket as reachBroker } from './control/terminal-socket.ts';
export { windowFiles } from './control/window-files.ts';
export { openLogFile } from './log/log-file.ts';
export { dataFolderOf } from './storage/data-folder.ts';
export { systemClock } from './system-clock.ts';
export { keychainOver } from './vault/keychain-process.ts';

export interface BrokerOptions {
  /** The folder that holds everything Drawbridge keeps. Made when absent, owner only. */
  readonly dataFolder: string;
  /** The folder of the built window: index.html and its assets. */
  readonly windowFolder: string;
  /** Shown in snapshots. */
  readonly version: string;
  /** Seals the vault with this instead of a key in the keychain. */
  readonly passphrase?: string;
  /** Where our client metadata document is published (https); beats the settings. */
  readonly clientDocument?: string;
}

export interface Broker {
  /** The control plane and the window's files for the product's own window: no session needed. */
  readonly desktop: Answer;
  /** The same for a browser: everything but files needs the session that a one-time link opens. */
  readonly web: Answer;
  /** Tells where a shell has mounted `web`, for instance `http://127.0.0.1:4000`. */
  readonly servesWindowAt: (origin: string) => void;
  /** A one-time link into the window. Throws `not-found` while `web` is mounted nowhere. */
  readonly windowLink: () => string;
  readonly snapshot: () => Snapshot;
  /** Calls back with each new snapshot; returns a function that stops it. */
  readonly subscribe: (listener: (snapshot: Snapshot) => void) => () => void;
  /** Ends renewals, doors and running sign-ins, and gives the data folder free. */
  readonly stop: () => Promise<void>;
}

/** A call that comes while the vault is being opened waits for it this long; its keychain may wait for the person. */
const VAULT_PATIENCE_MS = 10_000;

/** A renewal under way at the end is waited for this long. */
const LAST_RENEWAL_MS = 10_000;

const SettingsSchema = z.object({
  servers: z.array(ServerRecord).default([]),
  doorKeys: z.array(DoorKey).default([]),
  eras: z.array(Verdict).default([]),
  httpPort: z.number().int().optional(),
  preferences: Preferences.default({}),
});

/**
 * A running broker.
 *
 * Rejects with `already-running` when another one holds the data folder, and with the system's error when the folder
 * cannot be used.
 */
export const startBroker = async (options: BrokerOptions, ports: Ports): Promise<Broker> => {
  const { clock } = ports;
  const { dataFolder } = options;
  // Undone in reverse order, when the broker stops or when a step below fails.
  await using undo = new AsyncDisposableStack();

  const ending = new AbortController();

  await makePrivateFolder(dataFolder);
  undo.defer(await takeInstanceLock(dataFolder));
  await sweepTemporaries(dataFolder);
  const log = createLogger(ports.writeLog, clock);
  const settings = await openSettings(dataFolder, SettingsSchema, clock.now);
  const vault = createVault({
    folder: dataFolder,
    keychain: ports.keychain,
    clock,
    passphrase: options.passphrase,
    onChange: () => store.changed(),
  });
  const outbound = createOutbound({
    settings: () => preferences.outbound(),
    env: process.env,
    systemProxy: ports.systemProxy,
    systemCertificates,
  });
  const preferences = createPreferences({
    read: () => settings.all().preferences,
    write: (all) => settings.set('preferences', all),
    outbound: () => outbound,
    vault,
  });
  const net = createNet(clock, { outbound });
  undo.defer(net.close);
  const pools = createPools({ outbound });
  undo.defer(pools.close);

  const registry = createRegistry(
    {
      read: () => settings.all().servers,
      write: (servers) => settings.set('servers', servers),
    },
    () => store.changed(),
  );
  const activity = await openActivity({
    ...{ file: rotatingLines(dataFolder, 'activity'), clock, log },
    isKnown: (server) => registry.find(server) !== undefined,
    onChange: () => store.changed(),
  });
  undo.defer(activity.close);
  const fetchOf = ({ server }: AccountKey) => net.fetchFor(registry.get(server).zone);
  const targetOf = ({ server }: AccountKey): SignInTarget => signInTarget(registry.get(server));
  const discard = ({ server }: AccountKey, grant: Grant): void =>
    void revokeGrant(net.fetchFor(registry.find(server)?.zone ?? 'public'), grant);

  const stepUps = createStepUps(clock, () => store.changed());
  const book = createTokenBook({
    vault,
    clock,
    log,
    random: Math.random,
    renewTokens: (key, grant) => obtain.renew(key, grant),
    untilLoaded: async () => void (await loaded),
    isFor: ({ server, account }, grant) => {
      const record = registry.find(server);
      return record?.url === grant.server && record.accounts.includes(account);
    },
    discard,
    hasMoved: (key, grant) => hasMoved(fetchOf(key), targetOf(key), grant),
    onChange: (key) => {
      renewals.plan(key);
      store.changed();
    },
  });
  undo.defer(() => atMost(clock, LAST_RENEWAL_MS, book.idle()));
  const renewals = createRenewals({
    book,
    clock,
    random: Math.random,
    onLapse: () => store.changed(),
  });
  undo.defer(renewals.stop);

  let loaded: Promise<unknown> = Promise.resolve();
  const openVault = (how?: OpenOptions): Promise<void> => {
    const opening = vault.open(how).finally(() => {
      // It may have waited for the keychain's prompt until after the end.
      if (ending.signal.aborted) return;
      book.load();
      store.changed();
    });
    const patience = pause(clock, VAULT_PATIENCE_MS, ending.signal);
    loaded = Promise.race([opening, patience]).catch(() => undefined);
    return opening;
  };
  const registrations = createRegistrations({ vault, book });
  const holdsClient = (issuer: string): boolean => registrations.find(issuer) !== undefined;
  const documentUrl = (): string | undefined =>
    options.clientDocument ?? preferences.clientDocument();
  const holderOf = createHolderOf(clock);
  const settlements = createSettlements({
    settingsOf: (server) => registry.get(server).signIn ?? {},
    clientIssuerOf: (server) => registry.get(server).clientIssuer,
    ...{ documentUrl, vault, book, stepUps },
    onChange: () => store.changed(),
  });
  const vouch = createVouch({
    provider: (id) => providerOf(registry.find(id), net),
    freshGrant: book.freshGrant,
    renew: book.renew,
    now: clock.now,
    settlements,
  });
  const budget = createIssuerBudget(clock);
  undo.defer(budget.stop);
  const obtain = createObtain({
    ...{ clock, budget, targetOf, fetchOf, settlements, stepUps, registrations },
    visitsOf: ({ server }) => net.visitsFor(registry.get(server).zone),
    kindOf: ({ server }) => registry.get(server).signIn?.kind ?? 'person',
    holderOf,
    openBrowser: ports.openBrowser,
    whom: createWhom({
      facts: book.facts,
      accountsOf: (server) => registry.get(server).accounts.length,
    }),
    voucherFor: ({ server }) => vouch(registry.get(server).signIn?.identityProvider),
  });
  const signIns = createSignIns({
    ...{ book, clock, log, obtain, discard },
    random: Math.random,
    openVault: async () => {
      await openVault();
      const { state, problem } = vault.view();
      if (state === 'closed' && problem !== undefined) throw problemError(problem);
    },
    onChange: () => store.changed(),
    onClient: ({ server }, { clientId, issuer }) => {
      if (registry.find(server)?.signIn?.clientId !== clientId) return;
      try {
        registry.bindClient(server, issuer);
      } catch (error) {
        // The sign-in itself is kept; the next one binds it.
        log.warn('client-not-bound', { server, error });
      }
    },
    onAnswer: (key, answer) => {
      stepUps.settled(key, answer);
      if (answer === 'signed-in') unattended.beginAfter(key);
    },
  });
  const unattended = createUnattended({
    servers: registry.all,
    vaultIsOpen: () => vault.view().state === 'open',
    holdsGrant: (key) => book.facts(key) !== undefined,
    setback: signIns.setback,
    start: signIns.start,
    clock,
  });
  undo.defer(unattended.stop);
  undo.defer(signIns.stop);

  const servers = createAddServerFlow({
    registry,
    fetchFor: net.fetchFor,
    findSignInFor:
      (zone, { kind = 'person', clientId, exceptions }) =>
      async (server, challenge) => {
        const found = await discover(net.fetchFor(zone), server, challenge, {
          holdsClient,
          exceptions: new Set(exceptions),
        });
        const wish = { kind, given: clientId !== undefined, documentUrl: documentUrl() };
        return { ...found, client: clientSource(found.metadata, { ...wish, holdsClient }) };
      },
    lookUpIssuer: (issuer, zone, { exceptions }) =>
      issuerMetadata(net.fetchFor(zone), issuerOf(issuer), new Set(exceptions)),
    shownPart,
    now: clock.now,
  });

  const doctor = createDoctor({
    ...{ registry, fetchFor: net.fetchFor, holderOf, now: clock.now, version: options.version },
    holdsClient,
    settledFor: settlements.of,
    accountOf: ({ server, account }) =>
      store
        .snapshot()
        .servers.find(({ id }) => id === server)
        ?.accounts.find(({ id }) => id === account),
    holdsIdToken: async (file) => (await idTokenIn(file, clock.now())) !== undefined,
    describeNetwork: (url) => describeOutbound(outbound, url),
    documentUrl,
  });

  const keys = { control: newKey(), door: newKey() };
  const sockets = {
    control: await socketPath(dataFolder, 'control'),
    door: await socketPath(dataFolder, 'door'),
  };
  const bridge = await openBridge({
    ...{ dataFolder, registry, book, stepUps, signIns, pools, clock, log },
    version: options.version,
    issuerOf: (key) => book.facts(key)?.issuer ?? registry.find(key.server)?.clientIssuer,
    socket: { path: sockets.door, key: keys.door },
    port: {
      read: () => settings.all().httpPort,
      write: (port) => settings.set('httpPort', port),
    },
    doorKeys: {
      read: () => settings.all().doorKeys,
      write: (all) => settings.set('doorKeys', all),
    },
    verdicts: {
      read: () => settings.all().eras,
      write: (all) => settings.set('eras', [...all]),
    },
    began: activity.began,
  });
  undo.defer(bridge.close);

  const store = createStore(
    createProjection({
      version: options.version,
      noBrowser: ports.noBrowser,
      servers: registry.all,
      vault: vault.view,
      facts: book.facts,
      holdsSecrets: settlements.holds,
      signIns,
      moreAccess: stepUps.problem,
      renewsAt: renewals.dueAt,
      doors: () => {
        const keys = bridge.keys.all();
        return { ...bridge.view, ...(keys.length === 0 ? {} : { keys }) };
      },
      activity,
      notices: () => (settings.notice === undefined ? [] : [settings.notice]),
      now: clock.now,
    }),
  );
  bridge.follow(store);
  undo.defer(
    ports.onPowerEvent((event) => {
      log.info('power-event', { event });
      bridge.again();
      void (event === 'unlock' ? openVault() : Promise.resolve()).then(unattended.beginMissing);
      renewals.planAll(event === 'network-change' ? 'network' : 'wake');
    }),
  );

  undo.defer(
    watchClock(clock, (byMs) => {
      log.info('clock-jump', { byMs });
      renewals.clockJumped(byMs);
      unattended.beginMissing();
      store.changed();
    }),
  );

  undo.defer(watchEnds({ book, clock, onChange: () => store.changed() }));

  const sessions = createBrowserSessions(clock);
  let windowOrigin: string | undefined;
  const windowLink = (): string => {
    if (windowOrigin !== undefined) return sessions.link(windowOrigin);
    throw new ProblemError('not-found', 'this Drawbridge shows its window itself', {
      hint: 'open it from the tray',
    });
  };
  const control = createControl({
    bindings: createBindings({
      ...{ registry, servers, doctor, preferences, signIns, book, openVault, windowLink },
      vaultView: vault.view,
      sealVault: async (how) => {
        await openVault();
        await vault.sealAnew(how);
        store.changed();
      },
      wipe: createWipe({
        ...{ registry, book, signIns, registrations, vault, clock, log, openVault },
        fetchFor: net.fetchFor,
        forget: (key) => {
          stepUps.forget(key);
          signIns.forget(key);
          bridge.forget(key);
        },
        removeDoorKeys: bridge.keys.removeAll,
        removeActivity: activity.clear,
        holdNetwork: preferences.hold,
        onChange: () => store.changed(),
      }),
      doorKeys: {
        all: bridge.keys.all,
        make: (wish) => {
          const made = bridge.keys.make(wish);
          store.changed();
          return made;
        },
        revoke: (id) => {
          bridge.keys.revoke(id);
          store.changed();
        },
      },
      assertClientKey: (key) => assertClientKey(new Secret(key)),
      settlements,
      activity,
      unattended,
      snapshot: store.snapshot,
      signOut: (key) => {
        stepUps.forget(key);
        return signOut({ book, registrations, fetch: fetchOf(key) }, key);
      },
    }),
    snapshot: store.snapshot,
    subscribe: store.subscribe,
    log,
  });
  const files = windowFiles(options.windowFolder);
  const terminal = await openTerminalSocket(
    sockets.control,
    neverThrowing(mountTerminal(control, keys.control)),
  );
  undo.defer(terminal.close);

  const announce = (): Promise<void> =>
    announceInstance(dataFolder, {
      pid: process.pid,
      control: { socket: sockets.control, key: keys.control },
      door: { socket: sockets.door, key: keys.door },
      ...(windowOrigin === undefined ? {} : { window: windowOrigin }),
    });
  let announced = announce();
  // Not before the last announcement is written, or it would outlive us.
  undo.defer(() => announced.then(() => withdrawInstance(dataFolder)));
  await announced;

  // A keychain prompt may be waiting for the person: everything else is up by now and can say so.
  void openVault().then(unattended.beginMissing);
  log.info('started', { version: options.version });

  undo.defer(() => ending.abort());
  const running = undo.move();
  return {
    desktop: neverThrowing(mountDesktop(control, files)),
    web: neverThrowing(mountWeb(control, files, sessions)),
    servesWindowAt: (origin) => {
      windowOrigin = origin;
      announced = announced
        .then(announce)
        .catch((error: unknown) => log.warn('not-announced', { error }));
    },
    windowLink,
    snapshot: store.snapshot,
    subscribe: store.subscribe,
    stop: async () => {
      await running.disposeAsync();
      log.info('stopped');
    },
  };
};

const newKey = (): string => randomBytes(32).toString('base64url');

const signInTarget = ({ url, kind }: ServerRecord): SignInTarget => ({
  url: new URL(url),
  isIdentityProvider: kind === 'identity-provider',
});

const providerOf = (record: ServerRecord | undefined, net: Net): Provider | undefined =>
  record?.kind === 'identity-provider'
    ? {
        title: record.title,
        url: new URL(record.url),
        settings: record.signIn ?? {},
        fetch: net.fetchFor(record.zone),
      }
    : undefined;
