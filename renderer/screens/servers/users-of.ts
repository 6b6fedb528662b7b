/** Which servers sign in with an identity provider. */
import type { ServerView } from '../../../shared/contract/snapshot.ts';

export const usersOf = ({ id }: ServerView, servers: readonly ServerView[]): string[] =>
  servers
    .filter(({ signIn }) => signIn?.kind === 'enterprise' && signIn.identityProvider === id)
    .map(({ title }) => title);
