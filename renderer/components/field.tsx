/** A labelled field with its help, or with what is wrong with it. */
import { type ReactNode, useId } from 'react';
import { strings } from '../strings.ts';
import { Icon } from './icon.tsx';

/** What the field itself has to carry for readers to find its label and help. */
export interface FieldProps {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean;
}

interface Props {
  /** With what came from elsewhere kept apart in it; so is `help`. */
  readonly label: ReactNode;
  readonly optional?: boolean;
  readonly help?: ReactNode;
  readonly problem?: string | undefined;
  readonly children: (props: FieldProps) => ReactNode;
}

export const Field = ({ label, optional = false, help, problem, children }: Props) => {
  const id = useId();
  const helpId = `${id}help`;
  const described = help !== undefined || problem !== undefined;
  return (
    <div className="field">
      <label htmlFor={id}>
        {label}
        {optional && <span className="optional"> {strings.optional}</span>}
      </label>
      {children({
        id,
        'aria-describedby': described ? helpId : undefined,
        'aria-invalid': problem !== undefined,
      })}
      {described && (
        <p className={problem === undefined ? 'help muted' : 'help wrong'} id={helpId}>
          {problem !== undefined && <Icon name="attention" />}
          <span>{problem ?? help}</span>
        </p>
      )}
    </div>
  );
};

/** For text that a machine reads: nothing in it may be mended on the way. */
export const verbatim = {
  autoComplete: 'off',
  autoCapitalize: 'none',
  spellCheck: false,
} as const;
