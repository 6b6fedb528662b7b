/** The certificate that a server is shown of this computer, kept out of the way where there is none. */
import { useState } from 'react';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { Disclosure } from '../../components/disclosure.tsx';
import { certificateStrings } from '../../strings/service.ts';
import { CertificateForm } from './certificate-form.tsx';

export const CertificateCard = ({ server }: { readonly server: ServerView }) => {
  const { kind, url, clientCertificate } = server;
  const [opened, setOpened] = useState(clientCertificate !== undefined);
  // It is shown over https alone.
  if (kind !== 'mcp' || !url.startsWith('https:')) return null;
  return (
    <section className="card fields-card">
      <Disclosure
        words={certificateStrings.title}
        inUse={clientCertificate !== undefined}
        onOpen={() => setOpened(true)}
      >
        <CertificateForm server={server} isSeen={opened} />
      </Disclosure>
    </section>
  );
};
