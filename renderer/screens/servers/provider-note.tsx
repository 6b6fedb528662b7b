/** On the card of a company's identity provider: which servers sign in with it. */
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { strings } from '../../strings.ts';
import { namesOf } from '../../words.ts';
import { usersOf } from './users-of.ts';

export const ProviderNote = ({ provider }: { readonly provider: ServerView }) => {
  const users = usersOf(provider, useSnapshot().servers);
  return (
    <p className="server-note" dir="auto">
      {users.length === 0 ? strings.company.unused : strings.company.usedBy(namesOf(users))}
    </p>
  );
};
