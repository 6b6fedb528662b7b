/** What in a file the administrator's policy forbids, each with its path: what is there already may stay as it is. */
import { isDeepStrictEqual } from 'node:util';
import type { DoorSettings } from '../../../shared/contract/door.ts';
import type {
  DrawbridgeFile,
  FileFault,
  FileServer,
} from '../../../shared/contract/drawbridge-file.ts';
import type { ServerId } from '../../../shared/contract/ids.ts';
import type { Registry } from '../../servers/registry.ts';
import { createPolicyLooks } from '../policy-looks.ts';
import type { DeedPolicy } from '../under-policy.ts';
import { addressOf, attempt, kindOf } from './faults.ts';
import type { ServerPlan } from './plan-server.ts';

export type FilePolicy = Pick<
  DeedPolicy,
  'assertMayChange' | 'assertFeature' | 'assertServer' | 'assertNamed'
>;

interface ForbiddenDeps {
  readonly policy: FilePolicy;
  readonly registry: Pick<Registry, 'find'>;
  readonly planOf: (id: ServerId, server: FileServer) => ServerPlan;
  /** As it is now. */
  readonly door: DoorSettings;
}

/** Asks nobody, and changes nothing. */
export const forbiddenIn = (file: DrawbridgeFile, deps: ForbiddenDeps): readonly FileFault[] => {
  const { servers, rules, doors } = file;
  // Whoever exports gives an empty file, and only looks.
  if (Object.keys(servers).length + rules.length === 0 && doors === undefined) return [];
  const shut = attempt([], deps.policy.assertMayChange);
  if (shut.length > 0) return shut;
  return [
    ...Object.entries(servers).flatMap(([id, server]) => forbiddenOf(id, server, deps)),
    ...attempt(['doors', 'http', 'verify'], () => {
      const verify = doors?.http?.verify;
      if (!isDeepStrictEqual(verify, deps.door.verify))
        createPolicyLooks(deps.policy).verifier(verify);
    }),
  ];
};

const forbiddenOf = (
  id: ServerId,
  server: FileServer,
  { policy, registry, planOf }: ForbiddenDeps,
): readonly FileFault[] => {
  const path = ['servers', id];
  const { command, source, signIn } = server;
  const record = registry.find(id);
  const look = createPolicyLooks(policy);
  return [
    ...(command === undefined
      ? attempt([...path, server.url === undefined ? 'issuer' : 'url'], () => {
          const url = addressIn(server);
          if (url !== undefined && url !== record?.url)
            policy.assertServer({ kind: kindOf(server), url, source: undefined });
        })
      : attempt([...path, 'command'], () => {
          const { step, changed } = planOf(id, server);
          if (step.does === 'add' || changed.has('command')) policy.assertFeature('local-servers');
        })),
    ...attempt([...path, 'source'], () => look.source(source, record?.source)),
    ...attempt([...path, 'signIn'], () => policy.assertNamed(signIn, record?.signIn)),
    ...attempt([...path, 'signIn', 'exceptions'], () =>
      look.exceptions(signIn?.exceptions, record?.signIn?.exceptions),
    ),
  ];
};

/** One that cannot be read is a fault of its own. */
const addressIn = (server: FileServer): string | undefined => {
  try {
    return addressOf(server)?.href;
  } catch {
    return undefined;
  }
};
