/** A stream of bytes as lines, read no faster than whoever takes them. */
import type { Readable } from 'node:stream';
import { createLineReader } from '../../broker/bridge/doors/line-reader.ts';

export type Lines = AsyncGenerator<string, 'ended' | 'too-long', undefined>;

/**
 * Ends with the stream, also when that breaks off, or with a line of more than `mostBytes`; what is left of a line then is
 * dropped.
 */
export async function* linesOf(stream: Readable, mostBytes: number): Lines {
  const found: string[] = [];
  const reader = createLineReader(mostBytes, (line) => found.push(line));
  try {
    for await (const chunk of stream) {
      const isSound = reader.push(chunk as Buffer);
      yield* found.splice(0);
      if (!isSound) return 'too-long';
    }
  } catch {
    // Broken off: an end like any other to whoever reads.
  }
  return 'ended';
}
