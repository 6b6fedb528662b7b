/** How is each kind of verifier made ready? One row a kind. */
import path from 'node:path';
import type { DoorVerifier, DoorVerifierOf } from '../../../../shared/contract/door.ts';
import { ProblemError } from '../../../../shared/contract/problems.ts';
import type { GuardedFetch } from '../../../net/guarded-fetch.ts';
import { Secret } from '../../../vault/secret.ts';
import { introspectionVerifier } from './introspection.ts';
import { createIssuerKeys } from './issuer-keys.ts';
import { jwksVerifier } from './jwks.ts';
import { remembered } from './remembered.ts';
import { tokenReviewVerifier } from './token-review.ts';
import type { Verify } from './verify.ts';

export interface VerifierDeps {
  /** For what the person has named: it may be near by if that is. */
  readonly fetchFor: (named: URL) => Promise<GuardedFetch>;
  /** For a place that has a certificate authority of its own, in this file. */
  readonly fetchTrusting: (caFile: string) => GuardedFetch;
  /** What an issuer publishes of itself. Rejects with a `ProblemError`. */
  readonly lookUpIssuer: (fetch: GuardedFetch, issuer: string) => Promise<IssuerPlaces>;
  /** What `${vault:...}` and its like stand for. Rejects with `reference-unresolved`. */
  readonly resolve: (value: string) => Promise<Secret>;
  /** Gets each secret before anybody else does. */
  readonly conceal: (secret: Secret) => void;
  /** The text of a file. Rejects with the system's error. */
  readonly readText: (file: string) => Promise<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
}

interface IssuerPlaces {
  readonly jwks_uri?: string | undefined;
  readonly introspection_endpoint?: string | undefined;
}

type Kinds = {
  readonly [K in DoorVerifier['kind']]: (settings: DoorVerifierOf<K>, deps: VerifierDeps) => Verify;
};

const kinds: Kinds = {
  jwks: (settings, deps) => {
    const { issuer, jwksUrl } = settings;
    const fetchKeys = async (): Promise<unknown> => {
      const { address, fetch } = await placeOf(issuer, jwksUrl, 'jwks_uri', deps);
      const answer = await fetch(address, { headers: { accept: 'application/json' } });
      if (!answer.ok)
        throw new ProblemError(
          'server-trouble',
          `${address.host} does not give out its keys (status ${answer.status})`,
        );
      return answer.json().catch(() => undefined);
    };
    const keys = createIssuerKeys({ fetchKeys, now: deps.now });
    return jwksVerifier(settings, { keys, now: deps.now });
  },

  introspection: (settings, deps) => {
    const { issuer, endpoint, clientSecret } = settings;
    const verify = introspectionVerifier(settings, {
      endpoint: onceFound(() => placeOf(issuer, endpoint, 'introspection_endpoint', deps)),
      secret: () => deps.resolve(clientSecret),
      now: deps.now,
    });
    return remembered(verify, deps.now);
  },

  kubernetes: ({ api, caFile, tokenFile }, deps) => {
    const address = api === undefined ? clusterAddress(deps.env) : new URL(api);
    const authority = caFile ?? (api === undefined ? path.join(IN_POD, 'ca.crt') : undefined);
    const fetch: GuardedFetch =
      authority === undefined
        ? async (...asked) => (await deps.fetchFor(address))(...asked)
        : deps.fetchTrusting(authority);
    // The pod's own token is for its own cluster, and goes to no other place that is named.
    if (api !== undefined && tokenFile === undefined) throw noToken();
    const file = tokenFile ?? path.join(IN_POD, 'token');
    const verify = tokenReviewVerifier({
      ...{ api: address, fetch },
      // Read again each time: Kubernetes puts another one there before it ends.
      ownToken: () => ownToken(file, deps),
    });
    return remembered(verify, deps.now);
  },
};

/** Throws `bad-request` for settings that cannot work here. */
export const openVerifier = (settings: DoorVerifier, deps: VerifierDeps): Verify =>
  (kinds[settings.kind] as (settings: DoorVerifier, deps: VerifierDeps) => Verify)(settings, deps);

interface Place {
  readonly address: URL;
  readonly fetch: GuardedFetch;
}

/** Where to ask: as given, or as the issuer says. */
const placeOf = async (
  issuer: string,
  given: string | undefined,
  name: keyof IssuerPlaces,
  { fetchFor, lookUpIssuer }: VerifierDeps,
): Promise<Place> => {
  if (given !== undefined)
    return { address: new URL(given), fetch: await fetchFor(new URL(given)) };
  const fetch = await fetchFor(new URL(issuer));
  const found = (await lookUpIssuer(fetch, issuer))[name];
  if (found !== undefined && URL.canParse(found)) return { address: new URL(found), fetch };
  throw new ProblemError('bad-answer', `${new URL(issuer).host} publishes no ${name}`, {
    hint: 'name the address yourself',
  });
};

/** What was found stays; what failed is looked for again. */
const onceFound = <T>(find: () => Promise<T>): (() => Promise<T>) => {
  let found: Promise<T> | undefined;
  return () => {
    found ??= find().catch((error: unknown) => {
      found = undefined;
      throw error;
    });
    return found;
  };
};

/** Where a pod finds what its service account is. */
const IN_POD = '/var/run/secrets/kubernetes.io/serviceaccount';

const clusterAddress = (env: VerifierDeps['env']): URL => {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = env;
  const address = host?.includes(':') === true ? `[${host}]` : host;
  const url = address === undefined ? null : URL.parse(`https://${address}:${port}`);
  if (url !== null) return url;
  throw new ProblemError('bad-request', 'this Drawbridge does not run in a pod of Kubernetes', {
    hint: 'name the API server, its certificate authority and a token file',
  });
};

const ownToken = async (
  file: string,
  { readText, conceal }: Pick<VerifierDeps, 'readText' | 'conceal'>,
): Promise<Secret> => {
  const token = await readText(file).catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
  // One word, so that no other file goes there by mistake.
  if (!/^[\w.~+/-]+=*$/.test(token.trim())) throw unreadable(file);
  const secret = new Secret(token.trim());
  conceal(secret);
  return secret;
};

const noToken = (): ProblemError =>
  new ProblemError('bad-request', 'which token to show to that API server was not said', {
    hint: 'name its file: --token-file',
  });

const unreadable = (file: string, cause?: unknown): ProblemError =>
  new ProblemError('reference-unresolved', `there is no token in ${JSON.stringify(file)}`, {
    hint: 'it has to hold the token of a service account that may create tokenreviews',
    cause,
  });
