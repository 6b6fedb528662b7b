/** Where does the sign-in of an account stand? What is kept of it, told as facts; a server is asked only where that is wished. */
import type { AccountFacts, FoundEndpoint } from '../../shared/contract/account-facts.ts';
import type { AccountKey } from '../../shared/contract/ids.ts';
import type { Problem } from '../../shared/contract/problems.ts';
import type { ClientSource, SignInSettings } from '../../shared/contract/sign-in-settings.ts';
import { presetFor } from '../servers/presets.ts';
import type { Registry, ServerRecord } from '../servers/registry.ts';
import type { Grant } from '../tokens/grant.ts';
import { heldIn } from '../tokens/held.ts';
import type { MintedBook } from '../tokens/minted.ts';
import type { Bindings } from './handler.ts';

type Client = Grant['client'];

export interface FactsBindingDeps {
  readonly registry: Pick<Registry, 'get' | 'assertAccount'>;
  readonly facts: {
    /** Throws the vault's problem while it is closed, for then nobody can tell. */
    readonly held: (key: AccountKey) => Grant | undefined;
    readonly minted: MintedBook['facts'];
    /** When the sign-in of an account will be renewed, Unix ms. */
    readonly renewsAt: (key: AccountKey) => number | undefined;
    /** Whether Drawbridge has registered this client itself. */
    readonly isRegistered: (client: Client) => boolean;
    /** The endpoints that a grant was got at, and who named them. */
    readonly endpointsOf: (grant: Grant) => FoundEndpoint[];
    /** Asks the server and its sign-in service. Rejects like a sign-in that finds nothing. */
    readonly lookForEndpoints: (key: AccountKey) => Promise<FoundEndpoint[]>;
    /** The names of secret variables that there are values for; undefined while the vault is closed. */
    readonly keptSecrets: (server: ServerRecord['id']) => ReadonlySet<string> | undefined;
    readonly programProblem: (server: ServerRecord['id']) => Problem | undefined;
    /** Without the exceptions that a policy does not let count. */
    readonly strict: (settings: SignInSettings) => SignInSettings;
    /** Takes out the secrets that are known. */
    readonly clean: (text: string) => string;
    readonly now: () => number;
  };
}

type Facts<K extends AccountFacts['kind']> = Extract<AccountFacts, { kind: K }>;

export const createFactsBindings = ({
  registry,
  facts,
}: FactsBindingDeps): Pick<Bindings, 'accountFacts'> => {
  const clientFrom = (client: Client, given: string | undefined): ClientSource => {
    if (client.clientId === given) return 'given';
    if (client.clientId.startsWith('https://')) return 'published';
    return facts.isRegistered(client) ? 'registered' : 'given';
  };

  const held = (
    key: AccountKey,
    grant: Grant,
    { signIn, url }: ServerRecord,
  ): Facts<'sign-in'>['held'] => {
    const told = heldIn(grant, {
      clean: facts.clean,
      clientFrom: (client) => clientFrom(client, signIn?.clientId),
      renewsAt: facts.renewsAt(key),
    });
    const preset = presetFor(new URL(url))?.signIn?.scopes;
    const isPreset = preset !== undefined && preset.join(' ') === signIn?.scopes?.join(' ');
    return told.scopes.from === 'settings' && isPreset
      ? { ...told, scopes: { ...told.scopes, from: 'preset' } }
      : told;
  };

  const signIn = async (
    key: AccountKey,
    record: ServerRecord,
    look: boolean,
  ): Promise<Facts<'sign-in'>> => {
    const settings = record.signIn ?? {};
    const grant = facts.held(key);
    const isKnown = grant?.trail !== undefined;
    const asks = look && !isKnown;
    return {
      ...{ kind: 'sign-in', how: settings.kind ?? 'person' },
      held: grant && held(key, grant, record),
      endpoints: asks
        ? await facts.lookForEndpoints(key)
        : grant === undefined
          ? []
          : facts.endpointsOf(grant),
      lookedAt: asks ? facts.now() : undefined,
      exceptions: exceptionsOn(record, facts.strict(settings)),
    };
  };

  const source = (key: AccountKey, kind: Facts<'source'>['source']): Facts<'source'> => {
    const { minting = false, gotAt, expiresAt, renewsAt, trouble } = facts.minted(key) ?? {};
    return {
      ...{ kind: 'source', source: kind, getting: minting },
      ...{ gotAt, expiresAt, renewsAt, problem: trouble },
    };
  };

  const local = (
    server: ServerRecord['id'],
    { processes, secretEnv }: NonNullable<ServerRecord['command']>,
  ): Facts<'local'> => {
    const kept = facts.keptSecrets(server);
    return {
      ...{ kind: 'local', processes, problem: facts.programProblem(server) },
      secrets: kept && secretEnv.map((name) => ({ name, isKept: kept.has(name) })),
    };
  };

  return {
    accountFacts: (key, { look }) => {
      registry.assertAccount(key);
      const record = registry.get(key.server);
      if (record.command !== undefined) return local(key.server, record.command);
      if (record.source !== undefined) return source(key, record.source.kind);
      return record.tokenSource === 'oauth' ? signIn(key, record, look) : { kind: 'open' };
    },
  };
};

const exceptionsOn = (
  { signIn, url }: ServerRecord,
  { exceptions: heeded = [] }: SignInSettings,
): Facts<'sign-in'>['exceptions'] => {
  const preset = presetFor(new URL(url))?.signIn?.exceptions ?? [];
  return (signIn?.exceptions ?? []).map((exception) => ({
    exception,
    from: preset.includes(exception) ? 'preset' : 'settings',
    heeded: heeded.includes(exception),
  }));
};
