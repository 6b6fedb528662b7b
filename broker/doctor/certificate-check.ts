/** Can the certificate be shown that a server wants to see? */
import type { Check } from '../../shared/contract/doctor.ts';
import { toProblem } from '../../shared/contract/problems.ts';
import type { ClientIdentity } from '../net/client-identity.ts';
import type { ServerRecord } from '../servers/registry.ts';
import { failed } from './failed.ts';

export interface CertificateDeps {
  readonly of: (server: string) => ClientIdentity | undefined;
  /** Unix ms. */
  readonly endsAt: (server: string) => number | undefined;
}

/** Never rejects: what is wrong is what is told. */
export const certificateChecks = async (
  { id }: Pick<ServerRecord, 'id'>,
  { of, endsAt }: CertificateDeps,
): Promise<Check[]> => {
  const identity = of(id);
  if (identity === undefined) return [];
  try {
    await identity.keyPair();
    const until = new Date(endsAt(id) ?? 0).toISOString().slice(0, 10);
    return [
      { tone: 'good', text: `it is shown the certificate that was named, good until ${until}` },
    ];
  } catch (error) {
    return [failed(toProblem(error), id)];
  }
};
