/** How the vault stands, when there is something to know, and what can be done at once. */
import { type ReactNode, useLayoutEffect, useRef, useState } from 'react';
import type { ControlClient } from '../../shared/contract/client.ts';
import type { Problem, ProblemCode } from '../../shared/contract/problems.ts';
import type { VaultView } from '../../shared/contract/snapshot.ts';
import { type Action, useAction } from '../state/use-action.ts';
import { useFocusBack } from '../state/use-focus-back.ts';
import { strings } from '../strings.ts';
import { sentence } from '../words.ts';
import { Button } from './button.tsx';
import { Note, ProblemNote } from './note.tsx';
import { OpenWithPassphrase } from './open-with-passphrase.tsx';
import { Question } from './question.tsx';

const openVault = (client: ControlClient, acceptOlder: boolean) =>
  client.openVault({ acceptOlder });
type Opening = Action<[acceptOlder: boolean], VaultView>;

interface VaultNoticeProps {
  readonly vault: VaultView;
  /** Called when what had the focus leaves the page because the vault has opened. */
  readonly onGone: () => void;
}

export const VaultNotice = ({ vault, onGone }: VaultNoticeProps) => {
  if (vault.state === 'closed') {
    return (
      <KeepingFocus onGone={onGone}>
        <ClosedVault kind={vault.kind} problem={vault.problem ?? closed} />
      </KeepingFocus>
    );
  }
  return (
    <>
      {vault.kind === 'memory' && (
        <Note tone="info">
          <p className="note-message">{strings.vault.inMemory}</p>
          {vault.problem !== undefined && <p className="note-hint">{wholeText(vault.problem)}</p>}
        </Note>
      )}
      {vault.kind !== 'memory' && vault.problem !== undefined && (
        <ProblemNote problem={vault.problem} />
      )}
    </>
  );
};

const KeepingFocus = ({
  onGone,
  children,
}: {
  readonly onGone: () => void;
  readonly children: ReactNode;
}) => {
  const frame = useRef<HTMLDivElement>(null);
  // A layout effect, because it is taken back while the notice still stands in the page.
  useLayoutEffect(() => {
    const element = frame.current;
    return () => {
      if (element?.contains(document.activeElement)) onGone();
    };
  }, [onGone]);
  return <div ref={frame}>{children}</div>;
};

/** It is being opened: to ask for it once more would change nothing. */
const underWay: ReadonlySet<ProblemCode> = new Set(['vault-opening', 'vault-slow']);

interface ClosedVaultProps {
  readonly kind: VaultView['kind'];
  readonly problem: Problem;
}

const ClosedVault = ({ kind, problem }: ClosedVaultProps) => {
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

const closed: Problem = { code: 'vault-locked', message: strings.vault.closed };

const wholeText = ({ message, hint }: Problem): string =>
  [message, ...(hint === undefined ? [] : [hint])].map(sentence).join(' ');
