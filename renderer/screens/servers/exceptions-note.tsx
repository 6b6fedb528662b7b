/** A quiet reminder, on the card of a server, of what it was allowed. */
import { signInExceptions } from '../../../shared/contract/sign-in-settings.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { strings } from '../../strings.ts';

export const ExceptionsNote = ({ server }: { readonly server: ServerView }) => {
  const exceptions = server.signIn?.exceptions ?? [];
  if (exceptions.length === 0) return null;
  return (
    <p className="server-note">
      {strings.exceptions.note(exceptions.map((exception) => signInExceptions[exception].breaks))}
    </p>
  );
};
