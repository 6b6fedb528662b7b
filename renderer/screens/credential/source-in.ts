/** The token source that a draft comes to, or what is wrong with it, beside the field that it is about. */
import type { z } from 'zod';
import { SecretName, TokenSource } from '../../../shared/contract/token-sources.ts';
import { credentialStrings } from '../../strings/credential.ts';
import { sentence } from '../../words.ts';
import { type CredentialDraft, fieldsOf, headerKey, isWays, secretOf, wayOf } from './draft.ts';
import { credentialKinds } from './kinds.ts';
import { plainForms } from './plain-form.ts';
import type { FieldRow } from './rows.ts';
import { referenceTo, type SecretDraft, toBeTyped } from './secret-draft.ts';

/** By the field, or by the key of a header; `''` is about no field alone. */
export type Faults = ReadonlyMap<string, string>;

/** Of a header, what its name is called by. */
export const nameOf = (header: string): string => `${header}name`;

/** What is known of the secrets besides the draft. */
export interface Surrounding {
  /** The secrets that have something typed in their field. */
  readonly typed: ReadonlySet<string>;
  /** The name that one gets unless the person says otherwise. */
  readonly proposed: (key: string) => string;
  /** A secret of another. */
  readonly isTaken: (name: string) => boolean;
}

export const sourceIn = (
  draft: CredentialDraft,
  surrounding: Surrounding,
): { readonly source: TokenSource } | { readonly faults: Faults } => {
  const faults = new Map<string, string>();
  const source: Record<string, unknown> = { kind: draft.kind };
  for (const row of credentialKinds[draft.kind].rows)
    if (isWays(row)) Object.assign(source, wayOf(row, draft).sets);

  const names = new Set<string>();
  /** Undefined where there is none. */
  const secretIn = (key: string, secret: SecretDraft, optional = false): string | undefined => {
    const fault = faultOf(key, secret, surrounding, optional);
    const reference = referenceTo(secret, surrounding.proposed(key));
    const isTwice = secret.way === 'typed' && names.has(reference ?? '');
    if (secret.way === 'typed') names.add(reference ?? '');
    if (fault !== undefined || isTwice) faults.set(key, fault ?? words.secret.taken);
    return reference;
  };
  const plainIn = (row: FieldRow, form: keyof typeof plainForms): unknown => {
    const text = (draft.texts[row.name] ?? firstOf(row)).trim();
    if (text === '') {
      if (row.optional !== true) faults.set(row.name, words.missing);
      return undefined;
    }
    try {
      return plainForms[form].read(text);
    } catch {
      faults.set(row.name, words.noJson);
      return undefined;
    }
  };
  const headersIn = (): Record<string, string> => {
    const entries = draft.headers.map(({ row, name }): [string, string] => {
      const key = headerKey(row);
      const value = secretIn(key, draft.secrets[key] ?? toBeTyped);
      if (name.trim() === '') faults.set(nameOf(key), words.missing);
      return [name.trim(), value ?? ''];
    });
    const names = entries.map(([name]) => name.toLowerCase());
    if (new Set(names).size < names.length) faults.set('headers', words.headers.twice);
    return Object.fromEntries(entries);
  };

  for (const row of fieldsOf(draft)) {
    const value =
      row.is === 'headers'
        ? headersIn()
        : row.is === 'secret' || row.is === 'value'
          ? secretIn(row.name, secretOf(draft, row), row.optional)
          : plainIn(row, row.is);
    if (value !== undefined) source[row.name] = value;
  }
  if (faults.size > 0) return { faults };
  const { data, error } = TokenSource.safeParse(source);
  return data === undefined ? { faults: faultsIn(error, draft) } : { source: data };
};

const words = credentialStrings;

/** A choice shows its first one before anything is chosen. */
const firstOf = ({ choices }: FieldRow): string => choices?.[0] ?? '';

const faultOf = (
  key: string,
  secret: SecretDraft,
  { typed, proposed, isTaken }: Surrounding,
  optional: boolean,
): string | undefined => {
  const { way, text } = secret;
  if (way === 'none') return optional ? undefined : words.missing;
  if (way !== 'typed') return text.trim() === '' ? words.missing : undefined;
  if (!typed.has(key)) return words.missing;
  const name = text.trim() === '' ? proposed(key) : text.trim();
  if (!SecretName.safeParse(name).success) return words.secret.badName;
  return isTaken(name) ? words.secret.taken : undefined;
};

/** As the contract says it, where it says it in words of its own. */
const faultsIn = (error: z.ZodError, draft: CredentialDraft): Faults =>
  new Map(
    error.issues.map((issue) => {
      const [field = '', member] = issue.path.map(String);
      const header =
        field === 'headers' ? draft.headers.find(({ name }) => name.trim() === member) : undefined;
      const ofHeader = header && headerKey(header.row);
      const isName = issue.code === 'invalid_key';
      const key = ofHeader === undefined ? field : isName ? nameOf(ofHeader) : ofHeader;
      const text = textOf(issue);
      return [
        key,
        key === '' ? words.contradicts(text ?? words.malformed) : sentence(text ?? words.malformed),
      ];
    }),
  );

const textOf = (issue: z.core.$ZodIssue): string | undefined => {
  if (issue.code === 'invalid_key') return issue.issues[0] && textOf(issue.issues[0]);
  const isOurs = issue.code === 'custom' || issue.code === 'invalid_format';
  return isOurs ? issue.message : undefined;
};
