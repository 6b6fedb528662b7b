/** On the card of a server: which AI clients have used it lately, and when the last one did. */
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { TimeAgo } from '../../components/time-ago.tsx';
import { strings } from '../../strings.ts';
import { namesOf } from '../../words.ts';

export const UsedBy = ({ server: { usedBy, lastCallAt } }: { readonly server: ServerView }) => {
  if (lastCallAt === undefined) return null;
  const words = strings.servers;
  return (
    <p className="server-note">
      {usedBy === undefined ? (
        words.lastUsed
      ) : (
        <>
          <span dir="auto">{words.usedBy(namesOf(usedBy))}</span> ·
        </>
      )}{' '}
      <TimeAgo at={lastCallAt} />
    </p>
  );
};
