/** How Drawbridge itself is set: the app, the network, the door, the vault, and what an administrator has settled. */
import { useShell } from '../../state/use-shell.ts';
import { strings } from '../../strings.ts';
import { Policy } from '../policy/policy.tsx';
import { Secrets } from '../secrets/secrets.tsx';
import { About } from './about.tsx';
import { General } from './general.tsx';
import { HttpDoor } from './http-door.tsx';
import { Network } from './network.tsx';
import { Updates } from './updates.tsx';
import { Vault } from './vault.tsx';

export const SettingsScreen = () => {
  const shell = useShell();
  const isAwaited = 'drawbridge' in window && shell === undefined;
  return (
    <main className="settings" aria-busy={isAwaited || undefined}>
      <h2 className="screen-title" tabIndex={-1}>
        {strings.window.screens.settings}
      </h2>
      {shell !== undefined && <General shell={shell} />}
      <Network />
      <HttpDoor />
      <Vault />
      <Secrets />
      {shell !== undefined && <Updates shell={shell} />}
      <Policy />
      <About />
    </main>
  );
};
