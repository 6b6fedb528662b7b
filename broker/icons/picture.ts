/** What bytes from a server are taken for a picture: a few kinds, of a size that a window can draw without harm. */
import { imageSize } from 'image-size';

export interface Picture {
  readonly type: 'image/png' | 'image/jpeg' | 'image/webp';
  readonly bytes: Uint8Array;
}

/** Bytes. */
export const MOST_OF_PICTURE = 64 * 1024;
/** Of a side, in pixels. A few kB can unfold into gigabytes. */
const LONGEST_SIDE = 1024;

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const JPEG = [0xff, 0xd8, 0xff];
const RIFF = [0x52, 0x49, 0x46, 0x46];

/** Undefined for anything else: by what the bytes are, whatever their server calls them. SVG is a program, and no picture. */
export const readPicture = (bytes: Uint8Array): Picture | undefined => {
  const type = typeOf(bytes);
  if (type === undefined || bytes.length > MOST_OF_PICTURE) return undefined;
  try {
    const { width, height } = imageSize(bytes);
    const sides = [width, height];
    return sides.every((side) => side >= 1 && side <= LONGEST_SIDE) ? { type, bytes } : undefined;
  } catch {
    return undefined;
  }
};

const typeOf = (bytes: Uint8Array): Picture['type'] | undefined => {
  const begins = (with_: readonly number[]): boolean =>
    with_.every((byte, place) => bytes[place] === byte);
  if (begins(PNG)) return 'image/png';
  if (begins(JPEG)) return 'image/jpeg';
  const isWebp = begins(RIFF) && String.fromCharCode(...bytes.subarray(8, 12)) === 'WEBP';
  return isWebp ? 'image/webp' : undefined;
};
