/** Who signs in: the person, Drawbridge itself, or the person through their company's identity provider. */
import { useId } from 'react';
import type { SignInKind } from '../../../shared/contract/sign-in-settings.ts';
import { Field } from '../../components/field.tsx';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { settingsStrings } from '../../strings/sign-in-settings.ts';
import { shortName } from '../../words.ts';
import type { DraftFieldsProps } from './client-fields.tsx';

const kinds = Object.keys(settingsStrings.kinds) as SignInKind[];

export const KindFields = ({ draft, wrong, onChange }: Omit<DraftFieldsProps, 'before'>) => {
  const name = useId();
  const { kind: label, kinds: words } = settingsStrings;
  return (
    <fieldset className="field">
      <legend>{label}</legend>
      <div className="choices">
        {kinds.map((kind) => (
          <label key={kind} className="choice">
            <input
              type="radio"
              name={name}
              checked={draft.kind === kind}
              aria-labelledby={`${name}${kind}`}
              aria-describedby={`${name}${kind}-help`}
              onChange={() => onChange({ kind })}
            />
            <span>
              <span className="choice-title" id={`${name}${kind}`}>
                {words[kind].title}
              </span>
              <span className="muted help" id={`${name}${kind}-help`}>
                {words[kind].help}
              </span>
            </span>
          </label>
        ))}
      </div>
      {draft.kind === 'enterprise' && (
        <ProviderField
          value={draft.identityProvider}
          wrong={wrong.has('identityProvider')}
          onChange={(identityProvider) => onChange({ identityProvider })}
        />
      )}
    </fieldset>
  );
};

interface ProviderFieldProps {
  readonly value: string;
  readonly wrong: boolean;
  readonly onChange: (id: string) => void;
}

const ProviderField = ({ value, wrong, onChange }: ProviderFieldProps) => {
  const providers = useSnapshot().servers.filter(({ kind }) => kind === 'identity-provider');
  const { label, choose, none, missing, gone } = settingsStrings.provider;
  const isGone = value !== '' && !providers.some(({ id }) => id === value);
  return (
    <Field
      label={label}
      help={providers.length === 0 ? none : undefined}
      problem={wrong ? missing : undefined}
    >
      {(field) => (
        <select
          {...field}
          className="input"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        >
          <option value="">{choose}</option>
          {isGone && <option value={value}>{gone}</option>}
          {providers.map(({ id, title }) => (
            <option key={id} value={id} dir="auto">
              {shortName(title)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
};
