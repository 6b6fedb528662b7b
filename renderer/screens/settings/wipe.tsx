/** The way out in an emergency: asks once more, in place, and tells what came of it. */
import { useEffect, useRef, useState } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { RouteReply } from '../../../shared/contract/routes.ts';
import { Button } from '../../components/button.tsx';
import { Note, ProblemNote } from '../../components/note.tsx';
import { Question } from '../../components/question.tsx';
import { useAction } from '../../state/use-action.ts';
import { useFocusBack } from '../../state/use-focus-back.ts';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { strings } from '../../strings.ts';
import { sentence, shortName } from '../../words.ts';

const wipe = (client: ControlClient) => client.wipe({});

export const Wipe = () => {
  const [asking, setAsking] = useState(false);
  const wiping = useAction(wipe);
  const button = useFocusBack(asking);
  const backToButton = (): void => {
    setAsking(false);
    wiping.clear();
  };
  const words = strings.wipe;
  if (wiping.reply !== undefined) return <Wiped outcome={wiping.reply} onClose={backToButton} />;
  if (!asking) {
    return (
      <Button ref={button} onPress={() => setAsking(true)}>
        {words.button}
      </Button>
    );
  }
  return (
    <Question
      title={words.question}
      yes={wiping.busy ? words.busy : words.confirm}
      no={words.keep}
      danger
      busy={wiping.busy}
      problem={wiping.problem}
      onYes={() => void wiping.run()}
      onNo={() => {
        // Nothing calls it back once it has begun, and its outcome has to be told.
        if (!wiping.busy) backToButton();
      }}
    >
      <p className="muted">{words.consequence}</p>
    </Question>
  );
};

interface WipedProps {
  readonly outcome: RouteReply<'wipe'>;
  readonly onClose: () => void;
}

const Wiped = ({ outcome: { accounts, left }, onClose }: WipedProps) => {
  const { servers } = useSnapshot();
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => close.current?.focus(), []);
  const titleOf = (id: string): string =>
    shortName(servers.find((server) => server.id === id)?.title ?? id);
  const words = strings.wipe;
  return (
    <Note tone={left.length === 0 ? 'info' : 'problem'} urgent>
      <p className="note-message">{left.length === 0 ? words.done : words.partly}</p>
      <ul>
        {accounts.map(({ server, account, revoked }) => (
          <li key={`${server}/${account}`} dir="auto">
            {sentence(words.outcome(titleOf(server), words.revoked[revoked]))}
          </li>
        ))}
      </ul>
      {left.map((problem) => (
        <ProblemNote key={problem.message} problem={problem} />
      ))}
      <Button ref={close} onPress={onClose}>
        {words.close}
      </Button>
    </Note>
  );
};
