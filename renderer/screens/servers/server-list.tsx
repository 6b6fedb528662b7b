/** Servers under one another, each with its card. */
import { memo, useDeferredValue } from 'react';
import type { ServerId } from '../../../shared/contract/ids.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { ServerCard } from './server-card.tsx';

interface ServerListProps {
  readonly servers: readonly ServerView[];
  /** Is to be there at once, however long the list is. */
  readonly lookAt?: ServerId | undefined;
  readonly onGone: () => void;
  readonly onSettings: (server: ServerId) => void;
}

/** As many as fill a high screen. The rest of a long list is drawn when there is time, and keeps nobody waiting. */
const AT_ONCE = 16;

const Card = memo(ServerCard);

export const ServerList = ({ servers, lookAt, onGone, onSettings }: ServerListProps) => {
  const isWhole = useDeferredValue(true, false);
  const shown = isWhole
    ? servers
    : servers.filter(({ id }, place) => place < AT_ONCE || id === lookAt);
  return (
    <ul className="servers">
      {shown.map((server) => (
        <li key={server.id}>
          <Card server={server} onGone={onGone} onSettings={onSettings} />
        </li>
      ))}
    </ul>
  );
};
