/** The rules a server was allowed to break, each with what it costs, to be taken back. */
import { useEffect, useRef } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { ServerId } from '../../../shared/contract/ids.ts';
import {
  type SignInException,
  signInExceptions,
} from '../../../shared/contract/sign-in-settings.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { Button } from '../../components/button.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { useAction } from '../../state/use-action.ts';
import { strings } from '../../strings.ts';
import { sentence } from '../../words.ts';

const remove = (client: ControlClient, server: ServerId, exception: SignInException) =>
  client.remove({ what: 'exception', server, exception });

interface ExceptionsOnRecordProps {
  readonly server: ServerView;
  /** The last one went, with the focus in it. */
  readonly onGone: () => void;
}

export const ExceptionsOnRecord = ({ server, onGone }: ExceptionsOnRecordProps) => {
  const removal = useAction(remove);
  const heading = useRef<HTMLHeadingElement>(null);
  const exceptions = server.signIn?.exceptions ?? [];
  const count = exceptions.length;
  const counted = useRef(count);
  useEffect(() => {
    // The button that was pressed is gone.
    if (count < counted.current && document.activeElement === document.body) {
      if (heading.current === null) onGone();
      else heading.current.focus();
    }
    counted.current = count;
  }, [count, onGone]);
  if (count === 0) return null;
  const words = strings.exceptions;
  return (
    <section className="card fields-card">
      <h3 className="fields-title" ref={heading} tabIndex={-1}>
        {words.title}
      </h3>
      <ul className="exceptions">
        {exceptions.map((exception) => {
          const { breaks, risk } = signInExceptions[exception];
          return (
            <li key={exception}>
              <div>
                <p className="exception-title">{words.it(breaks)}</p>
                <p className="muted help">{sentence(risk)}</p>
              </div>
              <Button
                busy={removal.busy}
                label={strings.deedFor(words.remove, breaks)}
                onPress={() => void removal.run(server.id, exception)}
              >
                {words.remove}
              </Button>
            </li>
          );
        })}
      </ul>
      {removal.problem !== undefined && <ProblemNote problem={removal.problem} urgent />}
    </section>
  );
};
