/** What everything else in the broker stands on: the data folder, what is kept in it, and the way to the network. */
import { z } from 'zod';
import { DoorSettings } from '../../shared/contract/door.ts';
import { Preferences } from '../../shared/contract/preferences.ts';
import { problemError } from '../../shared/contract/problems.ts';
import { Rule } from '../../shared/contract/rules.ts';
import { DoorKey } from '../bridge/doors/keys.ts';
import { Verdict } from '../bridge/eras/verdicts.ts';
import { KeptSessions } from '../control/browser-session.ts';
import { type Demo, DemoSettings } from '../demo/demo.ts';
import { createLogger, type Logger, type Redaction } from '../log/logger.ts';
import { createNet, type Net } from '../net/guarded-fetch.ts';
import { createOutbound, type Outbound } from '../net/outbound.ts';
import { createPools, type Pools } from '../net/pools.ts';
import { systemCertificates } from '../net/trust.ts';
import { every } from '../pause.ts';
import { type PolicyPlace, usualPlace } from '../policy/place.ts';
import { createPolicy, type Policy } from '../policy/policy.ts';
import { withRequired } from '../policy/required-settings.ts';
import type { Ports } from '../ports.ts';
import { createPreferences, type PreferencesBook } from '../preferences/preferences.ts';
import { createLocalSecrets, type LocalSecretStore } from '../servers/local-secrets.ts';
import { onlyAllowed } from '../servers/only-allowed.ts';
import { createRegistry, type Registry, ServerRecord } from '../servers/registry.ts';
import { type Activity, openActivity } from '../state/activity.ts';
import { type Capture, createCapture } from '../state/capture.ts';
import { takeInstanceLock } from '../storage/instance-lock.ts';
import { makePrivateFolder, sweepTemporaries } from '../storage/private.ts';
import { rotatingLines } from '../storage/rotating-lines.ts';
import { openSettings, type Settings } from '../storage/settings.ts';
import { createVault, type Vault } from '../vault/vault.ts';
import { wireDemo } from './demo.ts';

const SettingsSchema = z.object({
  servers: z.array(ServerRecord).default([]),
  doorKeys: z.array(DoorKey).default([]),
  eras: z.array(Verdict).default([]),
  rules: z.array(Rule).default([]),
  door: DoorSettings.prefault({}),
  httpPort: z.number().int().optional(),
  preferences: Preferences.default({}),
  demo: DemoSettings.optional(),
  windowSessions: KeptSessions.optional(),
  windowPort: z.number().int().optional(),
});

/** Every deed looks at the policy by itself: this is for a person who only watches. ms. */
const LOOK_MS = 5_000;

export type OpenSettings = Settings<z.infer<typeof SettingsSchema>>;

export interface Foundations {
  readonly log: Logger & Redaction;
  readonly policy: Policy;
  readonly settings: OpenSettings;
  readonly vault: Vault;
  /** Throws the vault's problem while it is closed. */
  readonly assertVaultOpen: () => void;
  readonly localSecrets: LocalSecretStore;
  readonly outbound: Outbound;
  readonly preferences: PreferencesBook;
  readonly net: Net;
  readonly pools: Pools;
  readonly registry: Registry;
  readonly activity: Activity;
  readonly capture: Capture;
  readonly demo: Demo;
}

export interface FoundationsDeps {
  readonly folder: string;
  readonly passphrase: string | undefined;
  /** Absent: where administrators put it on this platform. */
  readonly policyPlace: PolicyPlace | undefined;
  readonly version: string;
  readonly ports: Ports;
  /** Gets what has to be undone in the end. */
  readonly undo: AsyncDisposableStack;
  readonly changed: () => void;
}

/** Rejects with `already-running` when another broker holds the folder, and with the system's error when it cannot be used. */
export const openFoundations = async ({
  folder,
  passphrase,
  policyPlace = usualPlace(),
  version,
  ports,
  undo,
  changed,
}: FoundationsDeps): Promise<Foundations> => {
  const { clock } = ports;
  await makePrivateFolder(folder);
  undo.defer(await takeInstanceLock(folder));
  await sweepTemporaries(folder);
  const log = createLogger(ports.writeLog, clock);
  const policy = createPolicy({ place: policyPlace, log });
  undo.defer(every(clock, LOOK_MS, policy.look));
  const settings = await openSettings(folder, SettingsSchema, clock.now);
  const vault = createVault({
    ...{ folder, clock, passphrase },
    keychain: ports.keychain,
    onChange: changed,
  });
  const outbound = createOutbound({
    settings: () => preferences.outbound(),
    env: process.env,
    systemProxy: ports.systemProxy,
    systemCertificates,
  });
  const preferences = createPreferences({
    ...withRequired(
      {
        read: () => settings.all().preferences,
        write: (all) => settings.set('preferences', all),
      },
      policy,
    ),
    outbound: () => outbound,
    required: () => policy.view()?.required ?? [],
    vault,
  });
  const assertHost: Policy['assertHost'] = (address, whom) => {
    policy.assertHost(address, whom);
    demo.assertOurs(address);
  };
  const net = createNet(clock, { outbound }, assertHost);
  undo.defer(net.close);
  const pools = createPools({ outbound }, assertHost);
  undo.defer(pools.close);

  const registry = onlyAllowed(
    createRegistry(
      {
        read: () => settings.all().servers,
        write: (servers) => settings.set('servers', servers),
      },
      () => {
        changed();
        void demo.look();
      },
    ),
    policy.assertServer,
  );
  const activity = await openActivity({
    ...{ file: rotatingLines(folder, 'activity'), clock, log },
    isKnown: (server) => registry.find(server) !== undefined,
    onChange: changed,
  });
  undo.defer(activity.close);
  const localSecrets = createLocalSecrets({ vault, conceal: log.conceal });
  const assertVaultOpen = (): void => {
    const { state, problem } = vault.view();
    if (state === 'closed' && problem !== undefined) throw problemError(problem);
  };
  const capture = createCapture({ clock, clean: log.clean, onChange: changed });
  undo.defer(capture.close);

  const demo = wireDemo({
    ...{ settings, registry, policy, vault, assertVaultOpen, clock, version, log, undo, changed },
  });

  return {
    ...{ log, policy, settings, vault, assertVaultOpen, localSecrets, outbound, preferences },
    ...{ net, pools, registry, activity, capture, demo },
  };
};
