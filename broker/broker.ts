/** The composition root: wires, starts, stops; decides nothing. */
import { randomBytes } from 'node:crypto';
import type { Answer } from '../shared/contract/client.ts';
import type { HostView } from '../shared/contract/host.ts';
import type { PowerEvent } from '../shared/contract/power-event.ts';
import { ProblemError } from '../shared/contract/problems.ts';
import type { Snapshot } from '../shared/contract/snapshot.ts';
import { openBridge } from './bridge/open-bridge.ts';
import { createBrowserSessions } from './control/browser-session.ts';
import { endingSessions } from './control/end-sessions.ts';
import { mountDesktop, mountTerminal, mountWeb, neverThrowing } from './control/mounts.ts';
import { openTerminalSocket } from './control/terminal-socket.ts';
import { windowFiles } from './control/window-files.ts';
import { createIcons } from './icons/icons.ts';
import type { PolicyPlace } from './policy/place.ts';
import type { Ports } from './ports.ts';
import { createRemovals } from './removals/removals.ts';
import { createPause } from './state/pause.ts';
import { createProjection } from './state/projection.ts';
import { createStore } from './state/store.ts';
import { createWanted } from './state/wanted.ts';
import { watchEnds } from './state/watch-ends.ts';
import { announceInstance, withdrawInstance } from './storage/instance-record.ts';
import { socketPath } from './storage/socket-path.ts';
import { watchClock } from './tokens/watch-clock.ts';
import { Secret } from './vault/secret.ts';
import { wireAccounts } from './wiring/accounts.ts';
import { wireControlPlane } from './wiring/control-plane.ts';
import { doorClosedBy, wireDoor } from './wiring/door.ts';
import { followPolicy } from './wiring/follow-policy.ts';
import { openFoundations } from './wiring/foundations.ts';

export { reachBroker } from './control/reach-broker.ts';
export { windowFiles } from './control/window-files.ts';
export { openLogFile } from './log/log-file.ts';
export { dataFolderOf } from './storage/data-folder.ts';
export { forgetLaunch, rememberLaunch } from './storage/launch-record.ts';
export { systemClock } from './system-clock.ts';
export { keychainOver } from './vault/keychain-process.ts';

export interface BrokerOptions {
  /** The folder that holds everything Drawbridge keeps. Made when absent, owner only. */
  readonly dataFolder: string;
  /** The folder of the built window: index.html and its assets. */
  readonly windowFolder: string;
  /** Shown in snapshots. */
  readonly version: string;
  /** Where its log is, and how AI clients start its shim, for people who look for that. */
  readonly host?: () => Omit<HostView, 'dataFolder'>;
  /** Seals the vault with this instead of a key in the keychain. */
  readonly passphrase?: string;
  /** Where the administrator's policy is, for trials; by itself the one place of the platform. */
  readonly policy?: PolicyPlace;
  /** Where our client metadata document is published (https); beats the settings. */
  readonly clientDocument?: string;
}

export interface Broker {
  /** The control plane and the window's files for the product's own window: no session needed. */
  readonly desktop: Answer;
  /** The same for a browser: everything but files needs the session that a one-time link opens. */
  readonly web: Answer;
  /** Where `web` was mounted last: the pages that are still open look for it there. */
  readonly lastWindowPort: number | undefined;
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
  const changed = (): void => store.changed();
  const foundations = await openFoundations({
    ...{ folder: dataFolder, passphrase: options.passphrase, ports, undo, changed },
    policyPlace: options.policy,
    version: options.version,
  });
  // What one that died has left: its keys would be tried at the doors of this one.
  await withdrawInstance(dataFolder);
  const { log, settings, vault, assertVaultOpen, localSecrets } = foundations;
  const { pools, registry, activity, capture, policy } = foundations;
  const wanted = createWanted({ now: clock.now, onChange: changed });
  const pause = createPause({ clock, onChange: changed, onEnd: () => bridge.again() });
  undo.defer(pause.close);
  const removals = createRemovals({ clock, onChange: changed });
  const accounts = wireAccounts({
    ...{ foundations, ports, clientDocument: options.clientDocument, undo, changed },
    ending: ending.signal,
  });
  const {
    book,
    credentials,
    minted,
    renewals,
    stepUps,
    signIns,
    unattended,
    settlements,
    openVault,
  } = accounts;

