/** Whose word is taken for a server's certificate: Node's list, this machine's, and a file of the person's. */
import { X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import * as tls from 'node:tls';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { KeyPair } from './client-identity.ts';

export interface Trust {
  /**
   * The same object until something changes; undefined is Node's own list. With `shown` as well as what this machine shows
   * of itself. Rejects with `ca-file-unusable`.
   */
  readonly context: (shown?: KeyPair) => Promise<tls.SecureContext | undefined>;
  /** How many certificates there are besides Node's own list. Rejects like `context`. */
  readonly counts: () => Promise<{ readonly system: number; readonly file: number }>;
}

/** This machine's trusted certificates; none where the runtime cannot tell (Node before 22.15). Slow: read it once. */
export const systemCertificates = (): readonly string[] => {
  try {
    return listOf('system') ?? [];
  } catch {
    // A store that cannot be read adds nobody: fewer are trusted, never more.
    return [];
  }
};

/** Trust in Node's list alone. */
export const nodesTrust: Trust = {
  context: async (shown) =>
    shown === undefined ? undefined : tls.createSecureContext({ ...shown }),
  counts: async () => ({ system: 0, file: 0 }),
};

/**
 * Trust in Node's list, in what `system` gives (asked once, when first needed), and in the PEM file at `caFile()`, read
 * again whenever it or its path changes.
 */
export const createTrust = (
  caFile: () => string | undefined,
  system: () => readonly string[],
): Trust => {
  let ofSystem: readonly string[] | undefined;
  let ofFile = noFile;
  let made: Made | undefined;
  const showing = new WeakMap<KeyPair, Made>();

  const look = async () => {
    const path = caFile();
    ofFile = path === undefined || path === '' ? noFile : await readIfChanged(path, ofFile);
    ofSystem ??= system();
    return { ofSystem, ofFile };
  };

  return {
    context: async (shown) => {
      const found = await look();
      const added = [...found.ofSystem, ...found.ofFile.certificates];
      if (added.length === 0 && shown === undefined) return undefined;
      const { state } = found.ofFile;
      const before = shown === undefined ? made : showing.get(shown);
      if (before?.state === state) return before.context;
      const trusted = added.length === 0 ? {} : { ca: [...new Set([...nodesOwn(), ...added])] };
      const context = tls.createSecureContext({ ...trusted, ...shown });
      if (shown === undefined) made = { state, context };
      else showing.set(shown, { state, context });
      return context;
    },
    counts: async () => {
      const found = await look();
      return { system: found.ofSystem.length, file: found.ofFile.certificates.length };
    },
  };
};

interface Made {
  readonly state: string;
  readonly context: tls.SecureContext;
}

// Typed as always there; Drawbridge also runs where it is not.
const listOf: typeof tls.getCACertificates | (() => undefined) =
  tls.getCACertificates ?? (() => undefined);

/** With what NODE_EXTRA_CA_CERTS adds, where the runtime can tell. */
const nodesOwn = (): readonly string[] => listOf('default') ?? tls.rootCertificates;

interface CaFile {
  /** Changes when the file may have changed. */
  readonly state: string;
  readonly certificates: readonly string[];
}

const noFile: CaFile = { state: '', certificates: [] };

/** All certificate authorities of the web together are 250 kB. */
const MOST_BYTES = 4 * 1024 * 1024;

const readIfChanged = async (path: string, known: CaFile): Promise<CaFile> => {
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
  return { state, certificates: certificatesIn(text, path) };
};

const block = /-----BEGIN ((?:TRUSTED )?CERTIFICATE)-----[^-]*-----END \1-----/g;

const certificatesIn = (text: string, path: string): readonly string[] => {
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

const unusable = (path: string, what: string, cause?: unknown): ProblemError =>
  new ProblemError(
    'ca-file-unusable',
    `the file of extra certificates, ${JSON.stringify(basename(path))}, ${what}`,
    { hint: 'check its path in the settings of Drawbridge, or take it out of them', cause },
  );
