/** A browser page without a session: what to do to get one. */
import { Button } from '../components/button.tsx';
import { useSurroundings } from '../state/surroundings.ts';
import { strings } from '../strings.ts';

export const NoSessionScreen = () => {
  const { connection } = useSurroundings();
  const { title, text, command, retry } = strings.noSession;
  return (
    <main className="card no-session">
      <div role="status">
        <h2>{title}</h2>
        <p className="muted">{text}</p>
      </div>
      <code className="command">{command}</code>
      <Button onPress={connection.retryNow}>{retry}</Button>
    </main>
  );
};
