/** The deeds of the control plane as far as the administrator's policy lets them be done: the one place for that. */
import { isDeepStrictEqual } from 'node:util';
import type { DoorSettings } from '../../shared/contract/door.ts';
import type { PreferencesChange } from '../../shared/contract/preferences.ts';
import type { RouteName, RouteParams, RouteParsedBody } from '../../shared/contract/routes.ts';
import { parseServerAddress } from '../servers/address.ts';
import type { Registry, ServerRecord } from '../servers/registry.ts';
import type { Bindings } from './handler.ts';
import { createPolicyLooks, type PartPolicy } from './policy-looks.ts';

/** What a policy says no to; each throws `policy-forbids` or `policy-faulty`. */
export interface DeedPolicy extends PartPolicy {
  /** Makes sure that what is shown is what holds. */
  readonly look: () => void;
  readonly assertMayChange: () => void;
  readonly assertServer: (server: Pick<ServerRecord, 'kind' | 'url' | 'source'>) => void;
  readonly assertSettings: (change: PreferencesChange) => void;
}

interface UnderPolicyDeps {
  readonly policy: DeedPolicy;
  readonly registry: Pick<Registry, 'find'>;
  /** How the HTTP door is set now. */
  readonly door: () => DoorSettings;
}

/**
 * What may be done while nobody can tell what the policy says: to look, to go on with what is there, and to take away.
 * Anything else, and whatever is new, would add or change something.
 */
const always: ReadonlySet<RouteName> = new Set([
  ...(['snapshot', 'host', 'probe', 'preferences', 'examine', 'activity'] as const),
  ...(['aiClients', 'captured'] as const),
  ...(['allCaptured', 'secrets', 'doorKeys', 'door', 'knownTools', 'approvalArguments'] as const),
  ...(['accountFacts', 'catalogue', 'callTool', 'cancelCall'] as const),
  ...([
    'signIn',
    'signInLink',
    'pasteCallback',
    'cancelSignIn',
    'renew',
    'renewAll',
    'token',
  ] as const),
  ...([
    'openVault',
    'answerApproval',
    'windowLink',
    'pause',
    'resume',
    'stop',
    'powerEvent',
  ] as const),
  ...(['signOut', 'removeServer', 'removeAccount', 'removeSecret', 'revokeDoorKey'] as const),
  ...(['remove', 'undo', 'settleRemoval'] as const),
  ...(['stopCapture', 'forgetCaptured', 'addRule', 'wipe'] as const),
  // Each takes its own look: part of what they do is only to look, or to take away.
  ...(['applyFile', 'changeDoor'] as const),
]);

type Looks = {
  readonly [N in RouteName]?: (params: RouteParams<N>, body: RouteParsedBody<N>) => void;
};

/** The same deeds, each after a look at the policy. */
export const underPolicy = (bindings: Bindings, deps: UnderPolicyDeps): Bindings => {
  const looks = looksOf(deps);
  const guarded = Object.entries(bindings).map(([name, deed]) => [
    name,
    async (params: never, body: never, signal: AbortSignal) => {
      deps.policy.look();
      if (!always.has(name as RouteName)) deps.policy.assertMayChange();
      (looks[name as RouteName] as ((params: never, body: never) => void) | undefined)?.(
        params,
        body,
      );
      return (deed as (...asked: readonly unknown[]) => unknown)(params, body, signal);
    },
  ]);
  // The rows have the types that they had; entries of an object lose them.
  return Object.fromEntries(guarded) as Bindings;
};

const looksOf = ({ policy, registry, door }: UnderPolicyDeps): Looks => {
  const look = createPolicyLooks(policy);
  const assertAddress = (typed: string, kind: ServerRecord['kind'] = 'mcp'): void =>
    policy.assertServer({ kind, url: parseServerAddress(typed).href, source: undefined });
  return {
    probe: (_params, { url }) => assertAddress(url),
    examine: (_params, whom) => {
      if ('url' in whom) assertAddress(whom.url);
    },
    addServer: (_params, { url, signIn, source }) => {
      assertAddress(url);
      look.source(source);
      policy.assertNamed(signIn);
      look.exceptions(signIn?.exceptions);
    },
    remove: (_params, { what }) => {
      // Whoever may not make one may not take one away that narrows what they can do.
      if (what === 'rule') policy.assertMayChange();
    },
    addDemo: () => assertAddress('http://127.0.0.1/mcp'),
    addIdentityProvider: (_params, { issuer, signIn }) => {
      assertAddress(issuer, 'identity-provider');
      look.exceptions(signIn.exceptions);
    },
    addLocalServer: () => policy.assertFeature('local-servers'),
    configureSignIn: ({ server }, { set }) => {
      const onRecord = registry.find(server)?.signIn;
      policy.assertNamed(set, onRecord);
      look.exceptions(set.exceptions, onRecord?.exceptions);
    },
    configureSource: ({ server }, { source }) => {
      const record = registry.find(server);
      if (record !== undefined) policy.assertServer({ ...record, source: undefined });
      look.source(source, record?.source);
    },
    changePreferences: (_params, change) => policy.assertSettings(change),
    startCapture: () => policy.assertFeature('capture'),
    // What in the file is forbidden is named there, before anything is changed (file/forbidden.ts).
    applyFile: (_params, { dryRun }) => {
      if (!dryRun) policy.assertMayChange();
    },
    changeDoor: (_params, settings) => {
      if (onlyTakesAway(door(), settings)) return;
      policy.assertMayChange();
      look.verifier(settings.verify);
    },
    makeDoorKey: () => policy.assertFeature('http-door'),
    signIn: ({ server }, { onDevice }) => {
      const record = registry.find(server);
      if (record !== undefined) policy.assertServer(record);
      if (onDevice) policy.assertFeature('device-sign-in');
    },
    accountFacts: ({ server }, { look }) => {
      const record = registry.find(server);
      if (look && record !== undefined) policy.assertServer(record);
    },
    callTool: ({ server }) => {
      const record = registry.find(server);
      if (record !== undefined) policy.assertServer(record);
    },
    token: ({ server }) => {
      const record = registry.find(server);
      if (record !== undefined) policy.assertServer(record);
      policy.assertFeature('print-token');
    },
  };
};

/** Whether fewer callers come in than before, and nothing else is otherwise. */
const onlyTakesAway = (from: DoorSettings, to: DoorSettings): boolean =>
  isDeepStrictEqual({ ...from, callers: [] }, { ...to, callers: [] }) &&
  to.callers.every((row) => from.callers.some((other) => isDeepStrictEqual(row, other)));
