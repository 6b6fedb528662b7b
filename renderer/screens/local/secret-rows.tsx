/** The secrets of a program: any number of variables, each with a value that nobody sees. */
import { useEffect, useId, useRef } from 'react';
import { Button } from '../../components/button.tsx';
import { verbatim } from '../../components/field.tsx';
import { Icon } from '../../components/icon.tsx';
import { strings } from '../../strings.ts';
import type { SecretDraft } from './draft.ts';

interface SecretRowsProps {
  readonly secrets: readonly SecretDraft[];
  readonly wrong: boolean;
  readonly onChange: (secrets: readonly SecretDraft[]) => void;
}

export const SecretRows = ({ secrets, wrong, onChange }: SecretRowsProps) => {
  const words = strings.local.secrets;
  const id = useId();
  const last = useRef<HTMLInputElement>(null);
  const add = useRef<HTMLButtonElement>(null);
  const before = useRef(secrets.length);
  useEffect(() => {
    if (secrets.length > before.current) last.current?.focus();
    // The row that had the focus is gone.
    if (secrets.length < before.current) add.current?.focus();
    before.current = secrets.length;
  }, [secrets.length]);
  const change = (row: number, changed: Partial<SecretDraft>): void =>
    onChange(secrets.map((each) => (each.row === row ? { ...each, ...changed } : each)));
  return (
    <fieldset className="field" aria-describedby={`${id}help`}>
      <legend>
        {words.legend}
        <span className="optional"> {strings.optional}</span>
      </legend>
      {secrets.map(({ row, name, value }, at) => (
        <div key={row} className="secret-row" role="group" aria-label={words.nth(at)}>
          <label htmlFor={`${id}${row}name`}>{words.name}</label>
          <input
            {...verbatim}
            ref={at === secrets.length - 1 ? last : null}
            id={`${id}${row}name`}
            className="input code-input"
            type="text"
            maxLength={200}
            placeholder="API_KEY"
            aria-invalid={wrong}
            value={name}
            onChange={(event) => change(row, { name: event.target.value })}
          />
          <label htmlFor={`${id}${row}value`}>{words.value}</label>
          <input
            {...verbatim}
            id={`${id}${row}value`}
            className="input"
            type="password"
            // Not `off`, which browsers take for leave to offer a password of their own.
            autoComplete="new-password"
            maxLength={32_768}
            aria-invalid={wrong}
            value={value}
            onChange={(event) => change(row, { value: event.target.value })}
          />
          <Button
            kind="icon"
            label={strings.deedFor(words.remove, words.nth(at))}
            tip={words.remove}
            onPress={() => onChange(secrets.filter((each) => each.row !== row))}
          >
            <Icon name="remove" />
          </Button>
        </div>
      ))}
      <p className={wrong ? 'help wrong' : 'help muted'} id={`${id}help`}>
        {wrong && <Icon name="attention" />}
        <span>{wrong ? words.wrong : words.help}</span>
      </p>
      <div className="buttons">
        <Button
          ref={add}
          onPress={() =>
            onChange([...secrets, { row: (secrets.at(-1)?.row ?? 0) + 1, name: '', value: '' }])
          }
        >
          <Icon name="add" />
          {words.add}
        </Button>
      </div>
    </fieldset>
  );
};
