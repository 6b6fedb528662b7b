/** The AI clients: how one is connected, the keys that they have, and the rules for them. */
import { focusScreen } from '../../components/focus-screen.ts';
import { strings } from '../../strings.ts';
import { DoorKeys } from '../keys/door-keys.tsx';
import { Rules } from '../rules/rules.tsx';

export const AiClientsScreen = () => (
  <main>
    <h2 className="screen-title" tabIndex={-1}>
      {strings.window.screens['ai-clients']}
    </h2>
    <p className="muted">
      {strings.connect} <code>{strings.connectCommand}</code>
    </p>
    <DoorKeys onGone={focusScreen} />
    <Rules />
  </main>
);
