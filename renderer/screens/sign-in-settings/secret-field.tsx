/** A secret: typed in once, then only known to be there. */
import { useEffect, useRef, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Field, verbatim } from '../../components/field.tsx';
import { settingsStrings } from '../../strings/sign-in-settings.ts';
import { strings } from '../../strings.ts';
import type { SecretDraft } from './draft.ts';

interface SecretFieldProps {
  readonly label: string;
  readonly help?: string;
  readonly problem?: string | undefined;
  /** As it was when the form was opened. */
  readonly before: SecretDraft;
  readonly value: SecretDraft;
  /** More than a line long. */
  readonly long?: boolean;
  readonly onChange: (value: SecretDraft) => void;
}

const MOST = { line: 2_000, long: 20_000 };

export const SecretField = (props: SecretFieldProps) => {
  const { label, help, problem, before, value, long = false, onChange } = props;
  const [replacing, setReplacing] = useState(false);
  const box = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const first = useRef<HTMLButtonElement>(null);
  const [acted, setActed] = useState(0);
  // Each press takes away the button that was pressed.
  useEffect(() => {
    if (acted > 0) (box.current ?? first.current)?.focus();
  }, [acted]);

  const to = (next: SecretDraft, isReplacing: boolean): void => {
    onChange(next);
    setReplacing(isReplacing);
    setActed((count) => count + 1);
  };
  const words = settingsStrings.secret;
  const name = (deed: string): string => strings.deedFor(deed, label);
  if (before === 'kept' && !replacing) {
    const stays = value === 'kept';
    return (
      <div className="field" role="group" aria-label={label}>
        <span className="field-label">{label}</span>
        <div className="kept">
          <span className="muted">{stays ? words.kept : words.goes}</span>
          {stays ? (
            <span className="buttons">
              <Button
                ref={first}
                label={name(words.replace)}
                onPress={() => to({ typed: '' }, true)}
              >
                {words.replace}
              </Button>
              <Button label={name(words.remove)} onPress={() => to({ typed: '' }, false)}>
                {words.remove}
              </Button>
            </span>
          ) : (
            <Button ref={first} label={name(words.keep)} onPress={() => to('kept', false)}>
              {words.keep}
            </Button>
          )}
        </div>
      </div>
    );
  }
  const typed = value === 'kept' ? '' : value.typed;
  return (
    <Field label={label} optional help={help} problem={problem}>
      {(field) => (
        <div className="with-button">
          {long ? (
            <textarea
              {...field}
              {...verbatim}
              ref={box}
              className="input code-input"
              rows={4}
              maxLength={MOST.long}
              value={typed}
              onChange={(event) => onChange({ typed: event.target.value })}
            />
          ) : (
            <input
              {...field}
              {...verbatim}
              ref={box}
              className="input"
              type="password"
              // Not `off`, which browsers take for leave to offer a password of their own.
              autoComplete="new-password"
              maxLength={MOST.line}
              value={typed}
              onChange={(event) => onChange({ typed: event.target.value })}
            />
          )}
          {replacing && (
            <Button label={name(words.keepOld)} onPress={() => to('kept', false)}>
              {words.keepOld}
            </Button>
          )}
        </div>
      )}
    </Field>
  );
};
