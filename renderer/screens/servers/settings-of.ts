/** Which settings a server has: none where there is nothing to settle. */
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { strings } from '../../strings.ts';

export const settingsOf = ({
  kind,
  accounts,
  signIn,
  source,
}: Pick<ServerView, 'kind' | 'accounts' | 'signIn' | 'source'>):
  | 'sign-in'
  | 'credential'
  | undefined => {
  if (kind === 'local') return undefined;
  if (kind === 'identity-provider') return 'sign-in';
  if (source !== undefined) return 'credential';
  const isOpen = signIn === undefined && accounts.every(({ state }) => state === 'open');
  return isOpen ? 'credential' : 'sign-in';
};

const words = {
  'sign-in': strings.servers.settings,
  credential: strings.servers.credential,
} as const;

/** What they are called. */
export const settingsWords = (server: ServerView): string | undefined => {
  const kind = settingsOf(server);
  return kind && words[kind];
};
