/** The last step of adding: done, or sign in at once. */
import { useEffect, useRef } from 'react';
import { DEFAULT_ACCOUNT } from '../../../shared/contract/ids.ts';
import type { RouteReply } from '../../../shared/contract/routes.ts';
import { Button } from '../../components/button.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { StateMark } from '../../components/state-mark.tsx';
import { signIn } from '../../sign-in.ts';
import { useAction } from '../../state/use-action.ts';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { strings } from '../../strings.ts';
import { shortName } from '../../words.ts';

interface AddedServerProps {
  readonly added: RouteReply<'addServer'>;
  /** With the server to look at next. */
  readonly onClose: (server: string) => void;
}

/** Something to tell success from failure by. */
const startSignIn = async (...args: Parameters<typeof signIn>): Promise<true> => {
  await signIn(...args);
  return true;
};

export const AddedServer = ({ added: { server, probe }, onClose }: AddedServerProps) => {
  const { noBrowser } = useSnapshot();
  const starting = useAction(startSignIn);
  const next = useRef<HTMLButtonElement>(null);
  useEffect(() => next.current?.focus(), []);

  const asksSignIn = probe.signIn === 'oauth';
  const start = async (): Promise<void> => {
    const account = server.accounts[0]?.id ?? DEFAULT_ACCOUNT;
    if ((await starting.run({ server: server.id, account }, noBrowser)) === true)
      onClose(server.id);
  };
  return (
    <div className="added">
      <div className="added-text">
        <StateMark state="signed-in" />
        <div>
          <p className="added-title">
            <bdi>{shortName(server.title)}</bdi> {strings.add.added}
          </p>
          <p className="muted">{asksSignIn ? strings.add.nowSignIn : strings.add.ready}</p>
        </div>
      </div>
      {starting.problem !== undefined && <ProblemNote problem={starting.problem} urgent />}
      <div className="buttons add-buttons">
        {asksSignIn && (
          <Button ref={next} kind="primary" busy={starting.busy} onPress={() => void start()}>
            {strings.add.signIn}
          </Button>
        )}
        <Button ref={asksSignIn ? null : next} onPress={() => onClose(server.id)}>
          {asksSignIn ? strings.add.later : strings.add.done}
        </Button>
      </div>
    </div>
  );
};
