/** What was said in one request, asked for when somebody wants to see it. */
import { useEffect, useId } from 'react';
import { cutWords, readable } from '../../../shared/capture-words.ts';
import type { CapturedText } from '../../../shared/contract/capture.ts';
import type { ControlClient } from '../../../shared/contract/client.ts';
import { ProblemNote } from '../../components/note.tsx';
import { useAction } from '../../state/use-action.ts';
import { activityStrings } from '../../strings/activity.ts';
import { strings } from '../../strings.ts';
import { sentence } from '../../words.ts';

/** What is longer scrolls. */
const MOST_ROWS = 18;
/** So many characters go on a line, where it is narrow. */
const ROW = 60;
const rowsOf = (text: string): number =>
  text
    .slice(0, MOST_ROWS * ROW)
    .split('\n')
    .reduce((rows, line) => Math.min(MOST_ROWS, rows + Math.ceil((line.length + 1) / ROW)), 0);

const look = (client: ControlClient, id: number) => client.captured({ id });

export const Captured = ({ id }: { readonly id: number }) => {
  const { run, reply, problem } = useAction(look);
  useEffect(() => void run(id), [run, id]);
  const words = strings.capture;
  if (problem !== undefined) return <ProblemNote problem={problem} urgent />;
  if (reply === undefined)
    return (
      <p className="activity-small muted" role="status">
        {activityStrings.loading}
      </p>
    );
  return (
    <div className="captured">
      <Said title={words.asked} said={reply.asked} />
      {reply.answered === undefined ? (
        <p className="activity-small muted">{words.noAnswer}</p>
      ) : (
        <Said title={words.answered} said={reply.answered} />
      )}
    </div>
  );
};

const Said = ({ title, said }: { readonly title: string; readonly said: CapturedText }) => {
  const id = useId();
  const text = readable(said);
  const cut = cutWords(said);
  return (
    <div className="field">
      <label className="captured-title" htmlFor={id}>
        {title}
      </label>
      <textarea
        id={id}
        className="input captured-text"
        dir="auto"
        readOnly
        rows={rowsOf(text)}
        value={text}
      />
      {cut !== undefined && <p className="activity-small muted">{sentence(cut)}</p>}
    </div>
  );
};
