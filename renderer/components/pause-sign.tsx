/** The standing sign that the bridge is paused, with the way to end it. */
import type { ControlClient } from '../../shared/contract/client.ts';
import { useAction } from '../state/use-action.ts';
import { useSnapshot } from '../state/use-snapshot.ts';
import { strings } from '../strings.ts';
import { Button } from './button.tsx';
import { Note, ProblemNote } from './note.tsx';
import { TimeLeft } from './time-left.tsx';

const resume = (client: ControlClient) => client.resume({});

/** `onGone`: the button that was pressed is there no longer. */
export const PauseSign = ({ onGone }: { readonly onGone: () => void }) => {
  const { pause } = useSnapshot();
  const resuming = useAction(resume);
  if (pause === undefined) return null;
  const words = strings.pause;
  return (
    <Note tone="problem">
      <p className="note-message">
        {words.message}
        {pause.until !== undefined && (
          <>
            {' '}
            <TimeLeft until={pause.until} tip={words.ends} over="" />
          </>
        )}
      </p>
      <p className="muted">{words.meaning}</p>
      <Button
        busy={resuming.busy}
        onPress={() =>
          void resuming.run().then((reply) => {
            if (reply !== undefined) onGone();
          })
        }
      >
        {words.resume}
      </Button>
      {resuming.problem !== undefined && <ProblemNote problem={resuming.problem} urgent />}
    </Note>
  );
};
