/** Where a secret comes from: typed in now and kept in the vault, there already, in a file, or in a variable. */
import { useEffect, useRef, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Field, type FieldProps, verbatim } from '../../components/field.tsx';
import { credentialStrings } from '../../strings/credential.ts';
import { strings } from '../../strings.ts';
import type { SecretDraft } from './secret-draft.ts';
import { typedField } from './typed.ts';

interface SecretFieldProps {
  readonly name: string;
  readonly label: string;
  readonly hint?: string | undefined;
  readonly optional?: boolean | undefined;
  readonly long?: boolean | undefined;
  /** It is not typed in here: only where it stands is said. */
  readonly isNamedOnly?: boolean;
  /** What the path of its file looks like. */
  readonly path?: string;
  readonly secret: SecretDraft;
  readonly fault: string | undefined;
  /** What is in the vault. */
  readonly names: readonly string[] | undefined;
  /** The name that what is typed gets. */
  readonly proposed: string;
  readonly onChange: (secret: SecretDraft) => void;
}

const words = credentialStrings.secret;
const IN_VAULT = 'vault:';

export const SecretField = (props: SecretFieldProps) => {
  const { label, hint, optional = false, isNamedOnly = false, secret, onChange } = props;
  const { way, text } = secret;
  const help = way === 'file' || way === 'env' || way === 'written' ? words.help[way] : hint;
  const names = props.names ?? (way === 'vault' ? [text] : []);
  const isGone = way === 'vault' && !names.includes(text);
  const fault = props.fault ?? (isGone ? words.isGone : undefined);
  const hasBox = way !== 'vault' && way !== 'none';
  return (
    <Field label={label} optional={optional} help={help} problem={fault}>
      {(field) => (
        <>
          <div className={hasBox ? 'secret-source' : 'secret-source secret-named'}>
            <select
              {...field}
              aria-invalid={fault !== undefined && !hasBox}
              className="input"
              value={way === 'vault' ? IN_VAULT + text : way}
              onChange={({ target: { value } }) => onChange(chosen(value))}
            >
              {optional && <option value="none">{words.ways.none}</option>}
              {!isNamedOnly && <option value="typed">{words.ways.typed}</option>}
              {(names.length > 0 || isGone) && (
                <optgroup label={words.inVault}>
                  {isGone && <option value={IN_VAULT + text}>{words.gone(text)}</option>}
                  {names.map((name) => (
                    <option key={name} value={IN_VAULT + name} dir="auto">
                      {name}
                    </option>
                  ))}
                </optgroup>
              )}
              <option value="file">{words.ways.file}</option>
              <option value="env">{words.ways.env}</option>
              {(!isNamedOnly || way === 'written') && (
                <option value="written">{words.ways.written}</option>
              )}
            </select>
            {hasBox && <Box {...props} field={field} />}
          </div>
          {way === 'typed' && <GoesTo {...props} />}
        </>
      )}
    </Field>
  );
};

const chosen = (value: string): SecretDraft =>
  value.startsWith(IN_VAULT)
    ? { way: 'vault', text: value.slice(IN_VAULT.length) }
    : { way: value as Exclude<SecretDraft['way'], 'vault'>, text: '' };

const Box = ({
  field,
  name,
  label,
  long = false,
  path = words.placeholder.file,
  secret,
  onChange,
}: SecretFieldProps & { readonly field: FieldProps }) => {
  const { way, text } = secret;
  if (way === 'vault' || way === 'none') return null;
  const { id: _ofTheChoice, ...described } = field;
  const box = { ...described, ...verbatim, 'aria-label': words.part[way](label) };
  if (way === 'typed') {
    // The page holds no copy of it: the field is read once, and emptied.
    const typed = { ...typedField(name), onInput: () => onChange(secret) };
    return long ? (
      <textarea {...box} {...typed} className="input code-input masked" rows={3} maxLength={MOST} />
    ) : (
      <input
        {...box}
        {...typed}
        className="input"
        type="password"
        // Not `off`, which browsers take for leave to offer a password of their own.
        autoComplete="new-password"
        maxLength={MOST}
      />
    );
  }
  const written = {
    ...box,
    className: 'input code-input',
    placeholder: way === 'file' ? path : words.placeholder[way],
    value: text,
  };
  return long && way === 'written' ? (
    <textarea
      {...written}
      rows={3}
      onChange={({ target: { value } }) => onChange({ way, text: value })}
    />
  ) : (
    <input
      {...written}
      type="text"
      onChange={({ target: { value } }) => onChange({ way, text: value })}
    />
  );
};

/** The vault takes no more. */
const MOST = 64 * 1024;

/** Under which name it is kept, proposed and yet the person's to choose. */
const GoesTo = ({ label, secret: { text }, proposed, onChange }: SecretFieldProps) => {
  const [naming, setNaming] = useState<'proposed' | 'before' | 'now'>(
    text === '' ? 'proposed' : 'before',
  );
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // It takes the place of the button that was pressed.
    if (naming === 'now') box.current?.focus();
  }, [naming]);
  if (naming === 'proposed') {
    return (
      <p className="help muted goes-to">
        <span>
          {words.goesTo} <code>{proposed}</code>
        </span>
        <Button
          kind="link"
          label={strings.deedFor(words.rename, label)}
          onPress={() => setNaming('now')}
        >
          {words.rename}
        </Button>
      </p>
    );
  }
  return (
    <Field label={words.name}>
      {(field) => (
        <input
          {...field}
          {...verbatim}
          ref={box}
          className="input code-input"
          type="text"
          maxLength={64}
          placeholder={proposed}
          value={text}
          onChange={({ target: { value } }) => onChange({ way: 'typed', text: value })}
        />
      )}
    </Field>
  );
};
