/** What discovery found, looked at one matter after the other: one row a matter. */
import type { Check } from '../../shared/contract/doctor.ts';
import { toProblem } from '../../shared/contract/problems.ts';
import { type ClientSource, PROPOSED_REDIRECT } from '../../shared/contract/sign-in-settings.ts';
import { plainText } from '../../shared/plain-text.ts';
import { OURSELVES } from '../net/port-holder.ts';
import { type HolderOf, portIn } from '../oauth/callback.ts';
import { clientAuth } from '../oauth/client-auth.ts';
import { unattendedScopes } from '../oauth/client-credentials.ts';
import { clientSource, type TokensFrom } from '../oauth/client-source.ts';
import type { Discovery } from '../oauth/discover.ts';
import { assertSignsIn, scopesFor } from '../oauth/find-sign-in.ts';
import { type GivenClient, givenRegistration } from '../oauth/given-client.ts';
import type { SettledSignIn } from '../oauth/settled.ts';
import { askOperator } from '../oauth/words.ts';
import { failed } from './failed.ts';
import { shownAddress } from './traced-fetch.ts';

export interface Examined {
  readonly id: string | undefined;
  readonly found: Discovery;
  readonly kind: TokensFrom;
  readonly settled: SettledSignIn;
  /** The client that was given, with its proof. Rejects where that is not to be had. */
  readonly presentClient: () => Promise<GivenClient | undefined>;
  readonly holdsClient: (issuer: string) => boolean;
  readonly holderOf: HolderOf;
}

type Matter = (examined: Examined) => Check | undefined | Promise<Check | undefined>;

/** In the order in which a sign-in depends on them. Never rejects. */
export const signInChecks = async (examined: Examined): Promise<Check[]> => {
  const checks: Check[] = [];
  for (const matter of [
    service,
    resource,
    endpoints,
    protection,
    client,
    clientProof,
    redirect,
    scopes,
    bearer,
    offers,
  ]) {
    const check = await matter(examined);
    if (check !== undefined) checks.push(check);
  }
  return checks;
};

const good = (text: string): Check => ({ tone: 'good', text });

const service: Matter = ({ found: { guessed, issuer }, settled: { service: named } }) => {
  const { host } = new URL(issuer);
  if (named?.tokenUrl !== undefined)
    return good(`it wants a sign-in, at ${host}, whose endpoints were given by hand`);
  if (named?.issuer !== undefined)
    return good(`it wants a sign-in, at ${host}, which was named for it`);
  return guessed
    ? {
        tone: 'attention',
        text: 'it wants a sign-in and does not say where; Drawbridge will try at the server itself',
      }
    : good(`it wants a sign-in, at ${host}`);
};

const resource: Matter = ({ found, settled }) => {
  if (found.resource === undefined) return undefined;
  const shown = plainText(shownAddress(new URL(found.resource)), 200);
  if (settled.exceptions.has('resource-omitted'))
    return good(
      `it calls itself ${shown}, which its sign-in service is not told: an exception on record`,
    );
  return settled.service?.resource === undefined
    ? good(`tokens are asked for by the name that it gives itself: ${shown}`)
    : good(`tokens are asked for by a name that was settled: ${plainText(found.resource, 200)}`);
};

const endpoints: Matter = ({ found: { metadata } }) => {
  const issuer = new URL(metadata.issuer);
  const hosts = [
    metadata.authorization_endpoint,
    metadata.token_endpoint,
    metadata.registration_endpoint,
  ]
    .map((endpoint) => URL.parse(endpoint ?? '')?.host)
    .filter((host) => host !== undefined && host !== issuer.host);
  const elsewhere = [...new Set(hosts)];
  return elsewhere.length === 0
    ? undefined
    : good(
        `the sign-in service ${issuer.host} works from other hosts as well: ${elsewhere.join(', ')}`,
      );
};

const protection: Matter = ({ id, kind, found: { metadata }, settled }) => {
  if (kind !== 'person') return undefined;
  try {
    assertSignsIn(metadata, settled.exceptions);
    if (settled.exceptions.has('pkce-off'))
      return {
        tone: 'attention',
        text: 'the sign-in goes without the protection of PKCE: an exception on record',
      };
    return good(
      metadata.code_challenge_methods_supported === undefined
        ? 'the sign-in is protected with PKCE, though the service does not say that it knows it: an exception on record'
        : 'the sign-in is protected with PKCE',
    );
  } catch (error) {
    return failed(toProblem(error), id);
  }
};

