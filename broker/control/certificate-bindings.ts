/** What the route of client certificates does. */
import { ProblemError } from '../../shared/contract/problems.ts';
import type { ServerView } from '../../shared/contract/snapshot.ts';
import { shownNowhere } from '../servers/add.ts';
import type { Registry } from '../servers/registry.ts';
import type { ClientCertificates } from '../tokens/client-certificates.ts';
import type { MintedBook } from '../tokens/minted.ts';
import type { Bindings } from './handler.ts';

export interface CertificateBindingDeps {
  readonly registry: Pick<Registry, 'get' | 'changeCertificate'>;
  readonly certificates: Pick<ClientCertificates, 'at'>;
  readonly minted: Pick<MintedBook, 'again'>;
  /** What changes a server happens one after the other. */
  readonly inTurn: <T>(server: string, run: () => Promise<T>) => Promise<T>;
  readonly view: (server: string) => ServerView;
}

export const createCertificateBindings = ({
  registry,
  certificates,
  minted,
  inTurn,
  view,
}: CertificateBindingDeps): Pick<Bindings, 'configureCertificate'> => ({
  configureCertificate: ({ server }, { clientCertificate }) =>
    inTurn(server, async () => {
      const { kind, url } = registry.get(server);
      if (kind !== 'mcp') throw noPlace();
      if (clientCertificate !== undefined) {
        if (!url.startsWith('https:')) throw shownNowhere(new URL(url));
        // Looked at first: what cannot be shown must not take the place of what can.
        await certificates.at(new URL(url), clientCertificate).keyPair();
      }
      registry.changeCertificate(server, clientCertificate);
      minted.again();
      return { server: view(server) };
    }),
});

const noPlace = (): ProblemError =>
  new ProblemError('bad-request', 'a certificate is shown to servers that are reached over https');
