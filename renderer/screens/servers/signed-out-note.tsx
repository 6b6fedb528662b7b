/** After signing out: whether the other side knows of it, when it does not. */
import type { RouteReply } from '../../../shared/contract/routes.ts';
import { Note } from '../../components/note.tsx';
import { strings } from '../../strings.ts';

type Revoked = RouteReply<'signOut'>['revoked'];

const words: Readonly<Partial<Record<Revoked, string>>> = {
  no: strings.account.notRevoked,
  'not-offered': strings.account.revocationNotOffered,
};

export const SignedOutNote = ({ revoked }: { readonly revoked: Revoked | undefined }) => {
  const text = revoked === undefined ? undefined : words[revoked];
  if (text === undefined) return null;
  return (
    <div className="account-notes">
      <Note tone="info" urgent>
        <p className="note-message">{text}</p>
      </Note>
    </div>
  );
};
