/** What is settled for a sign-in before it begins: what the person gave for the server, and what it was seen to want. */
import { type KeptSecret, keptSecrets } from '../../shared/contract/client-secrets.ts';
import type { AccountKey, ServerId } from '../../shared/contract/ids.ts';
import type { SignInChange, SignInSettings } from '../../shared/contract/sign-in-settings.ts';
import type { GivenClient } from '../oauth/given-client.ts';
import type { SettledSignIn } from '../oauth/settled.ts';
import { Secret } from '../vault/secret.ts';
import type { Vault } from '../vault/vault.ts';
import type { TokenBook } from './book.ts';
import type { Resolve } from './sources/references.ts';
import type { StepUps } from './step-ups.ts';

export interface Settlements {
  /** `moreScopes` the person asks for themselves, beyond those that a refused request has shown to be missing. */
  readonly of: (key: AccountKey, moreScopes?: readonly string[]) => SettledSignIn;
  /** The client that was given for a server, as it is now. */
  readonly client: (server: ServerId) => GivenClient | undefined;
  /** The same with its secret, wherever that stands. Rejects like `Resolve`. */
  readonly presentClient: (server: ServerId) => Promise<GivenClient | undefined>;
  readonly holds: (server: ServerId) => { hasClientSecret: boolean; hasClientKey: boolean };
  /** The secrets that were given for a server, as they are kept. */
  readonly kept: (server: ServerId) => Partial<Record<KeptSecret, Secret>>;
  /** Keeps the secrets among what is wished, and removes those that are taken away. Rejects like `Vault.write`. */
  readonly keepSecrets: (server: ServerId, change: SignInChange) => Promise<void>;
  /** Removes all of a server's. Rejects like `Vault.write`. */
  readonly forget: (server: ServerId) => Promise<void>;
}

export interface SettleDeps {
  readonly settingsOf: (server: ServerId) => SignInSettings;
  /** The origins besides the server's that are shown its client certificate. */
  readonly certificateAt?: (server: ServerId) => readonly string[] | undefined;
  /** The issuer that the given client of a server was used at. */
  readonly clientIssuerOf: (server: ServerId) => string | undefined;
  readonly documentUrl: () => string | undefined;
  readonly resolve: Resolve;
  readonly vault: Pick<Vault, 'read' | 'write'>;
  readonly book: Pick<TokenBook, 'facts'>;
  readonly stepUps: Pick<StepUps, 'wanted'>;
  /** Which secrets are held is shown. */
  readonly onChange: () => void;
}

const records = {
  clientSecret: 'client-secret:',
  clientKey: 'client-key:',
} as const satisfies Record<KeptSecret, string>;

const serviceIn = ({
  issuer,
  authorizeUrl,
  tokenUrl,
  resource,
}: SignInSettings): Pick<SettledSignIn, 'service'> => {
  const service = { issuer, authorizeUrl, tokenUrl, resource };
  return Object.values(service).some((one) => one !== undefined) ? { service } : {};
};

export const createSettlements = (deps: SettleDeps): Settlements => {
  const { vault } = deps;

  const read = (name: KeptSecret, server: ServerId): Secret | undefined => {
    const text = vault.read(records[name] + server);
    return typeof text === 'string' ? new Secret(text) : undefined;
  };

  const client = (server: ServerId): GivenClient | undefined => {
    const { clientId, clientSecretFrom, exceptions } = deps.settingsOf(server);
    return clientId === undefined
      ? undefined
      : {
          id: clientId,
          issuer: deps.clientIssuerOf(server),
          secret: read('clientSecret', server),
          key: read('clientKey', server),
          ...(clientSecretFrom === undefined ? {} : { secretFrom: clientSecretFrom }),
          ...(exceptions?.includes('basic-unencoded') === true && { basicUnencoded: true }),
        };
  };

  return {
    client,
    presentClient: async (server) => {
      const given = client(server);
      return given?.secretFrom === undefined
        ? given
        : { ...given, secret: await deps.resolve(given.secretFrom) };
    },
    of: (key, moreScopes = []) => {
      const settings = deps.settingsOf(key.server);
      const wanted = [...deps.stepUps.wanted(key), ...moreScopes];
      return {
        client: client(key.server),
        documentUrl: deps.documentUrl(),
        redirect: settings.redirect,
        scopes: settings.scopes,
        // The union with what is granted: asking for the new scopes alone would give up the old ones (A28).
        moreScopes: wanted.length === 0 ? [] : [...(deps.book.facts(key)?.scopes ?? []), ...wanted],
        parameters: settings.parameters ?? {},
        exceptions: new Set(settings.exceptions),
        ...serviceIn(settings),
        certificateAt: deps.certificateAt?.(key.server),
        noBrowser: settings.noBrowser,
        patienceMs: settings.timeoutS && settings.timeoutS * 1000,
      };
    },
    holds: (server) => ({
      hasClientSecret: read('clientSecret', server) !== undefined,
      hasClientKey: read('clientKey', server) !== undefined,
    }),
    kept: (server) =>
      Object.fromEntries(
        keptSecrets.flatMap((name) => {
          const secret = read(name, server);
          return secret === undefined ? [] : [[name, secret]];
        }),
      ),
    keepSecrets: async (server, { set, unset }) => {
      for (const name of keptSecrets) {
        const value = unset.includes(name) ? undefined : set[name];
        if (value !== undefined || unset.includes(name))
          await vault.write(records[name] + server, value);
      }
      deps.onChange();
    },
    forget: async (server) => {
      for (const name of keptSecrets) {
        if (vault.read(records[name] + server) !== undefined)
          await vault.write(records[name] + server, undefined);
      }
    },
  };
};
