/** What a person can do at once about a problem of an account. */
import type { AccountKey } from '../../../shared/contract/ids.ts';
import { isOfVault, type Problem, type ProblemCode } from '../../../shared/contract/problems.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { Button } from '../../components/button.tsx';
import { pageOpens, signInWith } from '../../sign-in.ts';
import { useAction } from '../../state/use-action.ts';
import { useFromSnapshot } from '../../state/use-snapshot.ts';
import { strings } from '../../strings.ts';
import { shortName } from '../../words.ts';
import { GiveSecrets } from '../local/give-secrets.tsx';
import { TryAgain } from '../local/try-again.tsx';
import { AllowException } from './allow-exception.tsx';

/** The problems that the settings of the server can mend, and how the way there is called. */
const remedies: Readonly<Partial<Record<ProblemCode, string>>> = {
  'registration-unavailable': strings.remedy.clientId,
  'registration-refused': strings.remedy.clientId,
  'redirect-unwelcome': strings.remedy.settings,
  'client-key-unusable': strings.remedy.settings,
  'identity-provider': strings.remedy.settings,
};

/** A credential can be wrong in any way but that the network or the vault is away. */
const ofSource = (code: ProblemCode): string | undefined =>
  passing.has(code) || isOfVault(code) ? undefined : strings.servers.credential;
const passing: ReadonlySet<ProblemCode> = new Set(['offline', 'retrying']);

/** The problems of a program that a person may have mended by now. */
const ofProgram: ReadonlySet<ProblemCode> = new Set(['program-failed', 'program-unavailable']);

export interface RemediesProps {
  readonly server: ServerView;
  readonly account: AccountKey;
  readonly problem: Problem;
  readonly onSettings?: (() => void) | undefined;
}

export const Remedies = ({ server, account, problem, onSettings }: RemediesProps) => {
  const noBrowser = useFromSnapshot((snapshot) => snapshot.noBrowser);
  const allowing = useAction(signInWith);
  const remedy = server.source === undefined ? remedies[problem.code] : ofSource(problem.code);
  const { exception } = problem;
  const allowed = server.signIn?.exceptions ?? [];
  return (
    <>
      {problem.code === 'secret-missing' && <GiveSecrets server={server} />}
      {ofProgram.has(problem.code) && <TryAgain server={server.id} />}
      {exception !== undefined && !allowed.includes(exception) ? (
        <AllowException
          exception={exception}
          title={server.title}
          yes={strings.exceptions.allow}
          busy={allowing.busy}
          problem={allowing.problem}
          onAllow={() =>
            void allowing.run(
              account,
              { set: { exceptions: [...allowed, exception] } },
              pageOpens({ noBrowser }, server.signIn?.kind),
            )
          }
        />
      ) : (
        remedy !== undefined &&
        onSettings !== undefined && (
          <Button label={strings.deedFor(remedy, shortName(server.title))} onPress={onSettings}>
            {remedy}
          </Button>
        )
      )}
    </>
  );
};
