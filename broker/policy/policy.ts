/** What the administrator of this machine allows: read from one file, and looked at anew with every deed. */
import {
  type PolicyFeature,
  type PolicyRules,
  type PolicyView,
  policyFeatures,
  type SettingName,
} from '../../shared/contract/policy.ts';
import type { Preferences, PreferencesChange } from '../../shared/contract/preferences.ts';
import { type Problem, ProblemError, toProblem } from '../../shared/contract/problems.ts';
import type { SignInSettings } from '../../shared/contract/sign-in-settings.ts';
import { programIn } from '../../shared/contract/token-sources.ts';
import type { Logger } from '../log/logger.ts';
import { namedIn } from '../net/named-addresses.ts';
import { hostsIn, type Whom } from './hosts.ts';
import { parsePolicy } from './parse-policy.ts';
import { type PolicyPlace, policyFile } from './place.ts';
import { createReadPolicy, type Found } from './read-policy.ts';

/** What the policy has to say of a server. */
export interface PolicedServer {
  readonly kind: 'mcp' | 'identity-provider' | 'local';
  readonly url: string;
  readonly source?: { readonly kind: string } | undefined;
}

export interface Policy {
  /** Reads the file again; every deed does so by itself. */
  readonly look: () => void;
  /** Calls back when other rules hold, or the file has a fault or none any more. */
  readonly onChange: (listener: () => void) => void;
  /** Why a look at it, as those below are, throws; undefined when it does not. */
  readonly problemOf: (look: () => void) => Problem | undefined;
  readonly view: () => PolicyView | undefined;
  /** Settings that have this value, whatever the person sets. */
  readonly settings: () => Preferences;
  readonly forbids: (feature: PolicyFeature) => boolean;
  /** Throws `policy-forbids`, as do those below; and `policy-faulty` where nobody can tell. */
  readonly assertFeature: (feature: PolicyFeature) => void;
  readonly assertHost: (address: URL, whom: Whom) => void;
  /** Whether it may be used at all. */
  readonly assertServer: (server: PolicedServer) => void;
  /** Whether those that settings name may be asked: sign-in services all of them. What is on record already may stay. */
  readonly assertNamed: (settings: object | undefined, onRecord?: object) => void;
  readonly assertSettings: (change: PreferencesChange) => void;
  /** Throws `policy-faulty` while the file cannot be followed. */
  readonly assertMayChange: () => void;
  /** Without the exceptions that nobody may make. */
  readonly strict: (settings: SignInSettings) => SignInSettings;
}

