/** How big a WebP is, chunk by chunk as a browser reads it (RFC 9649, section 2). */
import type { Size } from './picture.ts';

/** Each of them says how big it is. */
const sizes: Readonly<Record<string, (data: Buffer) => Size | undefined>> = {
  /** The canvas. */
  VP8X: (data) => ({ width: 1 + data.readUIntLE(4, 3), height: 1 + data.readUIntLE(7, 3) }),
  'VP8 ': (data) => {
    const isKeyFrame = (data.readUInt8(0) & 1) === 0 && data.readUIntBE(3, 3) === 0x9d012a;
    const side = (at: number): number => data.readUInt16LE(at) & 0x3fff;
    return isKeyFrame ? { width: side(6), height: side(8) } : undefined;
  },
  VP8L: (data) => {
    const sides = data.readUInt32LE(1);
    const side = (bits: number): number => 1 + (bits & 0x3fff);
    return data[0] === 0x2f ? { width: side(sides), height: side(sides >>> 14) } : undefined;
  },
};
const pictures: ReadonlySet<string> = new Set(['VP8 ', 'VP8L']);
/** Transparency, colours and words. Not those of one that moves (ANIM, ANMF). */
const others: ReadonlySet<string> = new Set(['ALPH', 'ICCP', 'EXIF', 'XMP ']);

/**
 * Undefined for what is no WebP, and where it is not one still picture, as big as its canvas: whoever draws it might
 * believe the other size. May throw where it breaks off.
 */
export const sizeOfWebp = (bytes: Buffer): Size | undefined => {
  const text = (from: number): string => bytes.toString('latin1', from, from + 4);
  if (text(0) !== 'RIFF' || text(8) !== 'WEBP') return undefined;
  if (8 + bytes.readUInt32LE(4) !== bytes.length) return undefined;
  const found: Size[] = [];
  let count = 0;
  let at = 12;
  while (at < bytes.length) {
    const name = text(at);
    const length = bytes.readUInt32LE(at + 4);
    const size = sizes[name]?.(bytes.subarray(at + 8, at + 8 + length));
    if (size === undefined && !others.has(name)) return undefined;
    if (size !== undefined) found.push(size);
    if (pictures.has(name)) count += 1;
    // Each begins at an even place.
    at += 8 + length + (length % 2);
  }
  const [first, ...more] = found;
  const areSame = more.every((size) => size.width === first?.width && size.height === first.height);
  return at === bytes.length && count === 1 && areSame ? first : undefined;
};
