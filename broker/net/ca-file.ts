/** The certificates of authorities in a file, a PEM: read again whenever it changes, and only where it can be one. */
import { X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { ProblemError } from '../../shared/contract/problems.ts';

export interface CaFile {
  /** Changes when the file may have changed. */
  readonly state: string;
  readonly certificates: readonly string[];
}

export const noCaFile: CaFile = { state: '', certificates: [] };

/** The error for a file that `what` is wrong with. */
export type Unusable = (path: string, what: string, cause?: unknown) => ProblemError;

/** All certificate authorities of the web together are 250 kB. */
const MOST_BYTES = 4 * 1024 * 1024;

/** What is in the file at `path`; `known` itself while that is still so. Rejects with what `unusable` makes. */
export const readCaFile = async (
  path: string,
  known: CaFile,
  unusable: Unusable,
): Promise<CaFile> => {
  const found = await stat(path).catch((cause: unknown) => {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw unusable(path, missing ? 'is missing' : 'cannot be read', cause);
  });
  const { size, mtimeMs, ino } = found;
  const state = [path, ino, size, mtimeMs].join('\n');
  if (state === known.state) return known;
  // Reading a pipe would wait for ever.
  if (!found.isFile()) throw unusable(path, 'is not a file');
  if (size > MOST_BYTES) throw unusable(path, 'is too large for certificates');
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw unusable(path, 'cannot be read', cause);
  });
  return { state, certificates: certificatesIn(text, path, unusable) };
};

const block = /-----BEGIN ((?:TRUSTED )?CERTIFICATE)-----[^-]*-----END \1-----/g;

const certificatesIn = (text: string, path: string, unusable: Unusable): readonly string[] => {
  const found = text.match(block) ?? [];
  if (found.length === 0) throw unusable(path, 'holds no certificates in PEM form');
  return found.map((pem) => {
    try {
      return new X509Certificate(pem).toString();
    } catch (cause) {
      throw unusable(path, 'holds a certificate that is damaged', cause);
    }
  });
};
