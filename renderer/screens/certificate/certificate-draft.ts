/** The certificate that a server is shown, as fields that a person edits, and back. */
import { ClientCertificate } from '../../../shared/contract/client-certificate.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import {
  noSecret,
  referenceTo,
  type SecretDraft,
  secretDraftOf,
} from '../credential/secret-draft.ts';

export interface CertificateDraft {
  readonly certificate: SecretDraft;
  readonly key: SecretDraft;
  readonly passphrase: SecretDraft;
  /** One a line. */
  readonly alsoAt: string;
}

export type CertificateField = keyof CertificateDraft;

export const references = ['certificate', 'key', 'passphrase'] as const;

export const certificateDraftOf = (shown: ServerView['clientCertificate']): CertificateDraft => {
  const draft = (value: string | undefined, otherwise: SecretDraft): SecretDraft =>
    value === undefined ? otherwise : secretDraftOf(value);
  return {
    certificate: draft(shown?.certificate, { way: 'file', text: '' }),
    key: draft(shown?.key, noSecret),
    passphrase: draft(shown?.passphrase, noSecret),
    alsoAt: (shown?.alsoAt ?? []).join('\n'),
  };
};

type Made =
  | { readonly certificate: ClientCertificate }
  /** The fields that cannot be used as they are. */
  | { readonly wrong: ReadonlySet<CertificateField> };

export const certificateIn = (draft: CertificateDraft): Made => {
  const named = references.map((name) => [name, referenceTo(draft[name], '')] as const);
  const missing = named.filter(([name, to]) => to === undefined && draft[name].way !== 'none');
  const parsed = ClientCertificate.safeParse({
    ...Object.fromEntries(named.filter(([, to]) => to !== undefined)),
    alsoAt: draft.alsoAt.split(/\s+/).filter((line) => line !== ''),
  });
  const wrong = new Set([
    ...missing.map(([name]) => name),
    ...(parsed.success ? [] : parsed.error.issues.map(({ path }) => path[0] as CertificateField)),
  ]);
  return parsed.success && wrong.size === 0 ? { certificate: parsed.data } : { wrong };
};

/** The field that names what a problem quotes. */
export const fieldNaming = (
  draft: CertificateDraft,
  message: string,
): CertificateField | undefined => {
  const [quoted] = /\$\{[^}]*\}/.exec(message) ?? [];
  return quoted === undefined
    ? undefined
    : references.find((name) => referenceTo(draft[name], '')?.includes(quoted));
};
