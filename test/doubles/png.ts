/** A PNG of one colour: its header says the size, and its data are of no matter to whoever only reads that. */
import { crc32, deflateSync } from 'node:zlib';

export const png = (
  width: number,
  height: number,
  colour = [47, 84, 184],
): Uint8Array<ArrayBuffer> => {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  // One that claims to be huge carries the rows of a small one.
  const row = Buffer.from([0, ...Array.from({ length: Math.min(width, 64) }, () => colour).flat()]);
  const rows = Buffer.concat(Array.from({ length: Math.min(height, 64) }, () => row));
  return Uint8Array.from(
    Buffer.concat([
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
      chunk('IHDR', header),
      chunk('IDAT', deflateSync(rows)),
      chunk('IEND', Buffer.alloc(0)),
    ]),
  );
};

const chunk = (name: string, data: Buffer): Buffer => {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
};
