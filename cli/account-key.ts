/** Which account of a server a command is about. */
import type { ControlClient } from '../shared/contract/client.ts';
import { type AccountKey, DEFAULT_ACCOUNT } from '../shared/contract/ids.ts';

/** The account named with `--account`, else the server's default one. A server that is not there has none: the broker says so. */
export const accountKey = async (
  client: Pick<ControlClient, 'snapshot'>,
  server: string,
  named: string | undefined,
): Promise<AccountKey> => {
  if (named !== undefined) return { server, account: named };
  const { servers } = await client.snapshot();
  const found = servers.find(({ id }) => id === server);
  return { server, account: found?.defaultAccount ?? DEFAULT_ACCOUNT };
};
