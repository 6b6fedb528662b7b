/** Which requests are shown: of one server, of one AI client, or only those that failed. */
import { useId } from 'react';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { strings } from '../../strings.ts';
import { clip, shortName } from '../../words.ts';

export interface Choice {
  /** Empty for all of them, as is the AI client. */
  readonly server: string;
  readonly aiClient: string;
  readonly onlyErrors: boolean;
}

export const everything: Choice = { server: '', aiClient: '', onlyErrors: false };

interface ChooseActivityProps {
  readonly choice: Choice;
  readonly aiClients: readonly string[];
  readonly onChange: (choice: Choice) => void;
}

export const ChooseActivity = ({ choice, aiClients, onChange }: ChooseActivityProps) => {
  const servers = useSnapshot().servers.filter(({ kind }) => kind !== 'identity-provider');
  const words = strings.activity;
  return (
    <div className="choose-activity">
      <Select
        label={words.server}
        value={choice.server}
        options={servers.map(({ id, title }) => [id, shortName(title)])}
        onChange={(server) => onChange({ ...choice, server })}
      />
      <Select
        label={words.aiClient}
        value={choice.aiClient}
        options={aiClients.map((name) => [name, clip(name, 40)])}
        onChange={(aiClient) => onChange({ ...choice, aiClient })}
      />
      <label className="only-errors">
        <input
          type="checkbox"
          checked={choice.onlyErrors}
          onChange={({ target }) => onChange({ ...choice, onlyErrors: target.checked })}
        />
        {words.onlyErrors}
      </label>
    </div>
  );
};

interface SelectProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, words: string])[];
  readonly onChange: (value: string) => void;
}

/** One of several, or all of them. */
export const Select = ({ label, value, options, onChange }: SelectProps) => {
  const id = useId();
  // What was chosen may be gone by now: it stays the choice until the person makes another.
  const isGone = value !== '' && !options.some(([option]) => option === value);
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        className="input"
        value={value}
        onChange={({ target }) => onChange(target.value)}
      >
        <option value="">{strings.activity.any}</option>
        {isGone && <option value={value}>{clip(value, 40)}</option>}
        {options.map(([option, words]) => (
          <option key={option} value={option}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
};
