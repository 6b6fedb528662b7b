/** The word of a company's identity provider: from the one sign-in there, or from a file that something else keeps fresh. */
import { type AccountKey, DEFAULT_ACCOUNT, type ServerId } from '../../shared/contract/ids.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { SignInSettings } from '../../shared/contract/sign-in-settings.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import type { Voucher } from '../oauth/enterprise.ts';
import { issuerOf } from '../oauth/find-sign-in.ts';
import { givenRegistration } from '../oauth/given-client.ts';
import { issuerMetadata } from '../oauth/issuer-metadata.ts';
import { readSmallText } from '../storage/small-text.ts';
import { Secret } from '../vault/secret.ts';
import type { Grant } from './grant.ts';
import { withPresentProof } from './present-proof.ts';
import type { Settlements } from './settle.ts';

export interface VouchDeps {
  /** Undefined when it is not there, or is none. */
  readonly provider: (id: ServerId) => Provider | undefined;
  readonly settlements: Pick<Settlements, 'presentClient'>;
  /** A grant whose tokens are good for a while yet. Rejects like `TokenBook.access`. */
  readonly freshGrant: (key: AccountKey) => Promise<Grant>;
  readonly renew: (key: AccountKey) => Promise<void>;
  readonly now: () => number;
}

export interface Provider {
  readonly title: string;
  readonly url: URL;
  readonly settings: SignInSettings;
  readonly fetch: GuardedFetch;
}

/** A token this close to its end may run out on the way, ms. */
const MARGIN_MS = 30_000;

/**
 * The word of provider `id` on who the person is. Rejects with `identity-provider`, with the trouble of renewing the
 * sign-in there, and like `issuerMetadata`.
 */
export const createVouch = (deps: VouchDeps) => {
  /** The generation at each provider that was renewed for the sake of its ID token. */
  const renewed = new Map<ServerId, number>();
  const fromFile = async (provider: Provider, id: ServerId, file: string): Promise<Voucher> => {
    const { settings, fetch, url, title } = provider;
    const client = await deps.settlements.presentClient(id);
    if (client === undefined) throw noVoucher(`${title} has no client id`);
    const idToken = await idTokenIn(file, deps.now());
    if (idToken === undefined) {
      throw noVoucher(`${file} holds no ID token that is good now`, 'renew it, and sign in again');
    }
    const metadata = await issuerMetadata(fetch, issuerOf(url), new Set(settings.exceptions));
    const party = { metadata, client: givenRegistration(client, metadata, undefined) };
    return { fetch, party, idToken: new Secret(idToken) };
  };

  const fromSignIn = async ({ title, fetch }: Provider, id: ServerId): Promise<Voucher> => {
    const key = { server: id, account: DEFAULT_ACCOUNT };
    const needed = `sign in to ${title} first; one sign-in there serves every server that names it`;
    const grantNow = async (): Promise<Grant> => {
      try {
        return await deps.freshGrant(key);
      } catch (error) {
        if (error instanceof ProblemError && error.code === 'needs-sign-in')
          throw noVoucher(`nobody is signed in to ${title}`, needed);
        throw error;
      }
    };
    const isGood = ({ idToken }: Grant): boolean =>
      idToken !== undefined && endsAfter(idToken.reveal(), deps.now() + MARGIN_MS);
    let grant = await grantNow();
    if (!isGood(grant) && renewed.get(id) !== grant.generation) {
      // An ID token may end before the access token does; a renewal brings a new one. If it does not, it will not for
      // the next server that asks either.
      renewed.set(id, grant.generation + 1);
      await deps.renew(key).catch(() => undefined);
      grant = await grantNow();
    }
    if (grant.idToken === undefined || !isGood(grant))
      throw noVoucher(`the sign-in at ${title} no longer says who you are`, needed);
    const party = withPresentProof(grant, await deps.settlements.presentClient(id));
    return { fetch, party, idToken: grant.idToken };
  };

  return async (id: ServerId | undefined): Promise<Voucher> => {
    const provider = id === undefined ? undefined : deps.provider(id);
    if (id === undefined || provider === undefined) {
      throw noVoucher(
        'the identity provider of this server is not there',
        'add it, and name it in the settings of this server',
      );
    }
    const { idTokenFile } = provider.settings;
    return idTokenFile === undefined
      ? fromSignIn(provider, id)
      : fromFile(provider, id, idTokenFile);
  };
};

/** The ID token in `file`; undefined unless there is one that is good at `now`, Unix ms. Never rejects. */
export const idTokenIn = async (file: string, now: number): Promise<string | undefined> => {
  const text = (await readSmallText(file).catch(() => '')).trim();
  return endsAfter(text, now) ? text : undefined;
};

/** Whether a JWT says of itself that it ends after `at`, Unix ms. Whether it is true is for whoever it is sent to. */
const endsAfter = (token: string, at: number): boolean => {
  try {
    const [, claims = ''] = token.split('.');
    const { exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { exp?: unknown };
    return typeof exp === 'number' && exp * 1000 > at;
  } catch {
    return false;
  }
};

const noVoucher = (message: string, hint?: string): ProblemError =>
  new ProblemError('identity-provider', message, { hint });
