/** What is settled for signing in to one server. */
import { type ReactNode, useCallback, useRef } from 'react';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { settingsStrings } from '../../strings/sign-in-settings.ts';
import { AccountsCard } from '../accounts/accounts-card.tsx';
import { CertificateCard } from '../certificate/certificate-card.tsx';
import { ExceptionsOnRecord } from './exceptions-on-record.tsx';
import { SettingsForm } from './settings-form.tsx';
import { SettingsPage } from './settings-page.tsx';

interface SignInSettingsScreenProps {
  readonly server: ServerView;
  readonly onClose: () => void;
  /** What comes last. */
  readonly children?: ReactNode;
}

export const SignInSettingsScreen = ({ server, onClose, children }: SignInSettingsScreenProps) => {
  const heading = useRef<HTMLHeadingElement>(null);
  const focusHeading = useCallback(() => heading.current?.focus(), []);
  return (
    <SettingsPage title={settingsStrings.title} heading={heading} server={server} onClose={onClose}>
      <AccountsCard server={server} onSigningIn={onClose} />
      <section className="card fields-card">
        <SettingsForm server={server} onClose={onClose} />
      </section>
      <ExceptionsOnRecord server={server} onGone={focusHeading} />
      <CertificateCard server={server} />
      {children}
    </SettingsPage>
  );
};
