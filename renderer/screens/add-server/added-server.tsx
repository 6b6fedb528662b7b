/** The last step of adding: done, or sign in at once. */
import { useEffect, useRef } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { AccountKey } from '../../../shared/contract/ids.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { Button } from '../../components/button.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { StateMark } from '../../components/state-mark.tsx';
import { defaultAccount, pageOpens, signIn } from '../../sign-in.ts';
import { useAction } from '../../state/use-action.ts';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { strings } from '../../strings.ts';
import { shortName } from '../../words.ts';

interface AddedServerProps {
  readonly server: ServerView;
  /** What to do next, for a person. */
  readonly next: string;
  readonly asksSignIn: boolean;
  /** With the server to look at next. */
  readonly onClose: (server: string) => void;
}

/** Something to tell success from failure by. */
const startSignIn = async (
  client: ControlClient,
  key: AccountKey,
  here: true | undefined,
): Promise<true> => {
  await signIn(client, key, here);
  return true;
};

export const AddedServer = ({ server, next, asksSignIn, onClose }: AddedServerProps) => {
  const snapshot = useSnapshot();
  const starting = useAction(startSignIn);
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => first.current?.focus(), []);

  const start = async (): Promise<void> => {
    const here = pageOpens(snapshot, server.signIn?.kind);
    if ((await starting.run(defaultAccount(server), here)) === true) onClose(server.id);
  };
  return (
    <div className="added">
      <AddedText server={server} next={next} />
      {starting.problem !== undefined && <ProblemNote problem={starting.problem} urgent />}
      <div className="buttons add-buttons">
        {asksSignIn && (
          <Button ref={first} kind="primary" busy={starting.busy} onPress={() => void start()}>
            {strings.add.signIn}
          </Button>
        )}
        <Button ref={asksSignIn ? null : first} onPress={() => onClose(server.id)}>
          {asksSignIn ? strings.add.later : strings.add.done}
        </Button>
      </div>
    </div>
  );
};

export const AddedText = ({ server, next }: Pick<AddedServerProps, 'server' | 'next'>) => (
  <div className="added-text">
    <StateMark state="signed-in" />
    <div>
      <p className="added-title">
        <bdi>{shortName(server.title)}</bdi> {strings.add.added}
      </p>
      <p className="muted">{next}</p>
    </div>
  </div>
);
