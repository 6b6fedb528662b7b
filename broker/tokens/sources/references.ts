/** What `${vault:NAME}`, `${env:NAME}` and `${file:PATH}` stand for, anywhere in a value. `$${` is `${` itself. */
import { ProblemError } from '../../../shared/contract/problems.ts';
import { REFERENCE_FORMS } from '../../../shared/contract/references.ts';
import { Secret } from '../../vault/secret.ts';

export interface ReferenceDeps {
  /** A secret that the person put into the vault. Rejects with the vault's problem while it is closed. */
  readonly secret: (name: string) => Promise<Secret | undefined>;
  /** Gets each value that was found, before anybody else does. */
  readonly conceal: (secret: Secret) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of a file. Rejects with the system's error. */
  readonly readText: (path: string) => Promise<string>;
}

/**
 * A value with every reference replaced.
 *
 * Rejects with `reference-unresolved` for one that stands for nothing: half a value is never sent.
 */
export type Resolve = (value: string) => Promise<Secret>;

const REFERENCE = /\$\$\{|\$\{([^}]*)\}/g;

export const createResolve = ({ secret, conceal, env, readText }: ReferenceDeps): Resolve => {
  const kinds: Readonly<Record<string, (name: string) => Promise<string | undefined>>> = {
    vault: async (name) => (await secret(name))?.reveal(),
    env: async (name) => (Object.hasOwn(env, name) ? env[name] : undefined),
    // Editors and mounts end a file with a line break that is no part of the secret.
    file: async (name) => (await readText(name)).replace(/\r?\n$/, ''),
  };

  const lookUp = async (reference: string): Promise<string> => {
    const colon = reference.indexOf(':');
    const kind = reference.slice(0, Math.max(0, colon));
    const name = reference.slice(colon + 1);
    const find = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
    if (find === undefined || name === '') throw unknownKind(reference);
    try {
      const found = await find(name);
      if (found !== undefined && found !== '') {
        conceal(new Secret(found));
        return found;
      }
    } catch (error) {
      if (error instanceof ProblemError) throw error;
      throw unresolved(reference, kind, error);
    }
    throw unresolved(reference, kind);
  };

  return async (value) => {
    const parts: string[] = [];
    let at = 0;
    for (const match of value.matchAll(REFERENCE)) {
      parts.push(value.slice(at, match.index));
      parts.push(match[1] === undefined ? '${' : await lookUp(match[1]));
      at = match.index + match[0].length;
    }
    return new Secret(parts.join('') + value.slice(at));
  };
};

const unknownKind = (reference: string): ProblemError =>
  new ProblemError('reference-unresolved', `\${${reference}} is no reference`, {
    hint: `${REFERENCE_FORMS}; write $\${ for \${ itself`,
  });

const hints: Readonly<Record<string, string>> = {
  vault: 'drawbridge secret sets one; drawbridge secrets lists their names',
  env: 'the variable has to be there where Drawbridge itself is started',
  file: 'the file has to be there, readable, and not empty',
};

const unresolved = (reference: string, kind: string, cause?: unknown): ProblemError =>
  new ProblemError('reference-unresolved', `there is nothing in \${${reference}}`, {
    hint: hints[kind],
    cause,
  });
