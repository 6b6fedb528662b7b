/** The settings of one server: of its sign-in, or of the credential that it takes instead. */
import { useState } from 'react';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { Button } from '../../components/button.tsx';
import { useFocusBack } from '../../state/use-focus-back.ts';
import { credentialStrings } from '../../strings/credential.ts';
import { CredentialScreen } from '../credential/credential-screen.tsx';
import { SignInSettingsScreen } from '../sign-in-settings/sign-in-settings-screen.tsx';
import { settingsOf } from './settings-of.ts';

export interface ServerSettingsProps {
  readonly server: ServerView;
  readonly onClose: () => void;
}

export const ServerSettings = ({ server, onClose }: ServerSettingsProps) => {
  const [instead, setInstead] = useState(false);
  const button = useFocusBack(instead);
  if (instead || settingsOf(server) === 'credential') {
    return (
      <CredentialScreen
        server={server}
        onClose={onClose}
        {...(instead ? { onBack: () => setInstead(false) } : {})}
      />
    );
  }
  const words = credentialStrings.instead;
  return (
    <SignInSettingsScreen server={server} onClose={onClose}>
      {server.kind === 'mcp' && (
        <section className="card fields-card instead">
          <div>
            <h3 className="fields-title">{words.title}</h3>
            <p className="muted">{words.help}</p>
          </div>
          <Button ref={button} onPress={() => setInstead(true)}>
            {words.button}
          </Button>
        </section>
      )}
    </SignInSettingsScreen>
  );
};
