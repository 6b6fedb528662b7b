/** Removing a server: a button that asks once more, in place. */
import { useState } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { Question } from '../../components/question.tsx';
import { useAction } from '../../state/use-action.ts';
import { useFocusBack } from '../../state/use-focus-back.ts';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { strings } from '../../strings.ts';
import { namesOf, shortName } from '../../words.ts';
import { usersOf } from './users-of.ts';

const removeServer = (client: ControlClient, server: string) => client.removeServer({ server });

export const RemoveServer = ({ server }: { readonly server: ServerView }) => {
  const [asking, setAsking] = useState(false);
  const button = useFocusBack(asking);
  const label = strings.deedFor(strings.remove.button, shortName(server.title));
  return asking ? (
    <Asking server={server} onKeep={() => setAsking(false)} />
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

const Asking = ({
  server,
  onKeep,
}: {
  readonly server: ServerView;
  readonly onKeep: () => void;
}) => {
  const removal = useAction(removeServer);
  const { servers } = useSnapshot();
  const users = usersOf(server, servers);
  const { question, consequence, ofProvider, confirm, keep } = strings.remove;
  const isProvider = server.kind === 'identity-provider';
  return (
    <Question
      title={isProvider ? ofProvider.question : question}
      yes={confirm}
      no={keep}
      danger
      busy={removal.busy}
      problem={removal.problem}
      onYes={isProvider && users.length > 0 ? undefined : () => void removal.run(server.id)}
      onNo={onKeep}
    >
      <p className="muted">
        {!isProvider
          ? server.command === undefined
            ? consequence
            : strings.local.removed
          : users.length === 0
            ? ofProvider.unused
            : ofProvider.used(namesOf(users), users.length)}
      </p>
    </Question>
  );
};
