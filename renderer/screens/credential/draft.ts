/** A token source as fields that a person edits. */
import type { TokenSource, TokenSourceKind } from '../../../shared/contract/token-sources.ts';
import { credentialKinds } from './kinds.ts';
import { plainForms } from './plain-form.ts';
import type { FieldRow, Row, Way, WaysRow } from './rows.ts';
import { noSecret, type SecretDraft, secretDraftOf, toBeTyped } from './secret-draft.ts';

export interface HeaderDraft {
  /** Which row it is, as long as the form is open. */
  readonly row: number;
  readonly name: string;
}

export interface CredentialDraft {
  readonly kind: TokenSourceKind;
  /** By the name of the field. */
  readonly texts: Readonly<Record<string, string>>;
  /** By the name of the field, those of headers by `headerKey`. */
  readonly secrets: Readonly<Record<string, SecretDraft>>;
  readonly headers: readonly HeaderDraft[];
  /** Which of several ways is taken, by the name of the row. */
  readonly ways: Readonly<Record<string, number>>;
}

export const headerKey = (row: number): string => `header${row}`;

export const isWays = (row: Row): row is WaysRow => 'ways' in row;

export const emptyDraft = (kind: TokenSourceKind): CredentialDraft => draftFrom(kind, {});

export const draftOf = (source: TokenSource): CredentialDraft => draftFrom(source.kind, source);

/** The way that is taken of those there are. */
export const wayOf = (row: WaysRow, { ways }: CredentialDraft): Way =>
  row.ways[ways[row.name] ?? 0] ?? row.ways[0];

/** The fields that count, those of the ways that were not taken left out. */
export const fieldsOf = (draft: CredentialDraft): readonly FieldRow[] =>
  credentialKinds[draft.kind].rows.flatMap((row) =>
    isWays(row) ? wayOf(row, draft).fields : [row],
  );

/** A secret as it is to begin with. */
export const secretOf = ({ secrets }: CredentialDraft, row: FieldRow): SecretDraft =>
  secrets[row.name] ?? beginning(row);

/** Every secret that counts, by its key. */
export const secretsIn = (draft: CredentialDraft): readonly (readonly [string, SecretDraft])[] =>
  fieldsOf(draft).flatMap((row) => {
    if (row.is !== 'headers') return isSecret(row) ? [[row.name, secretOf(draft, row)]] : [];
    return draft.headers.map((header) => {
      const key = headerKey(header.row);
      return [key, draft.secrets[key] ?? toBeTyped] as const;
    });
  });

const beginning = ({ is, optional }: FieldRow): SecretDraft => {
  if (optional === true) return noSecret;
  return is === 'value' ? { way: 'written', text: '' } : toBeTyped;
};

type Settings = Readonly<Record<string, unknown>>;

const draftFrom = (kind: TokenSourceKind, source: Settings): CredentialDraft => {
  const { rows } = credentialKinds[kind];
  const all = rows.flatMap((row) => (isWays(row) ? row.ways.flatMap(({ fields }) => fields) : row));
  const present = all.filter(({ name }) => source[name] !== undefined);
  const headers = Object.entries((source['headers'] ?? {}) as Record<string, string>);
  return {
    kind,
    texts: Object.fromEntries(
      present.filter(isPlain).map((row) => [row.name, textOf(row, source)]),
    ),
    secrets: Object.fromEntries([
      ...present.filter(isSecret).map(({ name }) => secretEntry(name, source[name])),
      ...headers.map(([, value], row) => secretEntry(headerKey(row), value)),
    ]),
    headers:
      headers.length === 0 ? [{ row: 0, name: '' }] : headers.map(([name], row) => ({ row, name })),
    ways: Object.fromEntries(rows.filter(isWays).map((row) => [row.name, wayIn(row, source)])),
  };
};

const secretEntry = (key: string, value: unknown): [string, SecretDraft] => [
  key,
  secretDraftOf(String(value)),
];

const isSecret = ({ is }: FieldRow): boolean => is === 'secret' || is === 'value';
const isPlain = (row: FieldRow): boolean => row.is !== 'headers' && !isSecret(row);

/** What is usual is not worth a word. */
const textOf = ({ name, is, usual }: FieldRow, source: Settings): string => {
  if (is === 'headers' || is === 'secret' || is === 'value') return '';
  const text = plainForms[is].write(source[name] as never);
  return text === usual ? '' : text;
};

/** The one that says most of what the source says. */
const wayIn = ({ ways }: WaysRow, source: Settings): number => {
  const said = ways.map(({ fields, sets = {} }) => {
    const members = Object.entries(sets).filter(([name, value]) => source[name] === value);
    return fields.filter(({ name }) => source[name] !== undefined).length + members.length;
  });
  return said.indexOf(Math.max(...said));
};