export interface PolicyDeps {
  readonly place: PolicyPlace;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

interface Standing {
  /** What was found, so that it is made out once. */
  readonly found: Found;
  /** Those that hold; undefined when nobody can tell what is allowed. */
  readonly rules: Rules | undefined;
  readonly problem: Problem | undefined;
}

interface Rules extends PolicyRules {
  readonly isAllowed: Partial<Readonly<Record<Whom, (hostname: string) => boolean>>>;
  readonly off: ReadonlySet<PolicyFeature>;
  readonly required: Preferences;
}

/**
 * No file is no policy. One that cannot be followed, for whatever reason, changes no rule that held before; where none held,
 * since Drawbridge has only just started, nothing is reached. See docs/adr/0022-the-administrators-policy.md.
 */
export const createPolicy = ({ place, log }: PolicyDeps): Policy => {
  const file = policyFile(place);
  const read = createReadPolicy(place);
  const listeners = new Set<() => void>();
  let standing = standingOf(read(), undefined, file);
  tell(log, standing, file);

  const look = (): void => {
    const found = read();
    if (isSame(found, standing.found)) return;
    standing = standingOf(found, standing.rules, file);
    tell(log, standing, file);
    for (const listener of listeners) listener();
  };
  /** The rules as they are at this moment. Throws `policy-faulty`. */
  const rulesNow = (): Rules => {
    look();
    if (standing.rules !== undefined) return standing.rules;
    throw faulty(standing.problem);
  };
  const forbidden = (what: string): ProblemError =>
    new ProblemError('policy-forbids', `the policy of your administrator forbids this: ${what}`, {
      hint:
        standing.rules?.notice ??
        `ask the administrator of this computer; the policy is in ${file}`,
    });
  const assertFeature = (feature: PolicyFeature): void => {
    if (rulesNow().off.has(feature))
      throw forbidden(`${policyFeatures[feature]} (disabled: ${feature})`);
  };
  const assertHost = (address: URL, whom: Whom): void => {
    const isAllowed = rulesNow().isAllowed[whom];
    if (isAllowed?.(address.hostname) === false)
      throw forbidden(`${address.host} is not in allowedHosts.${whom}`);
  };

  return {
    look,
    onChange: (listener) => void listeners.add(listener),
    problemOf: (deed) => {
      try {
        deed();
        return undefined;
      } catch (error) {
        return toProblem(error);
      }
    },
    view: () => viewOf(standing, file),
    settings: () => {
      look();
      return standing.rules?.required ?? {};
    },
    forbids: (feature) => {
      look();
      return standing.rules?.off.has(feature) ?? true;
    },
    assertFeature,
    assertHost,
    assertServer: ({ kind, url, source }) => {
      if (kind === 'local') return assertFeature('local-servers');
      assertHost(new URL(url), kind === 'identity-provider' ? 'signIn' : 'servers');
      if (programIn(source) !== undefined) assertFeature('command-sources');
    },
    assertNamed: (settings, onRecord) => {
      const known = new Set(namedIn(onRecord).map(({ href }) => href));
      for (const address of namedIn(settings))
        if (!known.has(address.href)) assertHost(address, 'signIn');
    },
    assertSettings: ({ set, unset }) => {
      const { required } = rulesNow();
      for (const name of [...Object.keys(set), ...unset] as SettingName[])
        if (required[name] !== undefined && !isPasswordOf(required, name, set))
          throw forbidden(`it sets settings.${name} itself`);
    },
    assertMayChange: () => {
      look();
      if (standing.problem !== undefined) throw faulty(standing.problem);
    },
    strict: (settings) => {
      look();
      if (standing.rules?.off.has('sign-in-exceptions') === false) return settings;
      const { exceptions: _none, ...rest } = settings;
      return rest;
    },
  };
};

/** With no policy everything is allowed. */
const noRules: Rules = { isAllowed: {}, off: new Set(), required: {} };

const standingOf = (found: Found, before: Rules | undefined, file: string): Standing => {
  if (found.is === 'none') return { found, rules: noRules, problem: undefined };
  if (found.is === 'unusable')
    return { found, rules: before, problem: problemOf(found.why, found.mend) };
  const parsed = parsePolicy(found.text);
  if ('rules' in parsed) return { found, rules: made(parsed.rules), problem: undefined };
  const { why, line, column } = parsed.fault;
  return {
    found,
    rules: before,
    problem: problemOf(`${file}:${line}:${column}: ${why}`, undefined),
  };
};

const made = (rules: PolicyRules): Rules => {
  const { servers, signIn } = rules.allowedHosts ?? {};
  const { settings = {} } = rules;
  return {
    ...rules,
    isAllowed: {
      ...(servers && { servers: hostsIn(servers) }),
      ...(signIn && { signIn: hostsIn(signIn) }),
    },
    off: new Set(rules.disabled),
    // Whoever has to use a proxy must not be able to say that everything is to be reached without it.
    required: settings.proxy === undefined ? settings : { noProxy: '', ...settings },
  };
};

const problemOf = (why: string, mend: string | undefined): Problem => ({
  code: 'policy-faulty',
  message: `the policy of your administrator cannot be followed: ${why}`,
  hint: `nothing can be added or changed until an administrator mends it${mend === undefined ? '' : ` (${mend})`}`,
});

const faulty = (problem: Problem | undefined): ProblemError =>
  new ProblemError('policy-faulty', problem?.message ?? 'the policy cannot be followed', {
    hint: problem?.hint,
  });

const isSame = (one: Found, other: Found): boolean =>
  one.is === other.is &&
  (one.is !== 'text' || other.is !== 'text' || one.text === other.text) &&
  (one.is !== 'unusable' || other.is !== 'unusable' || one.why === other.why);

/** A password for the very proxy that is required is the person's to give. */
const isPasswordOf = (
  required: Preferences,
  name: SettingName,
  set: PreferencesChange['set'],
): boolean =>
  name === 'proxy' &&
  set.proxy !== undefined &&
  set.proxy.replace(/^((?:https?:)?\/\/)?[^/@]*@/i, '$1') === required.proxy;

const viewOf = ({ found, rules, problem }: Standing, file: string): PolicyView | undefined => {
  if (found.is === 'none') return undefined;
  const { allowedHosts, notice } = rules ?? {};
  return {
    file,
    ...(notice === undefined ? {} : { notice }),
    ...(allowedHosts === undefined ? {} : { allowedHosts }),
    required: Object.keys(rules?.required ?? {}) as SettingName[],
    disabled: [...(rules?.off ?? (Object.keys(policyFeatures) as PolicyFeature[]))],
    ...(problem === undefined ? {} : { problem }),
  };
};

const tell = (log: PolicyDeps['log'], { found, problem }: Standing, file: string): void => {
  if (problem !== undefined) log.warn('policy-faulty', { file, why: problem.message });
  else log.info('policy', { file, holds: found.is === 'text' });
};
