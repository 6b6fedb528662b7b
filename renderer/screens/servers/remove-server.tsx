/** Removing a server: a button that asks once more, in place. */
import { useState } from 'react';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { useFocusBack } from '../../state/use-focus-back.ts';
import { strings } from '../../strings.ts';
import { shortName } from '../../words.ts';
import { AskToRemove } from '../later.ts';

export const RemoveServer = ({ server }: { readonly server: ServerView }) => {
  const [asking, setAsking] = useState(false);
  const button = useFocusBack(asking);
  const label = strings.deedFor(strings.remove.button, shortName(server.title));
  return asking ? (
    <AskToRemove server={server} onKeep={() => setAsking(false)} />
  ) : (
    <Button
      kind="icon"
      ref={button}
      label={label}
      tip={strings.remove.button}
      onPress={() => setAsking(true)}
    >
      <Icon name="remove" />
    </Button>
  );
};
