/** Beside a problem that a server's own habit makes: to allow it that habit, after reading what it costs. */
import { useState } from 'react';
import type { Problem } from '../../../shared/contract/problems.ts';
import {
  type SignInException,
  signInExceptions,
} from '../../../shared/contract/sign-in-settings.ts';
import { OffButton } from '../../components/off-button.tsx';
import { Question } from '../../components/question.tsx';
import { useFocusBack } from '../../state/use-focus-back.ts';
import { strings } from '../../strings.ts';
import { shortName } from '../../words.ts';

interface AllowExceptionProps {
  readonly exception: SignInException;
  readonly title: string;
  readonly yes: string;
  readonly busy: boolean;
  readonly problem: Problem | undefined;
  readonly onAllow: () => void;
}

export const AllowException = (props: AllowExceptionProps) => {
  const { exception, title, yes, busy, problem, onAllow } = props;
  const [asking, setAsking] = useState(false);
  const button = useFocusBack(asking);
  const words = strings.exceptions;
  if (!asking) {
    return (
      <OffButton
        feature="sign-in-exceptions"
        ref={button}
        label={strings.deedFor(words.offer, shortName(title))}
        onPress={() => setAsking(true)}
      >
        {words.offer}
      </OffButton>
    );
  }
  const { breaks, risk } = signInExceptions[exception];
  return (
    <Question
      title={words.question}
      yes={yes}
      no={words.refuse}
      busy={busy}
      problem={problem}
      onYes={onAllow}
      onNo={() => setAsking(false)}
    >
      <p>{words.it(breaks)}</p>
      <p className="muted">{words.cost(risk)}</p>
    </Question>
  );
};
