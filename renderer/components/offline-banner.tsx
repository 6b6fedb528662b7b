/** Says that the broker does not answer, so that nobody trusts a list that may be old. */
import { useSurroundings } from '../state/surroundings.ts';
import { strings } from '../strings.ts';
import { Button } from './button.tsx';
import { Note } from './note.tsx';

export const OfflineBanner = ({ everConnected }: { readonly everConnected: boolean }) => {
  const { connection } = useSurroundings();
  return (
    <Note tone="problem" urgent>
      <p className="note-message">{strings.offline.title}</p>
      <p className="note-hint">{everConnected ? strings.offline.stale : strings.offline.never}</p>
      <Button onPress={connection.retryNow}>{strings.offline.retry}</Button>
    </Note>
  );
};
