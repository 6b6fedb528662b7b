/** Which requests are shown: of one server, of one AI client, of one outcome, and of what name. */
import { useId } from 'react';
import { ActivityOutcome } from '../../../shared/contract/activity.ts';
import { verbatim } from '../../components/field.tsx';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { activityStrings } from '../../strings/activity.ts';
import { clip, shortName } from '../../words.ts';
import { type Choice, FAILED } from './choice.ts';

interface ChooseActivityProps {
  readonly choice: Choice;
  readonly aiClients: readonly string[];
  readonly onChange: (choice: Choice) => void;
}

/** As many characters as the broker looks for. */
const MOST = 100;

export const ChooseActivity = ({ choice, aiClients, onChange }: ChooseActivityProps) => {
  const servers = useSnapshot().servers.filter(({ kind }) => kind !== 'identity-provider');
  const id = useId();
  const words = activityStrings;
  return (
    <div className="choose-activity">
      <Select
        foreign
        label={words.server}
        value={choice.server}
        options={servers.map((one) => [one.id, shortName(one.title)])}
        onChange={(server) => onChange({ ...choice, server })}
      />
      <Select
        foreign
        label={words.aiClient}
        value={choice.aiClient}
        options={aiClients.map((name) => [name, clip(name, 40)])}
        onChange={(aiClient) => onChange({ ...choice, aiClient })}
      />
      <Select
        label={words.outcome}
        value={choice.outcome}
        options={[
          [FAILED, words.onlyErrors],
          ...ActivityOutcome.options.map((one) => [one, words.outcomes[one]] as const),
        ]}
        onChange={(outcome) => onChange({ ...choice, outcome })}
      />
      <div className="field">
        <label htmlFor={id}>{words.name}</label>
        <input
          id={id}
          className="input"
          type="search"
          {...verbatim}
          maxLength={MOST}
          placeholder={words.namePlaceholder}
          value={choice.name}
          onChange={({ target }) => onChange({ ...choice, name: target.value })}
        />
      </div>
    </div>
  );
};

interface SelectProps {
  readonly label: string;
  /** The words of its options come from elsewhere. */
  readonly foreign?: boolean;
  readonly value: string;
  readonly options: readonly (readonly [value: string, words: string])[];
  readonly onChange: (value: string) => void;
}

/** One of several, or all of them. */
export const Select = ({ label, foreign = false, value, options, onChange }: SelectProps) => {
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
        <option value="">{activityStrings.any}</option>
        {isGone && (
          <option value={value} dir="auto">
            {clip(value, 40)}
          </option>
        )}
        {options.map(([option, words]) => (
          <option key={option} value={option} dir={foreign ? 'auto' : undefined}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
};
