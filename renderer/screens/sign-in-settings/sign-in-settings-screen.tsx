/** One server's settings for signing in, in place of the list. */
import { useCallback, useEffect, useRef } from 'react';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { Button } from '../../components/button.tsx';
import { ForeignText } from '../../components/foreign-text.tsx';
import { Icon } from '../../components/icon.tsx';
import { strings } from '../../strings.ts';
import { hostOf } from '../../words.ts';
import { AccountsCard } from '../accounts/accounts-card.tsx';
import { ExceptionsOnRecord } from './exceptions-on-record.tsx';
import { SettingsForm } from './settings-form.tsx';

interface SignInSettingsScreenProps {
  readonly server: ServerView;
  readonly onClose: () => void;
}

export const SignInSettingsScreen = ({ server, onClose }: SignInSettingsScreenProps) => {
  const heading = useRef<HTMLHeadingElement>(null);
  const focusHeading = useCallback(() => heading.current?.focus(), []);
  useEffect(() => {
    focusHeading();
    scrollTo({ top: 0 });
  }, [focusHeading]);
  return (
    <main>
      <div className="back">
        <Button kind="link" onPress={onClose}>
          <Icon name="back" />
          {strings.servers.title}
        </Button>
      </div>
      <div className="settings-head">
        <h2 ref={heading} tabIndex={-1}>
          {strings.settings.title}
        </h2>
        <p className="settings-of muted">
          <ForeignText text={server.title} />
          <ForeignText text={hostOf(server.url)} tip={server.url} />
        </p>
      </div>
      <AccountsCard server={server} onSigningIn={onClose} />
      <section className="card fields-card">
        <SettingsForm server={server} onClose={onClose} />
      </section>
      <ExceptionsOnRecord server={server} onGone={focusHeading} />
    </main>
  );
};
