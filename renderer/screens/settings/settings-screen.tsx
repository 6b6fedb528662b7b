/** How Drawbridge itself is set: the app, the vault and what is in it, and what an administrator has settled. */
import { useSnapshot } from '../../state/use-snapshot.ts';
import { strings } from '../../strings.ts';
import { Policy } from '../policy/policy.tsx';
import { Secrets } from '../secrets/secrets.tsx';
import { ThisApp } from '../this-app/this-app.tsx';
import { Vault } from './vault.tsx';

export const SettingsScreen = () => {
  const { version } = useSnapshot();
  return (
    <main>
      <h2 className="screen-title" tabIndex={-1}>
        {strings.window.screens.settings}
      </h2>
      <ThisApp />
      <Secrets />
      <Vault />
      <Policy />
      <p className="about muted">{strings.version(version)}</p>
    </main>
  );
};
