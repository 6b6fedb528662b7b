/** Whose word is taken for a server's certificate: Node's list, this machine's, and a file of the person's. */
import { basename } from 'node:path';
import * as tls from 'node:tls';
import { ProblemError } from '../../shared/contract/problems.ts';
import { noCaFile, readCaFile, type Unusable } from './ca-file.ts';
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
  let ofFile = noCaFile;
  let made: Made | undefined;
  const showing = new WeakMap<KeyPair, Made>();

  const look = async () => {
    const path = caFile();
    ofFile =
      path === undefined || path === '' ? noCaFile : await readCaFile(path, ofFile, unusable);
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

const unusable: Unusable = (path, what, cause) =>
  new ProblemError(
    'ca-file-unusable',
    `the file of extra certificates, ${JSON.stringify(basename(path))}, ${what}`,
    { hint: 'check its path in the settings of Drawbridge, or take it out of them', cause },
  );
