/** What stands for a secret in settings: `${vault:NAME}`, `${env:NAME}` and `${file:PATH}`. */
import { z } from 'zod';

/** A value in which `${vault:NAME}`, `${env:NAME}` and `${file:PATH}` stand for what is there when it is sent. */
export const Value = z.string().min(1).max(8192);

/** What stands for a secret. */
export const REFERENCE = /(?<!\$)\$\{[^}]+\}/;

/** A secret is named, and never written down here: what is kept with a server can be read by whoever reads its files. */
export const SecretValue = Value.refine(
  (text) => REFERENCE.test(text),
  'a secret stands here only as ${vault:NAME}, ${env:NAME} or ${file:PATH}',
);

/** The names of the secrets in the vault that something settled refers to, each once. */
export const vaultNamesIn = (settled: unknown): readonly string[] => {
  const found = JSON.stringify(settled ?? null).matchAll(/(?<!\$)\$\{vault:([^}]+)\}/g);
  return [...new Set([...found].map(([, name = '']) => name))];
};
