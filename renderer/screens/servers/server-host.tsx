/** Where a server is: its host, or the command that it is. */
import { commandLine } from '../../../shared/command-line.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { ForeignText } from '../../components/foreign-text.tsx';
import { hostOf } from '../../words.ts';

export const ServerHost = ({ server }: { readonly server: ServerView }) => (
  <p className="server-host">
    {server.command === undefined ? (
      <ForeignText text={hostOf(server.url)} tip={server.url} />
    ) : (
      <ForeignText className="server-host-command" text={commandLine(server.command)} />
    )}
  </p>
);
