/** Where the address is typed, with what is wrong with it beneath. */
import { type RefObject, useId } from 'react';
import type { Problem } from '../../../shared/contract/problems.ts';
import { Button } from '../../components/button.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { strings } from '../../strings.ts';

interface AddressFormProps {
  readonly input: RefObject<HTMLInputElement | null>;
  readonly url: string;
  readonly onChange: (url: string) => void;
  readonly busy: 'checking' | 'adding' | undefined;
  readonly problem: Problem | undefined;
  /** What was found is shown below and brings its own buttons. */
  readonly checked: boolean;
  readonly onCheck: () => void;
}

export const AddressForm = (props: AddressFormProps) => {
  const { input, url, onChange, busy, problem, checked, onCheck } = props;
  const inputId = useId();
  const helpId = useId();
  const problemId = useId();
  const { label, placeholder, help, check, checking } = strings.add;
  const blank = url.trim() === '';
  return (
    <form
      className="address"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (busy === undefined && !blank) onCheck();
      }}
    >
      <label htmlFor={inputId}>{label}</label>
      <div className="address-line">
        <input
          ref={input}
          id={inputId}
          className="input"
          type="text"
          inputMode="url"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={4096}
          placeholder={placeholder}
          value={url}
          // An answer about one address must not end up beneath another.
          readOnly={busy !== undefined}
          aria-invalid={problem !== undefined}
          aria-describedby={problem === undefined ? helpId : problemId}
          onChange={(event) => onChange(event.target.value)}
        />
        <Button
          type="submit"
          kind={checked ? 'plain' : 'primary'}
          busy={busy !== undefined || blank}
        >
          {busy === 'checking' ? checking : check}
        </Button>
      </div>
      {problem === undefined ? (
        <p className="muted help" id={helpId}>
          {help}
        </p>
      ) : (
        <ProblemNote problem={problem} id={problemId} urgent />
      )}
    </form>
  );
};