/** Where the client id for the sign-in comes from. */
export const clientFor = ({ kind, found, settled, holdsClient }: Examined): ClientSource =>
  clientSource(found.metadata, {
    ...{ kind, given: settled.client !== undefined, holdsClient },
    documentUrl: settled.documentUrl,
  });

const client: Matter = (examined) => {
  const { kind, found, settled } = examined;
  const { host } = new URL(found.metadata.issuer);
  const source = clientFor(examined);
  if (source !== 'none') return good(sources[source](host));
  if (kind !== 'person') {
    return {
      tone: 'bad',
      code: 'registration-unavailable',
      text: 'a sign-in without a person needs a client id, and none was given',
      hint: askOperator(undefined),
    };
  }
  return {
    tone: 'attention',
    code: 'registration-unavailable',
    text: `${host} does not register new programs by itself`,
    hint: askOperator(settled.redirect ?? PROPOSED_REDIRECT),
  };
};

const sources: Readonly<Record<Exclude<ClientSource, 'none'>, (host: string) => string>> = {
  given: () => 'the client id is the one that was given',
  published: (host) => `${host} reads who Drawbridge is from its client metadata document`,
  registered: (host) => `Drawbridge is registered at ${host} already`,
  dynamic: (host) => `${host} registers Drawbridge by itself`,
};

const clientProof: Matter = async ({ id, found: { metadata }, presentClient }) => {
  try {
    const client = await presentClient();
    if (client === undefined) return undefined;
    const given = givenRegistration(client, metadata, undefined);
    // A key that cannot be read shows only when it is about to be used.
    clientAuth(given, metadata);
    return good(`the client proves itself by ${proofs[given.authMethod]}`);
  } catch (error) {
    return failed(toProblem(error), id);
  }
};

const proofs = {
  none: 'its redirect alone: it has no secret',
  client_secret_basic: 'its secret, in a header',
  client_secret_post: 'its secret, in the request',
  private_key_jwt: 'a signature with its private key',
} as const;

const redirect: Matter = async ({ kind, settled, holderOf }) => {
  const port = portIn(settled.redirect ?? '');
  if (kind !== 'person' || port === undefined) return undefined;
  const holder = await holderOf(port);
  if (holder === undefined)
    return good(`the browser comes back to ${settled.redirect}, where nobody listens yet`);
  const taken = { tone: 'attention', code: 'callback-unavailable' } as const;
  return holder === OURSELVES
    ? {
        ...taken,
        text: `the browser is to come back to port ${port}, where a sign-in is waiting already`,
        hint: 'finish or cancel that one before you begin another',
      }
    : {
        ...taken,
        text: `the browser is to come back to port ${port}, which ${holder} holds`,
        hint: 'end that program before you sign in',
      };
};

const MOST_SCOPES = 300;

const scopes: Matter = ({ kind, found, settled }) => {
  if (kind === 'id-token-file') return undefined;
  const asked = (kind === 'person' ? scopesFor : unattendedScopes)(found, settled);
  return good(
    asked === undefined
      ? 'which access is asked for is left to the server'
      : `access asked for: ${plainText(asked.join(' '), MOST_SCOPES)}`,
  );
};

const bearer: Matter = ({ found: { metadata }, settled }) => {
  if (!settled.exceptions.has('id-token-as-bearer')) return undefined;
  const text = 'the server is shown the ID token of the sign-in: an exception on record';
  return metadata.scopes_supported?.includes('openid') === false
    ? {
        tone: 'attention',
        code: 'no-id-token',
        text: `${text}; its sign-in service seems to give none`,
      }
    : good(text);
};

const offers: Matter = ({ found: { metadata } }) => {
  const offered = Object.entries({
    'requests announced beforehand': metadata.pushed_authorization_request_endpoint,
    'a code for another device': metadata.device_authorization_endpoint,
    'the end of tokens at sign-out': metadata.revocation_endpoint,
    'answers that name their sender': metadata.authorization_response_iss_parameter_supported,
  }).filter(([, offer]) => Boolean(offer));
  return offered.length === 0
    ? undefined
    : good(`its sign-in service offers as well: ${offered.map(([words]) => words).join(', ')}`);
};
