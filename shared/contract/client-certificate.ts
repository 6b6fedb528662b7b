/** The certificate that a server wants to see of whoever connects (mTLS): where it and its key stand, and who else sees it. */
import { z } from 'zod';
import { SecretValue } from './references.ts';

/** A host and a port, over https: a certificate is shown nowhere else. */
const Origin = z
  .string()
  .max(300)
  .refine((text) => {
    const url = URL.parse(text);
    return url?.protocol === 'https:' && [url.origin, `${url.origin}/`].includes(text);
  }, 'not the origin of an https address');

export const ClientCertificate = z.object({
  /** PEM, with the certificates between it and an authority after it, where there are any. */
  certificate: SecretValue,
  /** PEM. Absent: it stands with the certificate. */
  key: SecretValue.optional(),
  passphrase: SecretValue.optional(),
  /** Who is shown it besides the server: a token endpoint that wants it too (RFC 8705). */
  alsoAt: z.array(Origin).max(10).default([]),
});
export type ClientCertificate = z.infer<typeof ClientCertificate>;
