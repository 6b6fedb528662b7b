/** What stands for a secret in settings, `${vault:NAME}`, `${env:NAME}` and `${file:PATH}`: the one place that knows how. */
import { z } from 'zod';

/** How they are spelt, for whoever is to write one. */
export const REFERENCE_FORMS = '${vault:NAME}, ${env:NAME} or ${file:PATH}';

/** The names that secrets of the vault may have. */
export const SECRET_NAME = '[A-Za-z0-9][A-Za-z0-9._-]{0,63}';

/** What stands for the secret at `place`: by its name in the vault, of a variable, or by a path. */
export const referenceTo = (where: 'vault' | 'env' | 'file', place: string): string =>
  `\${${where}:${place}}`;

/** A value in which references stand for what is there when it is sent. */
export const Value = z.string().min(1).max(8192);

const ANY = /(?<!\$)\$\{[^}]+\}/;

/** Whether something stands for a secret in a value, or in the JSON of one. `$${` is `${` itself. */
export const holdsReference = (text: string): boolean => ANY.test(text);

/**
 * Whether a value of somebody else's program speaks of ours at all, escaped ones among them: anything else that begins like
 * one, `${HOME}` say, is the program's own matter.
 */
export const speaksOfReferences = (text: string): boolean => /\$\{(vault|env|file):/.test(text);

/** The names of the secrets in the vault that something settled refers to, each once. */
export const vaultNamesIn = (settled: unknown): readonly string[] => {
  const found = JSON.stringify(settled ?? null).matchAll(/(?<!\$)\$\{vault:([^}]+)\}/g);
  return [...new Set([...found].map(([, name = '']) => name))];
};

/** Whatever stands for a secret in something settled, as it is written there, each once. */
export const referencesIn = (settled: unknown): readonly string[] => {
  if (typeof settled === 'string')
    return [...new Set([...settled.matchAll(new RegExp(ANY, 'g'))].map(([found]) => found))];
  if (typeof settled !== 'object' || settled === null) return [];
  return [...new Set(Object.values(settled).flatMap(referencesIn))];
};

const WHOLE = new RegExp(`^\\$\\{(vault:${SECRET_NAME}|env:[^}]+|file:[^}]+)\\}`);

/**
 * What begins like a reference in something settled and is none: another form, not closed, or a name that no secret can have.
 * It could never stand for anything. Undefined where there is none.
 */
export const brokenReferenceIn = (settled: unknown): string | undefined => {
  if (typeof settled === 'string') {
    const begun = [...settled.matchAll(/(?<!\$)\$\{/g)].map(({ index }) => settled.slice(index));
    return begun
      .find((text) => !WHOLE.test(text))
      ?.replace(/\}[^]*$/, '}')
      .slice(0, 80);
  }
  if (typeof settled !== 'object' || settled === null) return undefined;
  return Object.values(settled)
    .map(brokenReferenceIn)
    .find((found) => found !== undefined);
};

const onlyNamed = `a secret stands here only as ${REFERENCE_FORMS}`;

/** A secret is named, and never written down here: what is kept with a server can be read by whoever reads its files. */
export const SecretValue = Value.refine(holdsReference, onlyNamed);

/** All of a value that is a secret, by the name of where it is. */
export const WholeSecret = z
  .string()
  .max(4200)
  .regex(new RegExp(`${WHOLE.source}$`), onlyNamed);
