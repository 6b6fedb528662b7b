/** The control plane of one broker: what each of its deeds is done with. */
import type { HostView } from '../../shared/contract/host.ts';
import type { PowerEvent } from '../../shared/contract/power-event.ts';
import { createDoorPort } from '../bridge/doors/door-port.ts';
import { isFree } from '../bridge/doors/listen.ts';
import type { Bridge } from '../bridge/open-bridge.ts';
import { createBindings } from '../control/bindings.ts';
import { type Control, createControl } from '../control/handler.ts';
import { underPolicy } from '../control/under-policy.ts';
import { createDoctor } from '../doctor/doctor.ts';
import type { Icons } from '../icons/icons.ts';
import { describeOutbound } from '../net/outbound.ts';
import { assertClientKey } from '../oauth/client-key.ts';
import { clientSource } from '../oauth/client-source.ts';
import { discover } from '../oauth/discover.ts';
import { issuerOf } from '../oauth/find-sign-in.ts';
import { issuerMetadata } from '../oauth/issuer-metadata.ts';
import type { Clock } from '../ports.ts';
import type { Removals } from '../removals/removals.ts';
import { createAddServerFlow } from '../servers/add.ts';
import { createAddLocalFlow } from '../servers/add-local.ts';
import type { Pause } from '../state/pause.ts';
import type { Store } from '../state/store.ts';
import { readSmallText } from '../storage/small-text.ts';
import { mintInTime } from '../tokens/mint-in-time.ts';
import { leave } from '../tokens/sign-out.ts';
import { createResolve } from '../tokens/sources/references.ts';
import { fetchShowing, secretsIn } from '../tokens/sources/shown.ts';
import { idTokenIn } from '../tokens/vouch.ts';
import { createWipe } from '../tokens/wipe.ts';
import { Secret } from '../vault/secret.ts';
import type { Accounts } from './accounts.ts';
import type { Foundations } from './foundations.ts';
import { wireServerPage } from './server-page.ts';

export interface ControlPlaneDeps {
  readonly foundations: Foundations;
  readonly accounts: Accounts;
  readonly bridge: Bridge;
  readonly store: Store;
  readonly pause: Pause;
  readonly removals: Removals;
  /** The bytes behind the digest of an icon. */
  readonly picture: Icons['picture'];
  readonly clock: Clock;
  readonly version: string;
  readonly host: () => HostView;
  /** What the machine tells. */
  readonly hear: (event: PowerEvent) => void;
  /** A one-time link into the window. */
  readonly windowLink: () => string;
  /** Ends the program, where that can be asked for. */
  readonly end: (() => void) | undefined;
}

/** What was just removed ends first, in this time; it must not come back after everything else has gone. ms */
const ENDS_MS = 6_000;

/** How long the last answer has to reach whoever asked for the end. */
const ANSWER_MS = 100;

