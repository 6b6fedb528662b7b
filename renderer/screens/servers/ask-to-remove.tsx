/** The question before a server is removed: what that comes to. */
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { Question } from '../../components/question.tsx';
import { useAction } from '../../state/use-action.ts';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { strings } from '../../strings.ts';
import { namesOf } from '../../words.ts';
import { usersOf } from './users-of.ts';

const removeServer = (client: ControlClient, server: string) =>
  client.remove({ what: 'server', server });

export interface AskToRemoveProps {
  readonly server: ServerView;
  readonly onKeep: () => void;
}

export const AskToRemove = ({ server, onKeep }: AskToRemoveProps) => {
  const removal = useAction(removeServer);
  const { servers } = useSnapshot();
  const users = usersOf(server, servers);
  const { question, consequence, ofProgram, ofProvider, confirm, keep } = strings.remove;
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
            : ofProgram
          : users.length === 0
            ? ofProvider.unused
            : ofProvider.used(namesOf(users), users.length)}
      </p>
    </Question>
  );
};
