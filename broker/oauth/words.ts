/** What is said in more than one place of a sign-in. */
import { ProblemError } from '../../shared/contract/problems.ts';

/** What a person has to ask for where Drawbridge cannot register by itself. */
export const askOperator = (redirectUri: string | undefined): string =>
  redirectUri === undefined
    ? 'ask the operator for a client id, then give it in the settings of this server'
    : `ask the operator for a client id with the redirect ${redirectUri}, then give both in the settings of this server`;

/** What a person's cancelling amounts to. */
export const cancelled = (): ProblemError =>
  new ProblemError('sign-in-cancelled', 'the sign-in was cancelled');
