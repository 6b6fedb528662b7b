/** Asks once more, in place, with the focus on the harmless answer. */
import { type ReactNode, useEffect, useId, useRef } from 'react';
import type { Problem } from '../../shared/contract/problems.ts';
import { Button } from './button.tsx';
import { ProblemNote } from './note.tsx';

interface QuestionProps {
  readonly title: ReactNode;
  readonly children: ReactNode;
  readonly yes: string;
  readonly no: string;
  readonly danger?: boolean;
  readonly busy: boolean;
  readonly problem: Problem | undefined;
  /** Absent where there is no saying yes. */
  readonly onYes: (() => void) | undefined;
  readonly onNo: () => void;
}

export const Question = (props: QuestionProps) => {
  const { title, children, yes, no, danger = false, busy, problem, onYes, onNo } = props;
  const harmless = useRef<HTMLButtonElement>(null);
  useEffect(() => harmless.current?.focus(), []);
  const describe = useId();
  return (
    <div
      className="question"
      role="group"
      aria-labelledby={describe}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onNo();
      }}
    >
      <div className="question-text" id={describe}>
        <p className="question-title">{title}</p>
        {children}
      </div>
      <div className="buttons">
        {onYes !== undefined && (
          <Button kind={danger ? 'danger' : 'plain'} busy={busy} onPress={onYes}>
            {yes}
          </Button>
        )}
        <Button ref={harmless} onPress={onNo}>
          {no}
        </Button>
      </div>
      {problem !== undefined && <ProblemNote problem={problem} urgent />}
    </div>
  );
};
