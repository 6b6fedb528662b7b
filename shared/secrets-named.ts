/** Which secrets of the vault does a server name? Those of all that is settled for it, wherever they stand there. */
import { vaultNamesIn } from './contract/references.ts';
import type { ServerView } from './contract/snapshot.ts';

interface Settled extends Pick<ServerView, 'source' | 'command' | 'clientCertificate'> {
  readonly signIn?: Pick<NonNullable<ServerView['signIn']>, 'clientSecretFrom'> | undefined;
}

/** Their names, each once. */
export const secretsNamedBy = ({
  source,
  command,
  signIn,
  clientCertificate,
}: Settled): readonly string[] =>
  vaultNamesIn([source, command?.env, signIn?.clientSecretFrom, clientCertificate]);
