/** The fields of one kind of credential, as its row in the table has them. */
import { Disclosure } from '../../components/disclosure.tsx';
import { Field, verbatim } from '../../components/field.tsx';
import { credentialStrings } from '../../strings/credential.ts';
import { isWays, secretOf, wayOf } from './draft.ts';
import { HeaderRows } from './header-rows.tsx';
import { credentialKinds } from './kinds.ts';
import type { FieldRow, WaysRow } from './rows.ts';
import { SecretField } from './secret-field.tsx';
import type { Faults } from './source-in.ts';
import type { Credential } from './use-credential.ts';

interface CredentialFieldsProps {
  readonly credential: Credential;
  readonly faults: Faults;
}

export const CredentialFields = (props: CredentialFieldsProps) => {
  const { draft } = props.credential;
  const { rows } = credentialKinds[draft.kind];
  const more = rows.flatMap((row) => (!isWays(row) && row.more === true ? row : []));
  const inUse = more.some(({ name }) => (draft.texts[name] ?? '') !== '');
  return (
    <>
      {rows.map((row) =>
        isWays(row) ? (
          <WaysField key={row.name} {...props} row={row} />
        ) : (
          row.more !== true && <OneField key={row.name} {...props} row={row} />
        ),
      )}
      {more.length > 0 && (
        <div className="fields-more">
          <Disclosure words={credentialStrings.more} inUse={inUse}>
            {more.map((row) => (
              <OneField key={row.name} {...props} row={row} />
            ))}
          </Disclosure>
        </div>
      )}
    </>
  );
};

const WaysField = ({ row, ...props }: CredentialFieldsProps & { readonly row: WaysRow }) => {
  const { draft, change } = props.credential;
  return (
    <>
      <Field label={row.label}>
        {(field) => (
          <select
            {...field}
            className="input"
            value={draft.ways[row.name] ?? 0}
            onChange={({ target: { value } }) =>
              change({ ways: { ...draft.ways, [row.name]: Number(value) } })
            }
          >
            {row.ways.map(({ title }, at) => (
              <option key={title} value={at}>
                {title}
              </option>
            ))}
          </select>
        )}
      </Field>
      {wayOf(row, draft).fields.map((each) => (
        <OneField key={each.name} {...props} row={each} />
      ))}
    </>
  );
};

type OneFieldProps = CredentialFieldsProps & { readonly row: FieldRow };

const OneField = ({ credential, faults, row }: OneFieldProps) => {
  const { draft, names, proposed, change } = credential;
  if (row.is === 'headers') return <HeaderRows credential={credential} faults={faults} />;
  if (row.is !== 'secret' && row.is !== 'value')
    return <PlainField {...{ credential, faults, row }} />;
  return (
    <SecretField
      {...row}
      secret={secretOf(draft, row)}
      fault={faults.get(row.name)}
      names={names}
      proposed={proposed(row.name)}
      onChange={(secret) => change({ secrets: { ...draft.secrets, [row.name]: secret } })}
    />
  );
};

const PlainField = ({ credential: { draft, change }, faults, row }: OneFieldProps) => {
  const { name, is, label, hint, placeholder, optional = false, usual, choices } = row;
  const onChange = ({ target: { value } }: { readonly target: { readonly value: string } }): void =>
    change({ texts: { ...draft.texts, [name]: value } });
  return (
    <Field label={label} optional={optional} help={hint} problem={faults.get(name)}>
      {(field) => {
        const all = { ...field, ...verbatim, onChange, value: draft.texts[name] ?? '' };
        if (choices !== undefined) {
          return (
            <select {...all} className="input" value={draft.texts[name] ?? choices[0]}>
              {choices.map((choice) => (
                <option key={choice}>{choice}</option>
              ))}
            </select>
          );
        }
        const written = { ...all, placeholder: placeholder ?? usual };
        return is === 'json' || is === 'command' ? (
          <textarea {...written} className="input code-input" rows={is === 'json' ? 4 : 2} />
        ) : (
          <input
            {...written}
            className="input"
            type="text"
            inputMode={is === 'number' ? 'numeric' : undefined}
            maxLength={4096}
          />
        );
      }}
    </Field>
  );
};