  const keys = { control: newKey(), door: newKey() };
  for (const key of Object.values(keys)) log.conceal(new Secret(key));
  const sockets = {
    control: await socketPath(dataFolder, 'control'),
    door: await socketPath(dataFolder, 'door'),
  };
  const httpClosedBy = doorClosedBy(foundations);
  /** The doors are open, and servers may answer, before there is a snapshot to look at. */
  let lookAtIcons = (): void => undefined;
  const bridge = await openBridge({
    ...{ dataFolder, registry, credentials, stepUps, signIns, clock, log },
    poolTo: (origin, server) => pools.to(origin, accounts.certificates.of(server)),
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
    verification: wireDoor({ foundations, clock, resolve: accounts.resolve, undo }),
    shaping: {
      store: {
        read: () => settings.all().rules,
        write: (rules) => settings.set('rules', rules),
      },
      onChange: changed,
    },
    // Not in the midst of what is being said: it looks at the snapshot, which may be drawn anew for it.
    onIdentity: () => queueMicrotask(() => lookAtIcons()),
    verdicts: {
      read: () => settings.all().eras,
      write: (all) => settings.set('eras', [...all]),
    },
    local: {
      secretsOf: async (server) => {
        await accounts.untilLoaded();
        assertVaultOpen();
        return localSecrets.of(server);
      },
      resolve: async (value) => {
        await accounts.untilLoaded();
        return accounts.resolve(value);
      },
      env: process.env,
      assertMayRun: () => policy.assertFeature('local-servers'),
      onChange: changed,
    },
    httpClosedBy,
    paused: pause.problem,
    began: capture.around(wanted.around(activity.began)),
  });
  undo.defer(bridge.close);

  const icons = createIcons({
    servers: () => store.snapshot().servers,
    saidBy: (server) => {
      const account = registry.find(server)?.defaultAccount;
      return account && bridge.saidOf({ server, account })?.['icons'];
    },
    fetchOf: (server) => {
      const record = registry.find(server);
      return record && accounts.fetchFor(record.zone);
    },
    ...{ clock, log, onChange: changed },
  });
  const store = createStore(
    createProjection({
      version: options.version,
      noBrowser: ports.noBrowser,
      servers: registry.all,
      vault: vault.view,
      facts: book.facts,
      minted: minted.facts,
      holdsSecrets: settlements.holds,
      signIns,
      programProblem: bridge.programs.problem,
      moreAccess: stepUps.problem,
      renewsAt: renewals.dueAt,
      certificateEndsAt: accounts.certificates.endsAt,
      doors: () => {
        const keys = bridge.keys.all();
        const problem = httpClosedBy();
        const open = { ...bridge.view, ...bridge.verification.shown() };
        const view = problem === undefined ? open : { problem };
        return { ...view, ...(keys.length === 0 ? {} : { keys }) };
      },
      activity,
      wanted: wanted.of,
      capture: capture.view,
      pause: pause.view,
      removals: removals.views,
      icon: icons.of,
      shaping: bridge.shaping.view,
      policy: policy.view,
      forbidden: (server) => policy.problemOf(() => policy.assertServer(server)),
      away: foundations.demo.problemOf,
      notices: () => [settings.notice, policy.view()?.problem].filter((one) => one !== undefined),
      now: clock.now,
    }),
  );
  bridge.follow(store);
  store.subscribe(wanted.look);
  store.subscribe(icons.look);
  lookAtIcons = icons.look;
  lookAtIcons();
  const hear = (event: PowerEvent): void => {
    log.info('power-event', { what: event });
    bridge.again();
    minted.again();
    void (event === 'unlock' ? openVault() : Promise.resolve()).then(unattended.beginMissing);
    renewals.planAll(event === 'network-change' ? 'network' : 'wake');
  };
  undo.defer(ports.onPowerEvent(hear));

  undo.defer(
    watchClock(clock, (byMs) => {
      log.info('clock-jump', { byMs });
      renewals.clockJumped(byMs);
      unattended.beginMissing();
      changed();
    }),
  );

  foundations.demo.onBack(() => {
    bridge.again();
    renewals.planAll('network');
  });
  await foundations.demo.look();
  followPolicy({ foundations, accounts, bridge, changed });
  undo.defer(watchEnds({ book, clock, onChange: changed }));

  const sessions = createBrowserSessions(clock, {
    read: () => settings.all().windowSessions,
    write: (kept) => settings.set('windowSessions', kept),
  });
  let windowOrigin: string | undefined;
  const windowLink = (): string => {
    if (windowOrigin !== undefined) return sessions.link(windowOrigin);
    throw new ProblemError('not-found', 'this Drawbridge shows its window itself', {
      hint: 'open it from the tray',
    });
  };
  const plane = wireControlPlane({
    ...{
      foundations,
      accounts,
      bridge,
      store,
      clock,
      pause,
      removals,
      windowLink,
      hear,
      picture: icons.picture,
      end: ports.end,
    },
    version: options.version,
    host: () => ({ dataFolder, ...options.host?.() }),
  });
  const control = endingSessions(plane, sessions);
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

  const keepPort = (port: number): void => {
    try {
      if (settings.all().windowPort !== port) settings.set('windowPort', port);
    } catch (error) {
      log.warn('window-port-not-kept', { error });
    }
  };

  undo.defer(() => ending.abort());
  undo.defer(() => removals.goodbye(LAST_WORD_MS, () => undefined));
  const running = undo.move();
  return {
    desktop: neverThrowing(mountDesktop(control, files)),
    web: neverThrowing(mountWeb(control, files, sessions)),
    lastWindowPort: settings.all().windowPort,
    servesWindowAt: (origin) => {
      windowOrigin = origin;
      keepPort(Number(new URL(origin).port));
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

/** For what was removed just before the end to end elsewhere too. ms */
const LAST_WORD_MS = 3_000;

const newKey = (): string => randomBytes(32).toString('base64url');
