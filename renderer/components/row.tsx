/** A setting on a line of a card: what it is, what it comes to, and what changes it. */
import { type ReactNode, useId } from 'react';
import type { Problem } from '../../shared/contract/problems.ts';
import { ProblemNote } from './note.tsx';

export const Rows = ({ children }: { readonly children: ReactNode }) => (
  <div className="card rows">{children}</div>
);

interface RowProps {
  readonly label: string;
  /** What it comes to. */
  readonly value?: ReactNode;
  readonly help?: ReactNode;
  readonly control?: ReactNode;
  /** Below, as wide as the card. */
  readonly children?: ReactNode;
}

export const Row = ({ label, value, help, control, children }: RowProps) => {
  const id = useId();
  return (
    <div className="row" role="group" aria-labelledby={id}>
      <div className="row-text">
        <p className="row-label" id={id}>
          {label}
        </p>
        {value !== undefined && <div className="row-value">{value}</div>}
        {help !== undefined && help !== '' && help !== false && (
          <p className="row-help muted">{help}</p>
        )}
      </div>
      {control !== undefined && control !== false && <div className="row-control">{control}</div>}
      {children}
    </div>
  );
};

interface SwitchRowProps {
  readonly label: string;
  readonly help?: string;
  readonly checked: boolean;
  readonly problem?: Problem | undefined;
  /** It belongs to the row above. */
  readonly under?: boolean;
  readonly onChange: (wanted: boolean) => void;
}

export const SwitchRow = (props: SwitchRowProps) => {
  const { label, help, checked, problem, under = false, onChange } = props;
  const id = useId();
  const helpId = `${id}help`;
  return (
    <div className={under ? 'row row-under' : 'row'}>
      <div className="row-text">
        <label className="row-label" htmlFor={id}>
          {label}
        </label>
        {help !== undefined && (
          <p className="row-help muted" id={helpId}>
            {help}
          </p>
        )}
      </div>
      <div className="row-control">
        <input
          id={id}
          className="switch"
          type="checkbox"
          role="switch"
          checked={checked}
          aria-checked={checked}
          aria-describedby={help === undefined ? undefined : helpId}
          onChange={({ currentTarget }) => onChange(currentTarget.checked)}
        />
      </div>
      {problem !== undefined && <ProblemNote problem={problem} urgent />}
    </div>
  );
};
