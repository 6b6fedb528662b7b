/** Removing a server: a button that asks once more, in place. */
import { useEffect, useRef, useState } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { useAction } from '../../state/use-action.ts';
import { strings } from '../../strings.ts';
import { shortName } from '../../words.ts';

const removeServer = (client: ControlClient, server: string) => client.removeServer({ server });

export const RemoveServer = ({ server }: { readonly server: ServerView }) => {
  const [asking, setAsking] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const keep = (): void => {
    setAsking(false);
    requestAnimationFrame(() => button.current?.focus());
  };
  const label = strings.deedFor(strings.remove.button, shortName(server.title));
  return asking ? (
    <Question server={server} onKeep={keep} />
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

const Question = ({
  server,
  onKeep,
}: {
  readonly server: ServerView;
  readonly onKeep: () => void;
}) => {
  const removal = useAction(removeServer);
  const keepButton = useRef<HTMLButtonElement>(null);
  useEffect(() => keepButton.current?.focus(), []);
  const { question, consequence, confirm, keep } = strings.remove;
  const describe = `remove-${server.id}`;
  return (
    <div
      className="question"
      role="group"
      aria-labelledby={describe}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onKeep();
      }}
    >
      <div className="question-text" id={describe}>
        <p className="question-title">{question}</p>
        <p className="muted">{consequence}</p>
      </div>
      <div className="buttons">
        <Button kind="danger" busy={removal.busy} onPress={() => void removal.run(server.id)}>
          {confirm}
        </Button>
        <Button ref={keepButton} onPress={onKeep}>
          {keep}
        </Button>
      </div>
      {removal.problem !== undefined && <ProblemNote problem={removal.problem} urgent />}
    </div>
  );
};
