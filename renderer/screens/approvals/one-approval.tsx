/** One call that waits: who wants what and with which arguments, and a yes that is there only once those are seen. */
import { useEffect } from 'react';
import { approvalPlace } from '../../../shared/approval-words.ts';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { ApprovalView } from '../../../shared/contract/rules.ts';
import { indented } from '../../../shared/indented.ts';
import { Button } from '../../components/button.tsx';
import { ForeignText } from '../../components/foreign-text.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { TimeLeft } from '../../components/time-left.tsx';
import { useAction } from '../../state/use-action.ts';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { strings } from '../../strings.ts';
import { shortName } from '../../words.ts';
import { useSettled } from './use-settled.ts';

const look = (client: ControlClient, id: string) => client.approvalArguments({ id });
const answer = (client: ControlClient, id: string, allow: boolean) =>
  client.answerApproval({ id, allow });

export interface OneApprovalProps {
  readonly approval: ApprovalView;
  /** Where it stands among those that wait. */
  readonly place: number;
  readonly onAnswer: () => void;
}

export const OneApproval = ({ approval, place, onAnswer }: OneApprovalProps) => {
  const { id, aiClient, tool, endsAt } = approval;
  const { servers } = useSnapshot();
  const looking = useAction(look);
  const answering = useAction(answer);
  const isSettled = useSettled(place);
  const { run } = looking;
  useEffect(() => void run(id), [run, id]);
  const words = strings.approvals;
  const problem = answering.problem ?? looking.problem;
  const press = (allow: boolean) => (): void => {
    onAnswer();
    void answering.run(id, allow);
  };
  const labelled = (deed: string): string => strings.deedFor(deed, `${shortName(tool)} ${id}`);
  return (
    <li className="approval card">
      <h3 className="approval-title">
        <ForeignText text={aiClient} /> <span>{words.wants}</span> <ForeignText text={tool} />
      </h3>
      <p className="approval-where muted">
        <ForeignText text={words.at(approvalPlace(approval, servers))} />
        <TimeLeft until={endsAt} tip={words.refusedAt} over={words.over} />
      </p>
      {looking.reply === undefined ? (
        <p className="muted">{looking.problem === undefined && words.loading}</p>
      ) : (
        <>
          <textarea
            className="input code-input approval-arguments"
            readOnly
            rows={linesOf(looking.reply.text)}
            aria-label={words.arguments(shortName(tool))}
            value={indented(looking.reply.text)}
          />
          {looking.reply.more > 0 && <p className="wrong">{words.more(looking.reply.more)}</p>}
        </>
      )}
      {problem !== undefined && <ProblemNote problem={problem} urgent />}
      <div className="buttons">
        {/* Neither is proposed. */}
        <Button
          busy={answering.busy || looking.reply === undefined || !isSettled}
          label={labelled(words.allow)}
          onPress={press(true)}
        >
          {words.allow}
        </Button>
        <Button busy={answering.busy} label={labelled(words.deny)} onPress={press(false)}>
          {words.deny}
        </Button>
      </div>
    </li>
  );
};

const MOST_LINES = 12;

const linesOf = (json: string): number =>
  Math.min(MOST_LINES, Math.max(2, indented(json).split('\n').length));
