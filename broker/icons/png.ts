/** How big a PNG is, chunk by chunk as a browser reads it (PNG, third edition, section 5). */
import type { Size } from './picture.ts';

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
/** Frames of one that moves (APNG), and a second picture, of a size of its own, that brightens the first (Skia). */
const REFUSED: ReadonlySet<string> = new Set(['acTL', 'fcTL', 'fdAT', 'gmAP', 'gdAT']);

/** Undefined for what is no PNG, or not one still picture from its first byte to its last. May throw where it breaks off. */
export const sizeOfPng = (bytes: Buffer): Size | undefined => {
  if (!bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) return undefined;
  const header = SIGNATURE.length;
  let name = '';
  let at = header;
  while (name !== 'IEND') {
    const length = bytes.readUInt32BE(at);
    name = bytes.toString('latin1', at + 4, at + 8);
    if (REFUSED.has(name) || (name === 'IHDR') !== (at === header)) return undefined;
    // Its name, its length and its checksum.
    at += 12 + length;
  }
  if (at !== bytes.length) return undefined;
  return { width: bytes.readUInt32BE(header + 8), height: bytes.readUInt32BE(header + 12) };
};
