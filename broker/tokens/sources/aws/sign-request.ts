/** One request, signed for a service of AWS (Signature Version 4). */
import { createHash, createHmac } from 'node:crypto';
import type { Outgoing } from '../source.ts';
import type { AwsCredentials } from './credentials.ts';

/** Where a signature holds. */
interface Place {
  readonly region: string;
  readonly service: string;
}

/** What says how a request is to be understood. The rest may be changed on the way: by a proxy, say. */
const isSigned = (name: string): boolean => name === 'content-type' || name.startsWith('mcp-');

/** The headers that a request goes with besides its own. `now` is in Unix ms. */
export const signRequest = async (
  { method, url, headers, body }: Outgoing,
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
  { region, service }: Place,
  now: number,
): Promise<Readonly<Record<string, string>>> => {
  // Loaded once it is wanted: every command of those who are not at AWS would wait for it.
  const { SignatureV4 } = await import('@smithy/signature-v4');
  const signer = new SignatureV4({
    ...{ region, service, sha256: Sha256 },
    // S3 alone takes paths as they are; everybody else encodes them once more.
    uriEscapePath: service !== 's3',
    credentials: {
      ...{ accessKeyId, secretAccessKey: secretAccessKey.reveal() },
      ...(sessionToken === undefined ? {} : { sessionToken: sessionToken.reveal() }),
    },
  });
  const lowered = Object.entries(headers).map(
    ([name, value]) => [name.toLowerCase(), value] as const,
  );
  const { headers: signed } = await signer.sign(
    {
      ...{ method, protocol: url.protocol, hostname: url.hostname, path: url.pathname },
      query: queryOf(url),
      headers: {
        ...Object.fromEntries(lowered.filter(([name]) => isSigned(name))),
        host: url.host,
      },
      ...(body === undefined ? {} : { body }),
    },
    { signingDate: new Date(now) },
  );
  return Object.fromEntries(
    Object.entries(signed).filter(
      ([name]) => name === 'authorization' || name.startsWith('x-amz-'),
    ),
  );
};

const queryOf = ({ searchParams }: URL): Record<string, string[]> =>
  Object.fromEntries([...searchParams.keys()].map((name) => [name, searchParams.getAll(name)]));

/** SHA-256 of Node in the form that the library asks for, which is a class. */
class Sha256 {
  readonly #hash;
  constructor(key?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = key === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(key));
  }
  update(data: Uint8Array): void {
    this.#hash.update(data);
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }
  reset(): void {
    // Nobody uses one of these twice.
  }
}

const bytesOf = (data: string | ArrayBuffer | ArrayBufferView): Uint8Array => {
  if (typeof data === 'string') return Buffer.from(data);
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
};
