/** Any number of headers, each with its value from wherever that comes. */
import { useEffect, useId, useRef } from 'react';
import { Button } from '../../components/button.tsx';
import { Field, verbatim } from '../../components/field.tsx';
import { Icon } from '../../components/icon.tsx';
import { credentialStrings } from '../../strings/credential.ts';
import { strings } from '../../strings.ts';
import { headerKey } from './draft.ts';
import { toBeTyped } from './secret-draft.ts';
import { SecretField } from './secret-field.tsx';
import { type Faults, nameOf } from './source-in.ts';
import type { Credential } from './use-credential.ts';

interface HeaderRowsProps {
  readonly credential: Credential;
  readonly faults: Faults;
}

export const HeaderRows = ({ credential, faults }: HeaderRowsProps) => {
  const { draft, names, proposed, change } = credential;
  const { headers, secrets } = draft;
  const words = credentialStrings.headers;
  const id = useId();
  const rows = useRef<HTMLFieldSetElement>(null);
  const add = useRef<HTMLButtonElement>(null);
  const before = useRef(headers.length);
  useEffect(() => {
    const names = rows.current?.querySelectorAll<HTMLElement>('.header-name');
    if (headers.length > before.current) names?.item(names.length - 1).focus();
    // The row that had the focus is gone.
    if (headers.length < before.current) add.current?.focus();
    before.current = headers.length;
  }, [headers.length]);
  const fault = faults.get('headers');
  return (
    <fieldset ref={rows} className="field" aria-describedby={`${id}help`}>
      <legend className="unseen">{words.legend}</legend>
      {headers.map(({ row, name }, at) => {
        const key = headerKey(row);
        return (
          <div key={row} className="header-row" role="group" aria-label={words.nth(at)}>
            <Field label={words.name} problem={faults.get(nameOf(key))}>
              {(field) => (
                <input
                  {...field}
                  {...verbatim}
                  className="input code-input header-name"
                  type="text"
                  maxLength={100}
                  placeholder="X-Api-Key"
                  aria-invalid={field['aria-invalid'] || fault !== undefined}
                  value={name}
                  onChange={({ target: { value } }) =>
                    change({
                      headers: headers.map((each) =>
                        each.row === row ? { row, name: value } : each,
                      ),
                    })
                  }
                />
              )}
            </Field>
            <SecretField
              name={key}
              label={words.value}
              secret={secrets[key] ?? toBeTyped}
              fault={faults.get(key)}
              names={names}
              proposed={proposed(key)}
              onChange={(secret) => change({ secrets: { ...secrets, [key]: secret } })}
            />
            {headers.length > 1 && (
              <Button
                kind="icon"
                label={strings.deedFor(words.remove, words.nth(at))}
                tip={words.remove}
                onPress={() => change({ headers: headers.filter((each) => each.row !== row) })}
              >
                <Icon name="remove" />
              </Button>
            )}
          </div>
        );
      })}
      <p className={fault === undefined ? 'help muted' : 'help wrong'} id={`${id}help`}>
        {fault !== undefined && <Icon name="attention" />}
        <span>{fault ?? words.help}</span>
      </p>
      <div className="buttons">
        <Button
          ref={add}
          kind="link"
          onPress={() =>
            change({ headers: [...headers, { row: (headers.at(-1)?.row ?? 0) + 1, name: '' }] })
          }
        >
          {words.add}
        </Button>
      </div>
    </fieldset>
  );
};
