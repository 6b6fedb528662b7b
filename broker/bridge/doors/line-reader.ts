/** Lines out of chunks, with a limit on how long one may get. */

export interface LineReader {
  /** False once a line exceeds the limit; the stream is then of no further use. */
  readonly push: (chunk: Buffer) => boolean;
  /** Changes the limit, bytes. */
  readonly limit: (bytes: number) => void;
}

const NEWLINE = 0x0a;

/** Calls back with each complete line, decoded as UTF-8, without its newline. Empty lines are passed over. */
export const createLineReader = (maxBytes: number, onLine: (line: string) => void): LineReader => {
  let most = maxBytes;
  let pending: Buffer[] = [];
  let size = 0;

  const take = (piece: Buffer): boolean => {
    size += piece.length;
    if (size > most) return false;
    pending.push(piece);
    return true;
  };

  return {
    limit: (bytes) => (most = bytes),
    push: (chunk) => {
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
        if (!take(chunk.subarray(start, end))) return false;
        const line = Buffer.concat(pending).toString('utf8').trim();
        pending = [];
        size = 0;
        start = end + 1;
        if (line !== '') onLine(line);
      }
      return start === chunk.length || take(chunk.subarray(start));
    },
  };
};
