/** One HTTP request on this machine, with any headers, following no redirect. */
import { Agent, type IncomingHttpHeaders, request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Asking {
  readonly method?: string;
  /** `host` included, which `fetch` would not let a stranger forge. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const LIMIT_MS = 10_000;

/** Rejects when nobody answers, and for any address but one of this machine: nothing here goes over a network. */
export const ask = (address: string, { method, headers, body }: Asking = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { hostname } = new URL(address);
    if (!['127.0.0.1', '[::1]'].includes(hostname)) throw new Error('not on this machine');
    const asked = request(
      address,
      // An agent of its own: the common one may have been told of a proxy.
      {
        method: method ?? 'GET',
        headers: { ...headers },
        agent: new Agent({ keepAlive: false }),
        timeout: LIMIT_MS,
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.once('error', reject);
        answer.once('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    asked.once('error', reject);
    asked.once('timeout', () => asked.destroy(new Error('no answer in time')));
    asked.end(body);
  });
