/** Is a picture taken for what a browser would draw of it, and only where that is small? */
import { describe, expect, it } from 'vitest';
import { readPicture } from '../../../broker/icons/picture.ts';
import { png } from '../../doubles/png.ts';

const join = (...parts: readonly (Uint8Array | string | readonly number[])[]): Buffer =>
  Buffer.concat(
    parts.map((part) =>
      typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part),
    ),
  );
const u16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
};

const segment = (marker: number, ...body: readonly (Uint8Array | string | readonly number[])[]) =>
  join([0xff, marker], u16(join(...body).length + 2), ...body);
const frame = (width: number, height: number, marker = 0xc0) =>
  segment(marker, [8], u16(height), u16(width), [1, 1, 0x11, 0]);
const SOI = [0xff, 0xd8];
const EOI = [0xff, 0xd9];
const tables = join(
  segment(0xdb, Buffer.alloc(65, 1)),
  segment(0xc4, Buffer.alloc(17)),
  segment(0xc4, [0x10], Buffer.alloc(16)),
);
/** Stuffed bytes and restarts are part of the data. */
const scan = join(segment(0xda, [1, 1, 0, 0, 63, 0]), [0x12, 0xff, 0, 0x34, 0xff, 0xd0, 0x56]);
const jpeg = (width: number, height: number) =>
  join(SOI, segment(0xe0, 'JFIF\0', Buffer.alloc(9)), tables, frame(width, height), scan, EOI);

const chunk = (name: string, data: Uint8Array): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(data.length);
  return join(name, length, data, Buffer.alloc(data.length % 2));
};
const riff = (...chunks: readonly Uint8Array[]): Buffer => chunk('RIFF', join('WEBP', ...chunks));
const lossy = (width: number, height: number): Buffer => {
  const data = join([0x30, 2, 0, 0x9d, 1, 0x2a], Buffer.alloc(8));
  data.writeUInt16LE(width, 6);
  data.writeUInt16LE(height, 8);
  return chunk('VP8 ', data);
};
const lossless = (width: number, height: number): Buffer => {
  const data = join([0x2f], Buffer.alloc(8));
  data.writeUInt32LE((width - 1) | ((height - 1) << 14), 1);
  return chunk('VP8L', data);
};
const canvas = (width: number, height: number, flags = 0): Buffer => {
  const data = join([flags], Buffer.alloc(9));
  data.writeUIntLE(width - 1, 4, 3);
  data.writeUIntLE(height - 1, 7, 3);
  return chunk('VP8X', data);
};

/** With a chunk more behind its header. */
const pngWith = (name: string): Buffer => {
  const plain = Buffer.from(png(32, 32));
  return join(plain.subarray(0, 33), [0, 0, 0, 8], name, Buffer.alloc(12), plain.subarray(33));
};

