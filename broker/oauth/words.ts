/** What is said in more than one place of a sign-in. */
import { type Problem, ProblemError } from '../../shared/contract/problems.ts';
import type { ServerMetadata } from './metadata.ts';

/** What a person has to ask for where Drawbridge cannot register by itself. */
export const askOperator = (redirectUri: string | undefined): string =>
  redirectUri === undefined
    ? 'ask the operator for a client id, then give it in the settings of this server'
    : `ask the operator for a client id with the redirect ${redirectUri}, then give both in the settings of this server`;

/** What a person's cancelling amounts to. */
export const cancelled = (): ProblemError =>
  new ProblemError('sign-in-cancelled', 'the sign-in was cancelled');

/** The server wants to be shown the ID token, and there is none. */
export const noIdToken = ({ issuer }: Pick<ServerMetadata, 'issuer'>): Problem => ({
  code: 'no-id-token',
  message: `${new URL(issuer).host} gave no ID token, which this server wants to see`,
  hint: 'sign in again where it gives one only then; else take the exception id-token-as-bearer back',
});
