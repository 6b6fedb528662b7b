/** The client id that an operator gave, and the redirect that they have to be given first. */
import { CopyButton } from '../../components/copy-button.tsx';
import { Disclosure } from '../../components/disclosure.tsx';
import { Field, verbatim } from '../../components/field.tsx';
import { settingsStrings } from '../../strings/sign-in-settings.ts';
import type { Draft, DraftField } from './draft.ts';
import { SecretField } from './secret-field.tsx';

export interface DraftFieldsProps {
  readonly before: Draft;
  readonly draft: Draft;
  readonly wrong: ReadonlySet<DraftField>;
  readonly onChange: (change: Partial<Draft>) => void;
}

export const ClientFields = ({ before, draft, wrong, onChange }: DraftFieldsProps) => {
  const words = settingsStrings.client;
  const wrongIn = (field: keyof typeof words.wrong): string | undefined =>
    wrong.has(field) ? words.wrong[field] : undefined;
  const needed = wrong.has('clientId') ? settingsStrings.service.wrong.clientId : undefined;
  const key = (
    <SecretField
      label={words.key}
      help={words.keyHelp}
      problem={wrongIn('clientKey')}
      before={before.clientKey}
      value={draft.clientKey}
      long
      onChange={(clientKey) => onChange({ clientKey })}
    />
  );
  return (
    <>
      {draft.kind === 'person' && (
        <Field label={words.redirect} help={words.redirectHelp} problem={wrongIn('redirect')}>
          {(field) => (
            <div className="with-button">
              <input
                {...field}
                {...verbatim}
                className="input code-input"
                type="text"
                inputMode="url"
                maxLength={300}
                value={draft.redirect}
                onChange={(event) => onChange({ redirect: event.target.value })}
              />
              <CopyButton text={draft.redirect.trim()} what={words.redirectName} />
            </div>
          )}
        </Field>
      )}
      <Field label={words.id} problem={draft.clientId.trim() === '' ? needed : wrongIn('clientId')}>
        {(field) => (
          <input
            {...field}
            {...verbatim}
            className="input"
            type="text"
            maxLength={2000}
            value={draft.clientId}
            onChange={(event) => onChange({ clientId: event.target.value })}
          />
        )}
      </Field>
      <SecretField
        label={words.secret}
        help={words.secretHelp}
        problem={wrongIn('clientSecret')}
        before={before.clientSecret}
        value={draft.clientSecret}
        onChange={(clientSecret) => onChange({ clientSecret })}
      />
      {before.clientKey === 'kept' ? key : <Disclosure words={words.keyInstead}>{key}</Disclosure>}
    </>
  );
};
