/** Tokens that their issuer has signed: JWTs, looked at here with the issuer's published keys (RFC 9068). */
import {
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose';
import type { DoorVerifierOf } from '../../../../shared/contract/door.ts';
import { SKEW_S, scopesIn, textsIn, type Verdict, type Verify } from './verify.ts';

/**
 * Signatures that only the issuer can make. Neither `none` nor one with a shared secret: a public key would be taken for
 * the secret, and everybody has that.
 */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

export interface JwksDeps {
  readonly keys: JWTVerifyGetKey;
  readonly now: () => number;
}

export const jwksVerifier =
  (
    { issuer, plainJwt }: Pick<DoorVerifierOf<'jwks'>, 'issuer' | 'plainJwt'>,
    { keys, now }: JwksDeps,
  ): Verify =>
  async (token, audiences) => {
    const options: JWTVerifyOptions = {
      ...{ issuer, audience: [...audiences], algorithms: ALGORITHMS },
      ...{ clockTolerance: SKEW_S, currentDate: new Date(now()) },
      // What says that it is an access token is no ID token and no logout token (RFC 9068 section 4).
      ...(plainJwt === true
        ? { requiredClaims: ['sub', 'exp'] }
        : { typ: 'at+jwt', requiredClaims: ['sub', 'exp', 'iat', 'jti', 'client_id'] }),
    };
    try {
      return accepted(await payloadOf(token.reveal(), keys, options));
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
      return { refused: reasonOf(error) };
    }
  };

const payloadOf = async (
  token: string,
  keys: JWTVerifyGetKey,
  options: JWTVerifyOptions,
): Promise<JWTPayload> => {
  try {
    return (await jwtVerify(token, keys, options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    // A token that names no key is tried with each that could be meant.
    for await (const key of error) {
      try {
        return (await jwtVerify(token, key, options)).payload;
      } catch (wrong) {
        if (!(wrong instanceof errors.JWSSignatureVerificationFailed)) throw wrong;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
};

const accepted = (claims: JWTPayload): Verdict => {
  const { sub, exp } = claims;
  if (typeof sub !== 'string' || sub === '') return { refused: 'the token says no subject' };
  const { scope, scp, groups } = claims as Readonly<Record<string, unknown>>;
  return {
    caller: {
      ...{ subject: sub, claims, groups: textsIn(groups) },
      // `scp` is what Microsoft and Okta call it.
      scopes: scope === undefined ? [...scopesIn(scp), ...textsIn(scp)] : scopesIn(scope),
      expiresAt: exp === undefined ? undefined : exp * 1000,
    },
  };
};

const ofClaims: Readonly<Record<string, string>> = {
  aud: 'the token is for another resource',
  iss: 'the token is of another issuer',
  nbf: 'the token is not valid yet',
  exp: 'the token has expired',
  typ: 'the token is no access token',
};

const reasonOf = (error: errors.JOSEError): string => {
  if (error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed)
    return ofClaims[error.claim] ?? 'the token does not say all that it has to';
  if (error instanceof errors.JWKSNoMatchingKey) return 'the token is signed with an unknown key';
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return 'the signature of the token is wrong';
  if (error instanceof errors.JOSEAlgNotAllowed)
    return 'the token is not signed in a way that is taken here';
  return 'the token is not valid';
};
