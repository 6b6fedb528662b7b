/** One server's credential: how it stands, where it comes from, and the way back to none. */
import { useRef } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import type { TokenSource } from '../../../shared/contract/token-sources.ts';
import { TimeAgo } from '../../components/time-ago.tsx';
import { useAction } from '../../state/use-action.ts';
import { credentialStrings } from '../../strings/credential.ts';
import { CertificateCard } from '../certificate/certificate-card.tsx';
import { AccountRow } from '../servers/account-row.tsx';
import { SettingsPage } from '../sign-in-settings/settings-page.tsx';
import { BackToSignIn } from './back-to-sign-in.tsx';
import { CredentialForm } from './credential-form.tsx';

const configure = (client: ControlClient, server: string, source: TokenSource) =>
  client.configureSource({ server }, { source });

interface CredentialScreenProps {
  readonly server: ServerView;
  readonly onClose: () => void;
  /** To the sign-in that it has now. */
  readonly onBack?: () => void;
}

export const CredentialScreen = ({ server, onClose, onBack }: CredentialScreenProps) => {
  const heading = useRef<HTMLHeadingElement>(null);
  const saving = useAction(configure);
  const words = credentialStrings;
  const { source } = server;
  return (
    <SettingsPage title={words.title} heading={heading} server={server} onClose={onClose}>
      {source !== undefined && <Standing server={server} />}
      <section className="card fields-card">
        <CredentialForm
          server={server}
          whose={server.id}
          submit={words.change.submit}
          trying={words.change.busy}
          busy={saving.busy}
          problem={saving.problem}
          onChange={saving.clear}
          onCancel={onBack ?? onClose}
          cancel={onBack === undefined ? words.change.cancel : words.instead.back}
          onSource={(next) =>
            void saving.run(server.id, next).then((reply) => {
              if (reply !== undefined) onClose();
            })
          }
        >
          <div>
            <h3 className="fields-title">{words.change.heading}</h3>
            <p className="muted">
              {source === undefined && onBack === undefined
                ? words.change.ofOpen
                : words.change.help}
            </p>
          </div>
        </CredentialForm>
      </section>
      <CertificateCard server={server} />
      {source !== undefined && <BackToSignIn server={server} onDone={onClose} />}
    </SettingsPage>
  );
};

/** What it is good for yet, and since when it is there. */
const Standing = ({ server }: { readonly server: ServerView }) => (
  <section className="card standing">
    {server.accounts.map((account) => (
      <div key={account.id}>
        <AccountRow server={server} account={account} />
        {account.gotAt !== undefined && (
          <p className="server-note">
            {credentialStrings.change.got} <TimeAgo at={account.gotAt} />
          </p>
        )}
      </div>
    ))}
  </section>
);
