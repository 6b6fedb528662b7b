/** The standing sign that what is said is being kept, with the way to end it. */
import type { ControlClient } from '../../shared/contract/client.ts';
import { useAction } from '../state/use-action.ts';
import { useSnapshot } from '../state/use-snapshot.ts';
import { strings } from '../strings.ts';
import { shortName } from '../words.ts';
import { Button } from './button.tsx';
import { Note, ProblemNote } from './note.tsx';
import { TimeLeft } from './time-left.tsx';

const stop = (client: ControlClient) => client.stopCapture({});

/** `onGone`: the button that was pressed is there no longer. */
export const CaptureSign = ({ onGone }: { readonly onGone: () => void }) => {
  const { capture, servers } = useSnapshot();
  const stopping = useAction(stop);
  if (capture === undefined || capture.running.length === 0) return null;
  const words = strings.capture;
  const titleOf = (id: string | undefined): string =>
    id === undefined
      ? words.allServers
      : shortName(servers.find((server) => server.id === id)?.title ?? id);
  return (
    <Note tone="problem">
      <p className="note-message">{words.running}</p>
      <ul className="capture-where">
        {capture.running.map(({ server, until }) => (
          <li key={server ?? ''} dir="auto">
            {words.where(titleOf(server))}
            <TimeLeft until={until} tip={words.ends} />
          </li>
        ))}
      </ul>
      <p className="muted">{words.meaning}</p>
      <Button
        busy={stopping.busy}
        onPress={() =>
          void stopping.run().then((reply) => {
            if (reply !== undefined) onGone();
          })
        }
      >
        {words.stop}
      </Button>
      {stopping.problem !== undefined && <ProblemNote problem={stopping.problem} urgent />}
    </Note>
  );
};
