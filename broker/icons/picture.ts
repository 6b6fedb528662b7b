/** What bytes from a server are taken for a picture: a few kinds, of a size that a window can draw without harm. */
import { sizeOfJpeg } from './jpeg.ts';
import { sizeOfPng } from './png.ts';
import { sizeOfWebp } from './webp.ts';

export interface Picture {
  readonly type: 'image/png' | 'image/jpeg' | 'image/webp';
  readonly bytes: Uint8Array;
}

/** In pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Bytes. */
export const MOST_OF_PICTURE = 64 * 1024;
/** Of a side, in pixels. A few kB can unfold into gigabytes. */
const LONGEST_SIDE = 1024;

/** Each knows its own by the first bytes, and throws at most where those break off. */
const kinds: readonly (readonly [Picture['type'], (bytes: Buffer) => Size | undefined])[] = [
  ['image/png', sizeOfPng],
  ['image/jpeg', sizeOfJpeg],
  ['image/webp', sizeOfWebp],
];

/** Undefined for anything else: by what the bytes are, whatever their server calls them. SVG is a program, and no picture. */
export const readPicture = (bytes: Uint8Array): Picture | undefined => {
  if (bytes.length > MOST_OF_PICTURE) return undefined;
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const type = kinds.find(([, sizeOf]) => isSmall(sizeOf, all))?.[0];
  return type === undefined ? undefined : { type, bytes };
};

const isSmall = (sizeOf: (bytes: Buffer) => Size | undefined, bytes: Buffer): boolean => {
  try {
    const { width = 0, height = 0 } = sizeOf(bytes) ?? {};
    return [width, height].every((side) => side >= 1 && side <= LONGEST_SIDE);
  } catch {
    // It breaks off where more was said to come.
    return false;
  }
};
