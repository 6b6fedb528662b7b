/** An issuer whose keys a test turns over, and which signs whatever it is told: what an honest one never does. */
import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { sendJson, startLoopbackServer } from './loopback-server.ts';

export interface SigningIssuer extends AsyncDisposable {
  readonly issuer: string;
  readonly jwksUrl: string;
  /** A good token, but for what is said otherwise; `undefined` leaves a claim out. */
  readonly sign: (
    claims: Readonly<Record<string, unknown>>,
    header?: Readonly<Record<string, unknown>>,
  ) => Promise<string>;
  /** The public key that is in use, as everybody can read it. */
  readonly publicPem: () => string;
  /** Signs with another key from now on. */
  readonly rotate: () => void;
  /** The key set is as it was before the last turn: a token may be quicker than its key. */
  readonly holdBack: (held: boolean) => void;
  readonly fail: (failing: boolean) => void;
  /** The next request for the keys waits. */
  readonly slow: () => { readonly arrived: Promise<void>; readonly goOn: () => void };
  /** How often the keys were asked for. */
  readonly asked: () => number;
}

interface Pair {
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export const startSigningIssuer = async (): Promise<SigningIssuer> => {
  let [count, asked, isHeldBack, failing] = [0, 0, false, false];
  const newPair = (): Pair => ({
    ...generateKeyPairSync('rsa', { modulusLength: 2048 }),
    kid: `key-${(count += 1)}`,
  });
  let pairs: readonly Pair[] = [newPair()];
  const current = (): Pair => pairs.at(-1) as Pair;
  let base = '';
  let wait: { readonly arrived: () => void; readonly until: Promise<void> } | undefined;

  const server = await startLoopbackServer((origin) => {
    base = origin;
    return async (req, res) => {
      const held = wait;
      if (held !== undefined && req.url === '/keys') {
        wait = undefined;
        held.arrived();
        await held.until;
      }
      if (failing) return sendJson(res, 503, {});
      if (req.url === '/keys') {
        asked += 1;
        const shown = isHeldBack ? pairs.slice(0, -1) : pairs;
        const keys = shown.map(({ kid, publicKey }) => ({
          ...publicKey.export({ format: 'jwk' }),
          ...{ kid, alg: 'RS256', use: 'sig' },
        }));
        return sendJson(res, 200, { keys });
      }
      if (req.url !== '/.well-known/oauth-authorization-server') return sendJson(res, 404, {});
      sendJson(res, 200, {
        issuer: origin,
        token_endpoint: `${origin}/token`,
        jwks_uri: `${origin}/keys`,
      });
    };
  });

  return {
    issuer: base,
    jwksUrl: `${base}/keys`,
    sign: (claims, header = {}) => {
      const { kid, privateKey } = current();
      const now = Math.floor(Date.now() / 1000);
      const all = {
        ...{ iss: base, sub: 'ada', client_id: 'an-ai-client', jti: randomUUID() },
        ...{ iat: now, exp: now + 3600, ...claims },
      };
      const said = Object.fromEntries(
        Object.entries(all).filter(([, value]) => value !== undefined),
      );
      return new SignJWT(said)
        .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid, ...header })
        .sign(privateKey);
    },
    publicPem: () => current().publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    rotate: () => {
      pairs = [...pairs, newPair()];
    },
    holdBack: (value) => {
      isHeldBack = value;
    },
    fail: (value) => {
      failing = value;
    },
    slow: () => {
      const arrived = Promise.withResolvers<void>();
      const until = Promise.withResolvers<void>();
      wait = { arrived: arrived.resolve, until: until.promise };
      return { arrived: arrived.promise, goOn: until.resolve };
    },
    asked: () => asked,
    [Symbol.asyncDispose]: server.close,
  };
};
