/** A setting that is a line of text: emptied, it is taken back. */
import { useState } from 'react';
import { PreferencesChange } from '../../../shared/contract/preferences.ts';
import type { Problem } from '../../../shared/contract/problems.ts';
import { Field, verbatim } from '../../components/field.tsx';
import { ForeignText } from '../../components/foreign-text.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { useAction } from '../../state/use-action.ts';
import { ownSettingsStrings } from '../../strings/settings.ts';
import { changePreferences, type PreferenceProps } from './change-preferences.ts';
import { EditableRow, RowForm } from './editable-row.tsx';

export type TextName = 'noProxy' | 'caFile' | 'clientDocument';

interface TextPreferenceProps extends PreferenceProps {
  readonly name: TextName;
  /** What the setting comes to. */
  readonly comesTo?: string;
  /** Why it cannot be used as it is. */
  readonly problem?: Problem | undefined;
}

export const TextPreference = ({ name, comesTo, problem, view, onView }: TextPreferenceProps) => {
  const words = ownSettingsStrings.network;
  const value = view.preferences[name];
  return (
    <EditableRow
      label={words[name]}
      value={
        value === undefined || value === '' ? words[`${name}None`] : <ForeignText text={value} />
      }
      help={comesTo}
      settled={view.required.includes(name) ? ownSettingsStrings.settled : undefined}
      renderForm={(close) => <TextForm {...{ name, before: value ?? '', onView, close }} />}
    >
      {problem !== undefined && <ProblemNote problem={problem} />}
    </EditableRow>
  );
};

interface TextFormProps extends Pick<PreferenceProps, 'onView'> {
  readonly name: TextName;
  readonly before: string;
  readonly close: (saved: boolean) => void;
}

const TextForm = ({ name, before, onView, close }: TextFormProps) => {
  const [text, setText] = useState(before);
  const [isWrong, setWrong] = useState(false);
  const saving = useAction(changePreferences);
  const words = ownSettingsStrings.network;
  const save = async (): Promise<void> => {
    const typed = text.trim();
    if (typed === before) return close(false);
    const change = typed === '' ? { unset: [name] } : { set: { [name]: typed } };
    if (!PreferencesChange.safeParse(change).success) return setWrong(true);
    const view = await saving.run(change);
    if (view === undefined) return;
    onView(view);
    close(true);
  };
  return (
    <RowForm
      label={words[name]}
      busy={saving.busy}
      problem={saving.problem}
      onSave={() => void save()}
      onCancel={() => close(false)}
    >
      <Field
        label={words[name]}
        help={words[`${name}Help`]}
        problem={isWrong ? words.wrong[name] : undefined}
      >
        {(field) => (
          <input
            {...field}
            {...verbatim}
            className="input code-input"
            type="text"
            value={text}
            onChange={({ target }) => {
              setText(target.value);
              setWrong(false);
              saving.clear();
            }}
          />
        )}
      </Field>
    </RowForm>
  );
};