export const wireControlPlane = ({
  foundations,
  accounts,
  bridge,
  store,
  pause,
  removals,
  picture,
  clock,
  version,
  host,
  hear,
  windowLink,
  end,
}: ControlPlaneDeps): Control => {
  const { assertVaultOpen, localSecrets, settings, policy } = foundations;
  const { log, vault, outbound, preferences, net, registry, activity, capture } = foundations;
  const { book, stepUps, signIns, unattended, registrations, settlements } = accounts;
  const { secrets, minted, openSource } = accounts;
  const { certificates, fetchFor } = accounts;
  const { openVault, fetchOf, holdsClient, documentUrl, holderOf } = accounts;
  const { changed } = store;

  const servers = createAddServerFlow({
    registry,
    ...{ fetchFor: net.fetchFor, identityAt: certificates.at },
    findSignInFor:
      (zone, { kind = 'person', clientId, ...given }, shown) =>
      async (server, challenge) => {
        const { exceptions, ...service } = policy.strict(given);
        const found = await discover(net.fetchFor(zone, shown), server, challenge, {
          ...{ holdsClient, service },
          exceptions: new Set(exceptions),
        });
        const wish = { kind, given: clientId !== undefined, documentUrl: documentUrl() };
        return { ...found, client: clientSource(found.metadata, { ...wish, holdsClient }) };
      },
    lookUpIssuer: (issuer, zone, given) =>
      issuerMetadata(
        net.fetchFor(zone),
        issuerOf(issuer),
        new Set(policy.strict(given).exceptions),
      ),
    showing: async (source, server, zone, shown) => {
      const fetch = net.fetchFor(zone, shown);
      const minted = await mintInTime(openSource(source, fetch), clock);
      for (const secret of secretsIn(minted)) log.conceal(secret);
      return fetchShowing(minted, server, fetch);
    },
    now: clock.now,
  });

  const localServers = createAddLocalFlow({
    ...{ registry, secrets: localSecrets, now: clock.now, remove: registry.remove },
    openVault: () => openVault().then(assertVaultOpen),
    onSecrets: (server) => bridge.programs.forgive(server),
  });

  const doctor = createDoctor({
    ...{ registry, fetchFor, certificates, holderOf, now: clock.now, version: version },
    holdsClient,
    settledFor: settlements.of,
    presentClient: settlements.presentClient,
    accountOf: ({ server, account }) =>
      store
        .snapshot()
        .servers.find(({ id }) => id === server)
        ?.accounts.find(({ id }) => id === account),
    holdsIdToken: async (file) => (await idTokenIn(file, clock.now())) !== undefined,
    policy: policy.view,
    describeNetwork: (url) => describeOutbound(outbound, url),
    documentUrl,
    lookAtProgram: bridge.lookAtProgram,
    trySource: servers.lookAgain,
  });

  const doorPort = {
    read: () => settings.all().httpPort,
    write: (wished: number | undefined) => settings.set('httpPort', wished),
  };
  const port = createDoorPort({ ...{ store: doorPort, isFree }, now: bridge.httpPort });

  const wipe = createWipe({
    ...{ registry, book, signIns, registrations, vault, clock, log, openVault },
    fetchFor,
    forget: (key) => {
      stepUps.forget(key);
      signIns.forget(key);
      minted.forget(key);
      bridge.forget(key);
    },
    removeDoorKeys: bridge.keys.removeAll,
    endPrograms: bridge.programs.endAll,
    removeActivity: () => {
      capture.clear();
      return activity.clear();
    },
    holdNetwork: preferences.hold,
    onChange: () => changed(),
  });

  const bindings = createBindings({
    ...{
      registry,
      certificates,
      servers,
      localServers,
      doctor,
      preferences,
      signIns,
      book,
      openVault,
      windowLink,
    },
    vaultView: vault.view,
    sealVault: async (how) => {
      await openVault();
      await vault.sealAnew(how);
      changed();
    },
    wipe: () => removals.goodbye(ENDS_MS, wipe),
    shaping: bridge.shaping,
    ...wireServerPage({ foundations, accounts, bridge, clock }),
    door: {
      view: () => port.in(bridge.verification.view()),
      change: async (settings) => {
        await bridge.verification.change(settings);
        changed();
      },
      changePort: (wish) => port.change(wish.port, bridge.verification.view()),
    },
    doorKeys: {
      all: bridge.keys.all,
      make: (wish) => {
        const made = bridge.keys.make(wish);
        changed();
        return made;
      },
      revoke: (id) => {
        const putBack = bridge.keys.revoke(id);
        changed();
        return () => {
          putBack();
          changed();
        };
      },
    },
    local: {
      take: async (server) => {
        // Behind a closed vault they would stay, and be there for the next server of that id.
        const holds = (registry.get(server).command?.secretEnv.length ?? 0) > 0;
        if (holds) await openVault().then(assertVaultOpen);
        return localSecrets.take(server);
      },
      ended: bridge.localRemoved,
    },
    assertClientKey: (key) => assertClientKey(new Secret(key)),
    ...{ secrets, minted, forgive: bridge.programs.forgive },
    files: {
      ...{ settlements, policy, now: clock.now },
      openVault: () => openVault().then(assertVaultOpen),
      port: doorPort,
      rules: () => settings.all().rules,
      resolveWith: (more) =>
        createResolve({
          secret: async (name) =>
            Object.hasOwn(more, name) ? new Secret(more[name] ?? '') : secrets.find(name),
          ...{ conceal: log.conceal, env: process.env },
          readText: (file) => readSmallText(file),
        }),
    },
    // The answer goes out first.
    end: end && (() => void clock.after(ANSWER_MS, end)),
    settlements,
    ...{ activity, capture, pause, hear },
    demo: foundations.demo,
    unattended,
    snapshot: store.snapshot,
    host,
    leave: (key) => {
      stepUps.forget(key);
      return leave({ book, registrations, fetch: fetchOf(key) }, key);
    },
    now: clock.now,
    removals,
  });

  return createControl({
    bindings: underPolicy(bindings, {
      ...{ policy, registry },
      door: () => settings.all().door,
    }),
    snapshot: store.snapshot,
    subscribe: store.subscribe,
    picture,
    log,
  });
};
