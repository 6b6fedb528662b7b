/** How what was minted is shown to a server: as headers of a request. */
import type { FetchRequest, GuardedFetch } from '../../net/guarded-fetch.ts';
import type { Secret } from '../../vault/secret.ts';
import type { Minted, Outgoing } from './source.ts';

/** All that must be hidden of it. */
export const secretsIn = (minted: Minted): readonly Secret[] => {
  if ('token' in minted) return [minted.token];
  return 'headers' in minted ? Object.values(minted.headers) : minted.secrets;
};

/** Rejects with a `ProblemError` where it has to be signed and cannot be. */
export const headersOf = async (
  minted: Minted,
  request: Outgoing,
): Promise<Readonly<Record<string, string>>> => {
  if ('sign' in minted) return minted.sign(request);
  const headers = Object.entries(minted.headers ?? {}).map(
    ([name, value]) => [name, value.reveal()] as const,
  );
  return {
    ...Object.fromEntries(headers),
    ...('token' in minted ? { authorization: `Bearer ${minted.token.reveal()}` } : {}),
  };
};

/** A fetch that shows it to `server`, and to nobody else. */
export const fetchShowing =
  (minted: Minted, server: URL, fetch: GuardedFetch): GuardedFetch =>
  async (address, request: FetchRequest = {}) => {
    const url = new URL(address);
    if (url.href !== server.href) return fetch(address, request);
    const { method = 'GET', headers = {}, body } = request;
    const plain = headers instanceof Headers ? Object.fromEntries(headers) : headers;
    const outgoing = {
      method,
      url,
      headers: plain,
      body: body === undefined ? undefined : Buffer.from(body),
    };
    return fetch(address, {
      ...request,
      // Wherever else it led, this would be shown there as well.
      redirects: 0,
      headers: { ...plain, ...(await headersOf(minted, outgoing)) },
    });
  };
