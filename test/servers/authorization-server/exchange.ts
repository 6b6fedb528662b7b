/** What is known about one HTTP exchange with the authorization server while it is being served? */
import { IncomingMessage } from 'node:http';
import type { PlannedFault } from '../fault-plan.ts';
import type { EndpointName } from './endpoints.ts';

export interface Exchange {
  readonly endpoint: EndpointName;
  /** Query and form body together. */
  readonly params: URLSearchParams;
  readonly fault: PlannedFault<string> | undefined;
}

/**
 * A request whose body was read is given to oidc-provider again as if it had just arrived.
 *
 * oidc-provider accepts a body parsed before it, but says so on the console for the whole process.
 */
export const replayRequest = (
  req: IncomingMessage,
  { url, mountedAt }: { readonly url: string; readonly mountedAt: string },
  body: Buffer,
): IncomingMessage => {
  const copy = new IncomingMessage(req.socket);
  copy.method = req.method;
  copy.url = url;
  copy.headers = req.headers;
  copy.rawHeaders = req.rawHeaders;
  copy.httpVersion = req.httpVersion;
  copy.httpVersionMajor = req.httpVersionMajor;
  copy.httpVersionMinor = req.httpVersionMinor;
  copy.complete = true;
  copy.push(body);
  copy.push(null);
  // Express' name; oidc-provider reads from it under which path it is mounted.
  return Object.assign(copy, { originalUrl: mountedAt + url });
};
