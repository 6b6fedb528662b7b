/** Where a passphrase is typed. What it holds is in the page only: read when it is needed, and cleared then. */
import type { ReactNode, Ref } from 'react';
import { MOST_OF_PASSPHRASE } from '../../shared/contract/passphrase.ts';
import { Field, verbatim } from './field.tsx';

interface PassphraseFieldProps {
  readonly label: string;
  readonly problem?: string | undefined;
  /** One that is made up now, and not the one that is known. */
  readonly isNew?: boolean;
  readonly ref: Ref<HTMLInputElement>;
  readonly onTyped: () => void;
  /** What stands beside it. */
  readonly children?: ReactNode;
}

export const PassphraseField = (props: PassphraseFieldProps) => {
  const { label, problem, isNew = false, ref, onTyped, children } = props;
  return (
    <Field label={label} problem={problem}>
      {(field) => (
        <div className="with-button">
          {/* No `value`, which React would write into the page as an attribute. */}
          <input
            {...field}
            {...verbatim}
            ref={ref}
            className="input"
            type="password"
            autoComplete={isNew ? 'new-password' : 'off'}
            maxLength={MOST_OF_PASSPHRASE}
            onChange={onTyped}
          />
          {children}
        </div>
      )}
    </Field>
  );
};

/** What was typed; nothing is left of it in the field. */
export const taken = (box: HTMLInputElement | null): string => {
  const passphrase = box?.value ?? '';
  if (box !== null) box.value = '';
  return passphrase;
};