describe('bytes', () => {
  it.each<[string, string, Uint8Array]>([
    ['PNG', 'image/png', png(32, 32)],
    ['PNG, as big as may be', 'image/png', png(1024, 1024)],
    ['PNG with words in it', 'image/png', pngWith('tEXt')],
    ['JPEG', 'image/jpeg', jpeg(32, 32)],
    ['JPEG with the profile of its colours', 'image/jpeg', drawnJpeg()],
    [
      'JPEG in several scans',
      'image/jpeg',
      join(SOI, tables, frame(64, 64, 0xc2), scan, tables, scan, scan, EOI),
    ],
    ['WebP, lossy', 'image/webp', riff(lossy(32, 24))],
    ['WebP, lossless', 'image/webp', riff(lossless(1024, 1024))],
    [
      'WebP with all there can be',
      'image/webp',
      riff(
        canvas(32, 24, 0x3c),
        chunk('ICCP', Buffer.alloc(5)),
        chunk('ALPH', Buffer.alloc(4)),
        lossy(32, 24),
        chunk('EXIF', Buffer.alloc(4)),
        chunk('XMP ', Buffer.alloc(4)),
      ),
    ],
  ])('are a picture by what they are: %s', (_name, type, bytes) => {
    expect(readPicture(bytes)).toEqual({ type, bytes });
  });

  it.each<[string, Uint8Array]>([
    ['a page', Buffer.from('<!doctype html><script>alert(1)</script>')],
    ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>')],
    ['GIF', Buffer.from('GIF89a\u0001\u0000\u0001\u0000')],
    ['nothing', new Uint8Array()],
    ['the beginning of a picture', png(32, 32).subarray(0, 12)],
    ['a picture without its end', png(32, 32).subarray(0, -12)],
    ['a picture with something behind its end', join(png(32, 32), [0])],
    ['a small file that unfolds to gigabytes', png(30_000, 30_000)],
    ['a picture that is too big', join(png(32, 32), Buffer.alloc(64 * 1024))],
    ['a picture of no size', png(0, 0)],
    ['a PNG that moves', pngWith('acTL')],
    ['a PNG with the frames of one', pngWith('fcTL')],
    ['a PNG with another one in it', pngWith('gdAT')],
    ['a PNG with two headers', pngWith('IHDR')],
    [
      'a PNG that begins with something else',
      join(png(9, 9).subarray(0, 8), pngWith('tEXt').subarray(33)),
    ],
  ])('%s are none', (_name, bytes) => {
    expect(readPicture(bytes)).toBeUndefined();
  });

  it.each<[string, Uint8Array]>([
    ['is big', jpeg(16_000, 16_000)],
    ['is no side long', jpeg(16, 0)],
    // Its first segment was skipped unread, and the last one was believed.
    [
      'says behind its data that it is small',
      join(
        SOI,
        frame(16_000, 16_000),
        tables,
        segment(0xda, [1, 1, 0, 0, 63, 0]),
        frame(16, 16),
        EOI,
      ),
    ],
    [
      'says two sizes before its data',
      join(SOI, frame(16, 16), frame(16_000, 16_000), tables, scan, EOI),
    ],
    [
      'says its size between two scans',
      join(SOI, tables, frame(16, 16), scan, frame(16_000, 16_000), scan, EOI),
    ],
    ['says no size', join(SOI, tables, scan, EOI)],
    ['says its size too late', join(SOI, tables, scan, frame(16, 16), EOI)],
    ['has no data', join(SOI, tables, frame(16, 16), EOI)],
    ['has no end', jpeg(16, 16).subarray(0, -2)],
    ['has another picture behind its end', join(jpeg(16, 16), jpeg(16_000, 16_000))],
    [
      'has a list of other pictures in it',
      join(SOI, segment(0xe2, 'MPF\0', Buffer.alloc(8)), jpeg(16, 16).subarray(2)),
    ],
    ['has noise between its segments', join(SOI, [0], jpeg(16, 16).subarray(2))],
    [
      'has a segment shorter than its own length',
      join(SOI, [0xff, 0xfe, 0, 0], jpeg(16, 16).subarray(2)),
    ],
    ['is of a kind that nobody draws', join(SOI, tables, frame(16, 16, 0xc3), scan, EOI)],
    [
      'is gone over a thousand times',
      join(SOI, tables, frame(1024, 1024, 0xc2), ...Array.from({ length: 1000 }, () => scan), EOI),
    ],
  ])('a JPEG that %s is none', (_name, bytes) => {
    expect(readPicture(bytes)).toBeUndefined();
  });

  it.each<[string, Uint8Array]>([
    // The parser for SVG gave it a size.
    ['is SVG inside', join('RIFF', [0, 0, 0, 0], 'WEBP<svg width="32" height="32"></svg>')],
    ['is SVG in a chunk', riff(chunk('<svg', Buffer.from(' width="32" height="32"/>')))],
    ['is big', riff(lossy(16_000, 16_000))],
    ['is big without loss', riff(lossless(16_000, 16))],
    ['stands on a big canvas', riff(canvas(16_000, 16_000), lossy(16, 16))],
    ['is bigger than its canvas', riff(canvas(16, 16), lossless(16_000, 16_000))],
    ['is two', riff(canvas(16, 16), lossy(16, 16), lossy(16, 16))],
    ['is a canvas alone', riff(canvas(16, 16))],
    [
      'moves',
      riff(
        canvas(16, 16, 2),
        chunk('ANIM', Buffer.alloc(6)),
        chunk('ANMF', Buffer.alloc(32)),
        lossy(16, 16),
      ),
    ],
    ['has something behind its end', join(riff(lossy(16, 16)), [0, 0])],
    ['ends before it is over', riff(lossy(16, 16)).subarray(0, -2)],
    [
      'has a chunk that is longer than it is',
      riff(chunk('VP8 ', Buffer.alloc(4)).fill(0xff, 4, 8)),
    ],
    ['is no key frame', riff(chunk('VP8 ', Buffer.alloc(14)))],
  ])('a WebP that %s is none', (_name, bytes) => {
    expect(readPicture(bytes)).toBeUndefined();
  });

  it('that are noise behind the first of a picture do no harm', () => {
    for (const begin of [SOI, join('RIFF', [56, 0, 0, 0], 'WEBPVP8 '), png(8, 8).subarray(0, 33)])
      for (let seed = 1; seed <= 2_000; seed += 1) {
        const bytes = Uint8Array.from(
          { length: 64 },
          (_one, place) => (seed * (place + 7) * 31) & 255,
        );
        bytes.set(begin);
        const read = readPicture(bytes);
        expect(read === undefined || read.bytes === bytes).toBe(true);
      }
  });
});

/** As Chromium made it of a canvas of 24 by 16. */
function drawnJpeg(): Buffer {
  return Buffer.from(
    '/9j/4AAQSkZJRgABAQAAAQABAAD/4gHYSUNDX1BST0ZJTEUAAQEAAAHIAAAAAAQwAABtbnRyUkdCIFhZWiAH4AABAAEAAAAAAABhY3NwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAA9tYAAQAAAADTLQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAlkZXNjAAAA8AAAACRyWFlaAAABFAAAABRnWFlaAAABKAAAABRiWFlaAAABPAAAABR3dHB0AAABUAAAABRyVFJDAAABZAAAAChnVFJDAAABZAAAAChiVFJDAAABZAAAAChjcHJ0AAABjAAAADxtbHVjAAAAAAAAAAEAAAAMZW5VUwAAAAgAAAAcAHMAUgBHAEJYWVogAAAAAAAAb6IAADj1AAADkFhZWiAAAAAAAABimQAAt4UAABjaWFlaIAAAAAAAACSgAAAPhAAAts9YWVogAAAAAAAA9tYAAQAAAADTLXBhcmEAAAAAAAQAAAACZmYAAPKnAAANWQAAE9AAAApbAAAAAAAAAABtbHVjAAAAAAAAAAEAAAAMZW5VUwAAACAAAAAcAEcAbwBvAGcAbABlACAASQBuAGMALgAgADIAMAAxADb/2wBDACgcHiMeGSgjISMtKygwPGRBPDc3PHtYXUlkkYCZlo+AjIqgtObDoKrarYqMyP/L2u71////m8H////6/+b9//j/2wBDASstLTw1PHZBQXb4pYyl+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj/wAARCAAQABgDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAT/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFgEBAQEAAAAAAAAAAAAAAAAAAAME/8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAAwDAQACEQMRAD8AmAakgAH/2Q==',
    'base64',
  );
}
