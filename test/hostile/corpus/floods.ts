/** Answers that do not end, or not in time. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliCompress, createDeflate, createGzip } from 'node:zlib';
import type { Answer, Scene } from '../attack.ts';

const MB = 1024 * 1024;
const json = { 'content-type': 'application/json' };

/** 100 MB of a text that goes on and on. */
export const hundredMegabytes =
  (status = 200): Answer =>
  (res) => {
    res.writeHead(status, { ...json, 'content-length': 100 * MB });
    return pour(Readable.from(blanks(100)), res);
  };

/** The same, without a word about its length, nor an end. */
export const endless: Answer = (res) => {
  res.writeHead(200, json);
  return pour(Readable.from(blanks(Number.POSITIVE_INFINITY)), res);
};

/** 100 MB that fit into few bytes. */
export const bomb =
  (coding: keyof typeof packers): Answer =>
  (res) => {
    res.writeHead(200, { ...json, 'content-encoding': coding });
    return pour(Readable.from(blanks(100)), packers[coding](), res);
  };

const packers = { gzip: createGzip, deflate: createDeflate, br: createBrotliCompress };

function* blanks(megabytes: number): Generator<Buffer> {
  const text = Buffer.alloc(MB, ' ');
  for (let said = 0; said < megabytes; said += 1) yield text;
}

/** Ends when nobody listens any more. */
const pour = (
  ...streams: readonly (NodeJS.ReadableStream | NodeJS.ReadWriteStream | NodeJS.WritableStream)[]
): Promise<void> => pipeline(streams as never).catch(() => undefined);

/** One byte, and then another, for as long as somebody waits; until that takes too long. */
export const drip =
  ({ runOut }: Scene, type = 'application/json'): Answer =>
  (res) => {
    res.writeHead(200, { 'content-type': type });
    let bytes = 0;
    const tap = setInterval(() => {
      res.write(' ');
      bytes += 1;
      if (bytes === 5) runOut();
    }, 10);
    res.once('close', () => clearInterval(tap));
  };

/** Not a word. */
export const silence =
  ({ runOut }: Scene): Answer =>
  () => {
    setImmediate(runOut);
  };

/** News that the answer is on its way, for ever. */
export const hints =
  ({ runOut }: Scene): Answer =>
  (res) => {
    let said = 0;
    const tap = setInterval(() => {
      for (let more = 0; more < 100; more += 1) {
        res.writeEarlyHints({ link: '</style.css>; rel=preload' });
      }
      said += 1;
      if (said === 5) runOut();
    }, 10);
    res.once('close', () => clearInterval(tap));
  };

/** A header of 5 MB. */
export const hugeHeader: Answer = (res) => {
  res.writeHead(200, { ...json, 'x-padding': 'x'.repeat(5 * MB) });
  res.end('{}');
};

/** Bytes that are no HTTP. */
export const raw =
  (text: string): Answer =>
  (res) => {
    res.socket?.end(text, 'latin1');
  };
