/** A stream of bytes as lines, read no faster than whoever takes them. */
import type { Readable } from 'node:stream';
import { createLineReader } from '../../broker/bridge/doors/line-reader.ts';

/** One message: a tool call may carry a file. The broker's door takes no more either. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Ends with the stream, also when that breaks off or a line exceeds 64 MB; what is left of a line then is dropped. */
export async function* linesOf(stream: Readable): AsyncGenerator<string, void, undefined> {
  const found: string[] = [];
  const reader = createLineReader(MOST_BYTES, (line) => found.push(line));
  try {
    for await (const chunk of stream) {
      const isSound = reader.push(chunk as Buffer);
      yield* found.splice(0);
      if (!isSound) return;
    }
  } catch {
    // Broken off: an end like any other to whoever reads.
  }
}
