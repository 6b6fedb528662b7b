/** Renews every sign-in that can renew itself, at once, and tells what came of it. */
import { useRef } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { RouteReply } from '../../../shared/contract/routes.ts';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { Note, ProblemNote } from '../../components/note.tsx';
import { useAction } from '../../state/use-action.ts';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { forecastStrings } from '../../strings/forecast.ts';
import { clip, sentence, shortAccount } from '../../words.ts';

const renewAll = (client: ControlClient) => client.renewAll({});
type Outcome = RouteReply<'renewAll'>['outcomes'][number];

export const RenewAll = () => {
  const { servers } = useSnapshot();
  const renewing = useAction(renewAll);
  const button = useRef<HTMLButtonElement>(null);
  const { busy, problem, reply } = renewing;
  const words = forecastStrings.renew;
  const offered = servers.some(({ accounts }) => accounts.some(({ renewable }) => renewable));
  return (
    <>
      {(offered || busy) && (
        <Button kind="link" ref={button} busy={busy} onPress={() => void renewing.run()}>
          {busy && <Icon name="busy" />}
          {busy ? words.busy : words.button}
        </Button>
      )}
      <span className="unseen" aria-live="polite">
        {busy && words.busy}
      </span>
      {problem !== undefined && <ProblemNote problem={problem} urgent />}
      {reply !== undefined && (
        <Renewed
          outcomes={reply.outcomes}
          onClose={() => {
            renewing.clear();
            button.current?.focus();
          }}
        />
      )}
    </>
  );
};

interface RenewedProps {
  readonly outcomes: readonly Outcome[];
  readonly onClose: () => void;
}

const Renewed = ({ outcomes, onClose }: RenewedProps) => {
  const failed = outcomes.filter(({ problem }) => problem !== undefined);
  const words = forecastStrings.renew;
  return (
    <Note tone={failed.length === 0 ? 'info' : 'problem'} urgent>
      <p className="note-message">{words.done(outcomes.length - failed.length, outcomes.length)}</p>
      {failed.length > 0 && (
        <ul className="not-renewed">
          {failed.map((outcome) => (
            <NotRenewed key={`${outcome.key.server}/${outcome.key.account}`} outcome={outcome} />
          ))}
        </ul>
      )}
      <Button onPress={onClose}>{words.close}</Button>
    </Note>
  );
};

/** Messages may quote a server. */
const MOST = 400;

const NotRenewed = ({ outcome: { key, problem } }: { readonly outcome: Outcome }) => {
  const server = useSnapshot().servers.find(({ id }) => id === key.server);
  const account = server?.accounts.find(({ id }) => id === key.account);
  const name =
    server === undefined || account === undefined ? key.server : shortAccount(server, account);
  if (problem === undefined) return null;
  return (
    <li>
      <p className="note-message" dir="auto">
        {sentence(forecastStrings.renew.failed(name, clip(problem.message, MOST)))}
      </p>
      {problem.hint !== undefined && (
        <p className="note-hint" dir="auto">
          {sentence(clip(problem.hint, MOST))}
        </p>
      )}
    </li>
  );
};
