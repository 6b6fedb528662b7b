/** How big a JPEG is, segment by segment as a browser reads it (ITU T.81, annex B). */
import type { Size } from './picture.ts';

const SOI = 0xffd8;
const EOI = 0xffd9;
const SOS = 0xffda;
const APP2 = 0xffe2;
/** Baseline, extended and progressive: what browsers draw. */
const frames: ReadonlySet<number> = new Set([0xffc0, 0xffc1, 0xffc2]);
/** Tables (DHT, DQT, DRI) and comments. */
const others: ReadonlySet<number> = new Set([0xffc4, 0xffdb, 0xffdd, 0xfffe]);
/** A progressive one has about ten, and each goes over the whole picture: thousands would keep a window busy for minutes. */
const MOST_SCANS = 20;

/**
 * Undefined for what is no JPEG, and where a second size, or a second picture, lies in it: whoever draws it might believe
 * that one. May throw where it breaks off.
 */
export const sizeOfJpeg = (bytes: Buffer): Size | undefined => {
  if (bytes.readUInt16BE(0) !== SOI) return undefined;
  let size: Size | undefined;
  let scans = 0;
  let at = 2;
  for (;;) {
    const marker = bytes.readUInt16BE(at);
    if (marker === EOI) break;
    const length = bytes.readUInt16BE(at + 2);
    if (!isKnown(marker) || length < 2 || isListOfPictures(bytes, at)) return undefined;
    if (frames.has(marker)) {
      if (size !== undefined) return undefined;
      size = { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    }
    at += 2 + length;
    if (marker !== SOS) continue;
    scans += 1;
    if (size === undefined || scans > MOST_SCANS) return undefined;
    at = endOfScan(bytes, at);
  }
  return scans > 0 && at + 2 === bytes.length ? size : undefined;
};

const isKnown = (marker: number): boolean =>
  marker === SOS || frames.has(marker) || others.has(marker) || isApplication(marker);

/** For whoever made it: profiles of colour, words. */
const isApplication = (marker: number): boolean => marker >= 0xffe0 && marker <= 0xffef;

/** Multi-picture format: the pictures that it points at may lie anywhere, and be of any size. */
const isListOfPictures = (bytes: Buffer, at: number): boolean =>
  bytes.readUInt16BE(at) === APP2 && bytes.toString('latin1', at + 4, at + 8) === 'MPF\0';

/** The marker behind the data, in which an FF is followed by 00, or by the number of a restart. */
const endOfScan = (bytes: Buffer, from: number): number => {
  let at = bytes.indexOf(0xff, from);
  while (at !== -1 && isData(bytes.readUInt8(at + 1))) at = bytes.indexOf(0xff, at + 2);
  return at === -1 ? bytes.length : at;
};

const isData = (behind: number): boolean => behind === 0 || (behind >= 0xd0 && behind <= 0xd7);
