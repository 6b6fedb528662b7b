/** The options that say which certificate a server is shown, for the commands that take them. */
import type { ParseArgsOptionsConfig } from 'node:util';
import { ClientCertificate } from '../shared/contract/client-certificate.ts';
import { ProblemError } from '../shared/contract/problems.ts';
import { REFERENCE_FORMS, referenceTo } from '../shared/contract/references.ts';
import type { Invocation } from './command.ts';
import { fullPath } from './full-path.ts';

export const certificateOptions = {
  'client-cert': { type: 'string' },
  'client-cert-key': { type: 'string' },
  'client-cert-passphrase': { type: 'string' },
  'client-cert-also-at': { type: 'string', multiple: true },
} as const satisfies ParseArgsOptionsConfig;

export const certificateHelp: readonly string[] = [
  'For a server that wants to see a certificate of whoever connects (mTLS):',
  '  --client-cert <file>         the certificate, PEM, read again at each new connection; or ${vault:NAME}',
  '  --client-cert-key <file>     its key, where that is not in the same file; or ${vault:NAME}',
  '  --client-cert-passphrase <ref>  where the passphrase of the key stands: ${vault:NAME}, ${file:PATH}',
  '  --client-cert-also-at <https://host>  who else sees it: a token endpoint that wants it; may be repeated',
];

/** What the options given say; undefined when they say nothing. Throws `bad-usage`. */
export const readCertificate = ({
  option,
  options,
}: Pick<Invocation, 'option' | 'options'>): ClientCertificate | undefined => {
  const [certificate, key] = [option('client-cert'), option('client-cert-key')];
  const passphrase = option('client-cert-passphrase');
  const alsoAt = options('client-cert-also-at');
  if (certificate === undefined) {
    if (key === undefined && passphrase === undefined && alsoAt.length === 0) return undefined;
    throw new ProblemError('bad-usage', 'these options go with --client-cert');
  }
  const parsed = ClientCertificate.safeParse({
    certificate: referring(certificate),
    ...(key === undefined ? {} : { key: referring(key) }),
    ...(passphrase === undefined ? {} : { passphrase }),
    alsoAt: [...alsoAt],
  });
  if (parsed.success) return parsed.data;
  const [where] = parsed.error.issues[0]?.path ?? [];
  throw new ProblemError('bad-usage', 'this certificate cannot be shown', {
    hint: hints[where === 'alsoAt' ? 'alsoAt' : 'other'],
  });
};

const hints = {
  alsoAt: '--client-cert-also-at takes https:// and the name of a host, and no path',
  other: `a passphrase is only named: ${REFERENCE_FORMS}`,
};

/** A path by itself is what most people have. */
const referring = (text: string): string =>
  text.includes('${') ? text : referenceTo('file', fullPath(text));
