/** What can be done at once about a vault that is closed. */
import { useState } from 'react';
import type { ControlClient } from '../../shared/contract/client.ts';
import type { Problem, ProblemCode } from '../../shared/contract/problems.ts';
import type { VaultView } from '../../shared/contract/snapshot.ts';
import { type Action, useAction } from '../state/use-action.ts';
import { useFocusBack } from '../state/use-focus-back.ts';
import { strings } from '../strings.ts';
import { Button } from './button.tsx';
import { Note, ProblemNote } from './note.tsx';
import { OpenWithPassphrase } from './open-with-passphrase.tsx';
import { Question } from './question.tsx';

const openVault = (client: ControlClient, acceptOlder: boolean) =>
  client.openVault({ acceptOlder });
type Opening = Action<[acceptOlder: boolean], VaultView>;

/** It is being opened: to ask for it once more would change nothing. */
const underWay: ReadonlySet<ProblemCode> = new Set(['vault-opening', 'vault-slow']);

export interface ClosedVaultProps {
  readonly kind: VaultView['kind'];
  readonly problem: Problem;
}

export const ClosedVault = ({ kind, problem }: ClosedVaultProps) => {
  const opening = useAction(openVault, problem.message);
  if (problem.code === 'vault-opening') {
    return (
      <Note tone="info">
        <p className="note-message">{strings.vault.opening}</p>
      </Note>
    );
  }
  if (kind === 'passphrase' && problem.code === 'vault-wrong-key') {
    return (
      <ProblemNote problem={strings.vault.passphrase.asked}>
        <OpenWithPassphrase />
      </ProblemNote>
    );
  }
  // The same again is no news; anything else, such as a broker that does not answer, is.
  const other = opening.problem?.code === problem.code ? undefined : opening.problem;
  return (
    <ProblemNote problem={problem}>
      {problem.code === 'vault-rolled-back' ? (
        <OlderFile opening={opening} problem={other} />
      ) : (
        !underWay.has(problem.code) && (
          <Button busy={opening.busy} onPress={() => void opening.run(false)}>
            {strings.vault.tryAgain}
          </Button>
        )
      )}
      {problem.code !== 'vault-rolled-back' && other !== undefined && (
        <ProblemNote problem={other} urgent />
      )}
    </ProblemNote>
  );
};

interface OlderFileProps {
  readonly opening: Opening;
  readonly problem: Problem | undefined;
}

const OlderFile = ({ opening, problem }: OlderFileProps) => {
  const [asking, setAsking] = useState(false);
  const button = useFocusBack(asking);
  const words = strings.vault.older;
  if (!asking) {
    return (
      <div className="buttons">
        <Button busy={opening.busy} onPress={() => void opening.run(false)}>
          {strings.vault.tryAgain}
        </Button>
        <Button ref={button} onPress={() => setAsking(true)}>
          {words.button}
        </Button>
      </div>
    );
  }
  return (
    <Question
      title={words.question}
      yes={words.confirm}
      no={words.refuse}
      danger
      busy={opening.busy}
      problem={problem}
      onYes={() => void opening.run(true)}
      onNo={() => setAsking(false)}
    >
      <p className="muted">{words.consequence}</p>
    </Question>
  );
};
