/** A boxed message: something went wrong, or something to know. */
import type { ReactNode } from 'react';
import type { Problem } from '../../shared/contract/problems.ts';
import { clip, sentence } from '../words.ts';
import { Icon } from './icon.tsx';

interface NoteProps {
  readonly tone: 'problem' | 'info';
  readonly children: ReactNode;
  /** Said aloud at once: for what the person has just caused. */
  readonly urgent?: boolean;
  readonly id?: string;
}

export const Note = ({ tone, children, urgent = false, id }: NoteProps) => (
  <div className={`note note-${tone}`} role={urgent ? 'alert' : undefined} id={id}>
    <span className="note-mark">
      <Icon name={tone === 'problem' ? 'attention' : 'info'} />
    </span>
    <div className="note-text">{children}</div>
  </div>
);

/** Messages may quote a server, so they are cut and kept apart like any foreign text. */
const MOST = 400;

interface ProblemNoteProps {
  readonly problem: Problem;
  readonly tone?: 'problem' | 'info';
  readonly urgent?: boolean;
  readonly id?: string;
  /** What can be done about it at once. */
  readonly children?: ReactNode;
}

export const ProblemNote = ({ problem, tone = 'problem', children, ...rest }: ProblemNoteProps) => (
  <Note tone={tone} {...rest}>
    <p className="note-message" dir="auto">
      {sentence(clip(problem.message, MOST))}
    </p>
    {problem.hint !== undefined && (
      <p className="note-hint" dir="auto">
        {sentence(clip(problem.hint, MOST))}
      </p>
    )}
    {children}
  </Note>
);
