/** The last step of adding a server: done, sign in at once, or the client id it needs before. */
import type { RouteReply } from '../../../shared/contract/routes.ts';
import { strings } from '../../strings.ts';
import { SettingsForm } from '../sign-in-settings/settings-form.tsx';
import { AddedServer, AddedText } from './added-server.tsx';

interface AddedStepProps {
  readonly added: RouteReply<'addServer'>;
  /** With the server to look at next. */
  readonly onClose: (server: string) => void;
}

export const AddedStep = ({ added: { server, probe }, onClose }: AddedStepProps) => {
  const asksSignIn = probe.signIn === 'oauth';
  if (asksSignIn && probe.registration === 'none') {
    return (
      <div className="added">
        <AddedText server={server} next={strings.add.needsClient} />
        <SettingsForm
          server={server}
          focusesFirst
          leave={strings.add.later}
          onClose={() => onClose(server.id)}
        />
      </div>
    );
  }
  const next = asksSignIn ? strings.add.nowSignIn : strings.add.ready;
  return <AddedServer server={server} next={next} asksSignIn={asksSignIn} onClose={onClose} />;
};
