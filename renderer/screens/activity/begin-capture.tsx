/** Where the person has what is said kept for a while, after reading what that means. */
import { useId, useState } from 'react';
import { CAPTURE_MS, LONGEST_CAPTURE_MS } from '../../../shared/contract/capture.ts';
import type { ControlClient } from '../../../shared/contract/client.ts';
import { Button } from '../../components/button.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { OffButton } from '../../components/off-button.tsx';
import { Question } from '../../components/question.tsx';
import { useAction } from '../../state/use-action.ts';
import { useFocusBack } from '../../state/use-focus-back.ts';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { strings } from '../../strings.ts';
import { shortName } from '../../words.ts';
import { Select } from './choose-activity.tsx';

const MINUTE = 60_000;
const durations = [CAPTURE_MS, 60 * MINUTE, 4 * 60 * MINUTE, LONGEST_CAPTURE_MS];

const start = (client: ControlClient, server: string, forMs: number) =>
  client.startCapture({ forMs, ...(server === '' ? {} : { server }) });
const forget = (client: ControlClient) => client.forgetCaptured({});

export const BeginCapture = () => {
  const { capture } = useSnapshot();
  const [asking, setAsking] = useState(false);
  const forgetting = useAction(forget, capture?.holds);
  const button = useFocusBack(asking);
  const words = strings.capture;
  if (asking) return <Ask onClose={() => setAsking(false)} />;
  const isOver = capture?.holds === true && capture.running.length === 0;
  return (
    <div className="begin-capture">
      <OffButton feature="capture" kind="link" ref={button} onPress={() => setAsking(true)}>
        {words.begin}
      </OffButton>
      {capture?.holds === true && <p className="activity-small muted">{words.save}</p>}
      {isOver && (
        <p className="activity-small muted">
          {words.held}{' '}
          <Button
            kind="link"
            busy={forgetting.busy}
            onPress={() => void forgetting.run().then(() => button.current?.focus())}
          >
            {words.forget}
          </Button>
        </p>
      )}
      {forgetting.problem !== undefined && <ProblemNote problem={forgetting.problem} urgent />}
    </div>
  );
};

const Ask = ({ onClose }: { readonly onClose: () => void }) => {
  const servers = useSnapshot().servers.filter(({ kind }) => kind !== 'identity-provider');
  const [server, setServer] = useState('');
  const [forMs, setForMs] = useState(CAPTURE_MS);
  const starting = useAction(start);
  const id = useId();
  const words = strings.capture;
  return (
    <Question
      title={words.question}
      yes={words.confirm}
      no={words.refuse}
      busy={starting.busy}
      problem={starting.problem}
      onYes={() =>
        void starting.run(server, forMs).then((reply) => {
          if (reply !== undefined) onClose();
        })
      }
      onNo={onClose}
    >
      <p>{words.consequence}</p>
      <p className="muted">{words.limits}</p>
      <div className="choose-activity">
        <Select
          foreign
          label={words.server}
          value={server}
          options={servers.map((one) => [one.id, shortName(one.title)])}
          onChange={setServer}
        />
        <div className="field">
          <label htmlFor={id}>{words.duration}</label>
          <select
            id={id}
            className="input"
            value={forMs}
            onChange={({ target }) => setForMs(Number(target.value))}
          >
            {durations.map((ms) => (
              <option key={ms} value={ms}>
                {words.minutes(ms / MINUTE)}
              </option>
            ))}
          </select>
        </div>
      </div>
    </Question>
  );
};
