/** What proves the client of a sign-in: which of it is kept as a secret, and what goes with what. */
import type { SignInChange, SignInSettings, SignInWish } from './sign-in-settings.ts';

/** In the vault from the moment they are given; never with the settings. */
export const keptSecrets = ['clientSecret', 'clientKey'] as const;
export type KeptSecret = (typeof keptSecrets)[number];

/** All that is of one client alone. */
const proofs = [...keptSecrets, 'clientSecretFrom'] as const;

type Said = Readonly<Partial<Record<'clientId' | (typeof proofs)[number], unknown>>>;

/** A wish without its secrets, as a server's record keeps it. */
export const shownPart = (wish: SignInWish): SignInSettings => {
  const { clientSecret: _secret, clientKey: _key, ...shown } = wish;
  return shown;
};

/** Whether one of `names` is said and not whose it is. */
export const lacksClient = (said: Said, names: readonly (typeof proofs)[number][] = proofs) =>
  said.clientId === undefined && names.some((name) => said[name] !== undefined);

/** Whether a secret is both given and said to stand elsewhere: a client has one. */
export const hasTwoSecrets = ({ clientSecret, clientSecretFrom }: Said): boolean =>
  clientSecret !== undefined && clientSecretFrom !== undefined;

/** What names who is shown the proof of a client. */
const services = ['issuer', 'authorizeUrl', 'tokenUrl'] as const;

/**
 * The same change, so that the secret and the key of one client are never sent with the id of another, nor, once they have
 * been used (`isBound`), to another service: the one it is for is only what its issuer is called.
 */
export const withoutForeignSecrets = (
  { set, unset: taken }: SignInChange,
  settled: SignInSettings,
  isBound: boolean,
): SignInChange => {
  // A secret that is kept and one that stands elsewhere cannot both be the client's.
  const unset = [
    ...taken,
    ...(set.clientSecretFrom === undefined ? [] : (['clientSecret'] as const)),
    ...(set.clientSecret === undefined ? [] : (['clientSecretFrom'] as const)),
  ];
  const isOther =
    unset.includes('clientId') ||
    (set.clientId !== undefined && set.clientId !== settled.clientId) ||
    (isBound && services.some((name) => set[name] !== undefined && set[name] !== settled[name]));
  const foreign = proofs.filter((name) => !(name in set));
  return { set, unset: isOther ? [...unset, ...foreign] : unset };
};
