/** The AI clients: connecting one, those that have been seen, and the rules for them. */
import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { hrefOf } from '../../state/address.ts';
import { useFocusBack } from '../../state/use-focus-back.ts';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { aiClientStrings } from '../../strings/ai-clients.ts';
import { strings } from '../../strings.ts';
import { Rules } from '../rules/rules.tsx';
import { AiClientList } from './ai-client-list.tsx';
import { ConnectEntry } from './connect-entry.tsx';
import { hasPlaces } from './places.ts';

export const AiClientsScreen = () => {
  const { servers, activity, doors } = useSnapshot();
  // Who has none yet has come for that.
  const [connecting, setConnecting] = useState<'from-the-start' | 'asked' | undefined>(
    activity === undefined && doors.keys === undefined ? 'from-the-start' : undefined,
  );
  const button = useFocusBack(connecting !== undefined);
  const words = aiClientStrings;
  return (
    <main>
      <div className="list-head">
        <h2 className="screen-title" tabIndex={-1}>
          {strings.window.screens['ai-clients']}
        </h2>
        {hasPlaces(servers) && connecting === undefined && (
          <Button ref={button} onPress={() => setConnecting('asked')}>
            <Icon name="add" />
            {words.connect.button}
          </Button>
        )}
      </div>
      {hasPlaces(servers) ? (
        connecting !== undefined && (
          <ConnectEntry
            takesFocus={connecting === 'asked'}
            onClose={() => setConnecting(undefined)}
          />
        )
      ) : (
        <div className="card empty-card">
          <p className="muted">{words.noServer}</p>
          <a className="button button-primary" href={hrefOf({ screen: 'servers' })}>
            {words.addServer}
          </a>
        </div>
      )}
      <AiClientList isEmptySaid={hasPlaces(servers)} />
      <Rules />
    </main>
  );
};
