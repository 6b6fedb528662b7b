/** A program to be run here: what it is called, how it is started, and the secrets it needs. */
import { useEffect, useRef } from 'react';
import { Button } from '../../components/button.tsx';
import { Disclosure } from '../../components/disclosure.tsx';
import { Field, verbatim } from '../../components/field.tsx';
import { focusFirstWrong } from '../../components/focus-first-wrong.ts';
import { strings } from '../../strings.ts';
import type { Draft, DraftField } from './draft.ts';
import { MoreFields } from './more-fields.tsx';
import { SecretRows } from './secret-rows.tsx';

interface LocalFormProps {
  readonly draft: Draft;
  readonly wrong: ReadonlySet<DraftField>;
  readonly onChange: (change: Partial<Draft>) => void;
  readonly onNext: () => void;
  readonly onCancel?: () => void;
  readonly onServer: () => void;
}

export const LocalForm = ({ draft, wrong, onChange, onNext, ...rest }: LocalFormProps) => {
  const words = strings.local;
  const form = useRef<HTMLFormElement>(null);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);
  useEffect(() => {
    if (wrong.size > 0) focusFirstWrong(form.current);
  }, [wrong]);
  const blank = draft.title.trim() === '' || draft.command.trim() === '';
  return (
    <form
      ref={form}
      className="fields"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!blank) onNext();
      }}
    >
      <p className="muted">{words.help}</p>
      <Field label={words.name}>
        {(field) => (
          <input
            {...field}
            ref={first}
            className="input"
            type="text"
            autoComplete="off"
            maxLength={100}
            value={draft.title}
            onChange={(event) => onChange({ title: event.target.value })}
          />
        )}
      </Field>
      <Field
        label={words.command.label}
        help={words.command.help}
        problem={wrong.has('command') ? words.command.wrong : undefined}
      >
        {(field) => (
          <textarea
            {...field}
            {...verbatim}
            className="input code-input"
            rows={2}
            placeholder={words.command.placeholder}
            value={draft.command}
            onChange={(event) => onChange({ command: event.target.value })}
          />
        )}
      </Field>
      <SecretRows
        secrets={draft.secrets}
        wrong={wrong.has('secrets')}
        onChange={(secrets) => onChange({ secrets })}
      />
      <Disclosure
        words={words.more}
        inUse={wrong.has('env') || wrong.has('folder') || isUsed(draft)}
      >
        <MoreFields draft={draft} wrong={wrong} onChange={onChange} />
      </Disclosure>
      <div className="buttons">
        <Button kind="primary" type="submit" busy={blank}>
          {words.next}
        </Button>
        {rest.onCancel !== undefined && <Button onPress={rest.onCancel}>{words.cancel}</Button>}
        <span className="other-way">
          <Button kind="link" onPress={rest.onServer}>
            {words.switchBack}
          </Button>
        </span>
      </div>
    </form>
  );
};

const isUsed = ({ env, folder, processes }: Draft): boolean =>
  env !== '' || folder !== '' || processes !== 'own';
