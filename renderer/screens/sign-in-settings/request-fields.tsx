/** What is asked of the sign-in service beyond the usual. */
import { Field, verbatim } from '../../components/field.tsx';
import { settingsStrings } from '../../strings/sign-in-settings.ts';
import type { DraftFieldsProps } from './client-fields.tsx';

export const RequestFields = ({ draft, wrong, onChange }: Omit<DraftFieldsProps, 'before'>) => {
  const { scopes, parameters } = settingsStrings;
  return (
    <>
      <Field
        label={scopes.label}
        optional
        help={scopes.help}
        problem={wrong.has('scopes') ? scopes.wrong : undefined}
      >
        {(field) => (
          <input
            {...field}
            {...verbatim}
            className="input"
            type="text"
            value={draft.scopes}
            onChange={(event) => onChange({ scopes: event.target.value })}
          />
        )}
      </Field>
      {draft.kind === 'person' && (
        <Field
          label={parameters.label}
          optional
          help={parameters.help}
          problem={wrong.has('parameters') ? parameters.wrong : undefined}
        >
          {(field) => (
            <textarea
              {...field}
              {...verbatim}
              className="input code-input"
              rows={2}
              placeholder={parameters.placeholder}
              value={draft.parameters}
              onChange={(event) => onChange({ parameters: event.target.value })}
            />
          )}
        </Field>
      )}
    </>
  );
};
