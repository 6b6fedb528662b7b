/** Servers under one another, each with its card. */
import type { ServerId } from '../../../shared/contract/ids.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { ServerCard } from './server-card.tsx';

interface ServerListProps {
  readonly servers: readonly ServerView[];
  readonly onGone: () => void;
  readonly onSettings: (server: ServerId) => void;
}

export const ServerList = ({ servers, onGone, onSettings }: ServerListProps) => (
  <ul className="servers">
    {servers.map((server) => (
      <li key={server.id}>
        <ServerCard server={server} onGone={onGone} onSettings={onSettings} />
      </li>
    ))}
  </ul>
);
