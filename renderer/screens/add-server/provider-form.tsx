/** A company's identity provider: where it is, and the client it knows Drawbridge by. */
import { useEffect, useRef, useState } from 'react';
import type { Problem } from '../../../shared/contract/problems.ts';
import type { AddIdentityProvider } from '../../../shared/contract/routes.ts';
import { Button } from '../../components/button.tsx';
import { Field, verbatim } from '../../components/field.tsx';
import { focusFirstWrong } from '../../components/focus-first-wrong.ts';
import { ProblemNote } from '../../components/note.tsx';
import { strings } from '../../strings.ts';
import { AllowException } from '../servers/allow-exception.tsx';
import { ClientFields } from '../sign-in-settings/client-fields.tsx';
import { changeIn, type Draft, type DraftField, draftOf } from '../sign-in-settings/draft.ts';

interface ProviderFormProps {
  readonly busy: boolean;
  readonly problem: Problem | undefined;
  readonly onAdd: (wanted: AddIdentityProvider) => void;
  /** What the problem was about has changed. */
  readonly onChange: () => void;
  readonly onCancel?: () => void;
  readonly onServer: () => void;
}

const before = draftOf(undefined);

export const ProviderForm = (props: ProviderFormProps) => {
  const { busy, problem, onAdd, onChange, onCancel, onServer } = props;
  const [issuer, setIssuer] = useState('');
  const [draft, setDraft] = useState<Draft>(before);
  const [wrong, setWrong] = useState<ReadonlySet<DraftField>>(new Set());
  const form = useRef<HTMLFormElement>(null);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const words = strings.add.provider;
  const blank = issuer.trim() === '' || draft.clientId.trim() === '';

  const submit = (allowed: Partial<AddIdentityProvider['signIn']> = {}): void => {
    const made = changeIn(before, draft);
    setWrong('wrong' in made ? made.wrong : new Set());
    if ('wrong' in made) focusFirstWrong(form.current);
    else onAdd({ issuer: issuer.trim(), signIn: { ...made.change.set, ...allowed } });
  };
  return (
    <form
      ref={form}
      className="fields"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy && !blank) submit();
      }}
    >
      <p className="muted">{words.help}</p>
      <Field label={words.label}>
        {(field) => (
          <input
            {...field}
            {...verbatim}
            ref={input}
            className="input"
            type="text"
            inputMode="url"
            maxLength={4096}
            placeholder={words.placeholder}
            value={issuer}
            readOnly={busy}
            onChange={(event) => {
              setIssuer(event.target.value);
              onChange();
            }}
          />
        )}
      </Field>
      <ClientFields
        {...{ before, draft, wrong }}
        onChange={(change) => {
          setDraft((old) => ({ ...old, ...change }));
          setWrong(new Set());
          onChange();
        }}
      />
      {problem !== undefined && (
        <ProblemNote problem={problem} urgent>
          {problem.exception !== undefined && (
            <AllowException
              exception={problem.exception}
              title={issuer}
              yes={strings.exceptions.allowAdding}
              busy={busy}
              problem={undefined}
              onAllow={() => problem.exception && submit({ exceptions: [problem.exception] })}
            />
          )}
        </ProblemNote>
      )}
      <div className="buttons">
        <Button kind="primary" type="submit" busy={busy || blank}>
          {busy ? strings.add.adding : words.add}
        </Button>
        {onCancel !== undefined && <Button onPress={onCancel}>{strings.add.cancel}</Button>}
        <span className="other-way">
          <Button kind="link" onPress={onServer}>
            {words.switchBack}
          </Button>
        </span>
      </div>
    </form>
  );
};
