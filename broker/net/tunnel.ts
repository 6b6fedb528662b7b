/** A way through a proxy: CONNECT (RFC 9110 section 9.3.6). */
import { request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { isIP, type Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { Proxy } from './proxy-address.ts';

/** What the proxy said. With a status of 2xx the socket leads to the host asked for. */
export interface ProxyAnswer {
  readonly status: number;
  readonly socket: Socket;
}

export interface TunnelOptions {
  readonly trusted: SecureContext | undefined;
  /** How long the proxy may be silent, ms. */
  readonly silenceMs: number;
  readonly signal: AbortSignal;
}

/**
 * Asks `proxy` to lead to `authority` (`name:port`).
 *
 * Rejects with the transport's error when the proxy cannot be reached or talks nonsense, with code `ETIMEDOUT` when it
 * is silent. The proxy's credentials go to the proxy alone. Nothing of its answer but the status is used: a proxy
 * speaks in the name of nobody (a body or a redirect would be its own, not the server's).
 */
export const askProxy = (
  { url, authorization }: Proxy,
  authority: string,
  { trusted, silenceMs, signal }: TunnelOptions,
): Promise<ProxyAnswer> =>
  new Promise((resolve, reject) => {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const secure = url.protocol === 'https:';
    const request = (secure ? secureRequest : plainRequest)({
      host,
      port: url.port || (secure ? 443 : 80),
      // Else the name in the Host header, which is another's, would be looked for in the proxy's certificate.
      servername: isIP(host) === 0 ? host : '',
      method: 'CONNECT',
      path: authority,
      headers: {
        host: authority,
        ...(authorization === undefined ? {} : { 'proxy-authorization': authorization.reveal() }),
      },
      agent: false,
      timeout: silenceMs,
      ...(trusted === undefined ? {} : { secureContext: trusted }),
    });
    const giveUp = (): void => void request.destroy(new Error('given up'));
    const settled = (): void => signal.removeEventListener('abort', giveUp);
    signal.addEventListener('abort', giveUp);
    if (signal.aborted) giveUp();
    request
      .once('timeout', () => request.destroy(timedOut()))
      .once('error', (error) => {
        settled();
        reject(error);
      })
      // Emitted whatever the status: after CONNECT every answer ends the talk in HTTP.
      .once('connect', ({ statusCode = 0 }, socket: Socket) => {
        settled();
        resolve({ status: statusCode, socket });
      })
      .end();
  });

const timedOut = (): Error =>
  Object.assign(new Error('the proxy is silent'), { code: 'ETIMEDOUT' });
