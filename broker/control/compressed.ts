/** The event stream for a browser, compressed: three hundred servers are 250 kB of JSON, and a tenth of that in gzip. */
import { Duplex } from 'node:stream';
import type { ReadableWritablePair } from 'node:stream/web';
import { constants, createGzip } from 'node:zlib';

/** The same answer in gzip where the one who asked takes it. What is written of it is sent at once, never held back. */
export const compressed = (asked: Request, answer: Response): Response => {
  if (answer.body === null || !takesGzip(asked)) return answer;
  const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH, level: constants.Z_BEST_SPEED });
  const pair = Duplex.toWeb(gzip) as ReadableWritablePair<Uint8Array, Uint8Array>;
  const headers = new Headers(answer.headers);
  headers.set('content-encoding', 'gzip');
  headers.set('vary', 'accept-encoding');
  return new Response(answer.body.pipeThrough(pair), { status: answer.status, headers });
};

const takesGzip = ({ headers }: Request): boolean =>
  (headers.get('accept-encoding') ?? '').split(',').some((coding) => /^\s*gzip\s*$/.test(coding));
