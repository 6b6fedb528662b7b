/** Where a secret comes from, as a person chooses it, and as it stands in a token source. */
import { SecretName } from '../../../shared/contract/token-sources.ts';

/**
 * `text` is the name in the vault, the path, the variable, or the whole value. Of what is typed it is the name that it is to
 * get, where the person wants another than the one proposed; the value itself is never here.
 */
export interface SecretDraft {
  readonly way: 'none' | 'typed' | 'vault' | 'file' | 'env' | 'written';
  readonly text: string;
}

export const toBeTyped: SecretDraft = { way: 'typed', text: '' };
export const noSecret: SecretDraft = { way: 'none', text: '' };

const ALONE = /^\$\{(vault|file|env):([^}]+)\}$/;

export const secretDraftOf = (value: string): SecretDraft => {
  const [, way, text = ''] = ALONE.exec(value) ?? [];
  return way === undefined
    ? { way: 'written', text: value }
    : { way: way as 'vault' | 'file' | 'env', text };
};

/** What stands in the source for it; undefined where there is nothing yet. */
export const referenceTo = ({ way, text }: SecretDraft, proposed: string): string | undefined => {
  if (way === 'none') return undefined;
  if (way === 'typed') return `\${vault:${text.trim() === '' ? proposed : text.trim()}}`;
  if (text.trim() === '') return undefined;
  // A file may have spaces around its name, and a value in its middle only.
  return way === 'written' ? text.trim() : `\${${way}:${text.trim()}}`;
};

/** A name that says whose it is and what for: `ACME_CLIENT_SECRET`. */
export const proposedName = (
  whose: string,
  what: string,
  isTaken: (name: string) => boolean,
): string => {
  const name = [wordFor(whose), upper(what)].filter((part) => part !== '').join('_') || 'SECRET';
  for (let count = 1; ; count += 1) {
    const next = `${name.slice(0, 58)}${count === 1 ? '' : `_${count}`}`;
    if (SecretName.safeParse(next).success && !isTaken(next)) return next;
  }
};

/** `mcp.acme.example` is Acme’s. */
const wordFor = (whose: string): string => {
  const host = URL.parse(whose)?.hostname ?? whose;
  const labels = host.split('.').filter((label) => !/^(mcp|api|www|\d*)$/.test(label));
  return upper(labels[0] ?? '');
};

const upper = (text: string): string =>
  text
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_|_$/g, '')
    .toUpperCase();
