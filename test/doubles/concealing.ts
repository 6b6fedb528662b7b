/** Holds each request that goes out against what was hidden before: a secret that was not could stand in the log by then. */
import type { FetchRequest, GuardedFetch } from '../../broker/net/guarded-fetch.ts';
import type { Secret } from '../../broker/vault/secret.ts';

export interface Concealing {
  readonly conceal: (secret: Secret) => void;
  readonly watching: (fetch: GuardedFetch) => GuardedFetch;
  /** What looks like a secret in a request since the last look, and was not hidden when it went out. */
  readonly openly: () => readonly string[];
}

/** What tests call their secrets, and every JWT. */
const LIKE_A_SECRET = /canary[\w-]*|eyJ[\w-]+\.[\w-]+\.[\w-]+/g;

export const createConcealing = (): Concealing => {
  const hidden = new Set<string>();
  const openly: string[] = [];
  return {
    conceal: (secret) => void hidden.add(secret.reveal()),
    watching:
      (fetch) =>
      (address, request: FetchRequest = {}) => {
        const headers = request.headers ?? {};
        const shown = headers instanceof Headers ? [...headers.values()] : Object.values(headers);
        const body = request.body === undefined ? '' : Buffer.from(request.body).toString('utf8');
        const values = [body, ...new URLSearchParams(body).values(), ...shown];
        for (const [text] of values.join('\n').matchAll(LIKE_A_SECRET))
          if (![...hidden].some((secret) => secret.includes(text))) openly.push(text);
        return fetch(address, request);
      },
    openly: () => openly.splice(0),
  };
};
