/** What a call that waits for the person is called on every surface. */
import type { ApprovalView } from './contract/rules.ts';
import type { ServerView, Snapshot } from './contract/snapshot.ts';
import { plainText } from './plain-text.ts';

/** As long as a line of a menu or of a notice bears. */
const LONGEST = 40;

/** "Linear", or "Linear (work)" where it has several accounts; its id once the server is gone. */
export const approvalPlace = (
  { server, account }: Pick<ApprovalView, 'server' | 'account'>,
  servers: readonly ServerView[],
): string => {
  const found = servers.find(({ id }) => id === server);
  if (found === undefined) return server;
  const title = plainText(found.title, LONGEST);
  return found.accounts.length === 1 ? title : `${title} (${account})`;
};

/** "Cursor wants to call delete_file". */
export const approvalTitle = ({ aiClient, tool }: ApprovalView): string =>
  `${plainText(aiClient, LONGEST)} wants to call ${plainText(tool, LONGEST)}`;

/** The same, with where. */
export const approvalLine = (approval: ApprovalView, { servers }: Snapshot): string =>
  `${approvalTitle(approval)} at ${approvalPlace(approval, servers)}`;
