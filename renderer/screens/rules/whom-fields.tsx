/** For which AI client a rule is, and at which server. */
import { useId } from 'react';
import type { ServerView, Snapshot } from '../../../shared/contract/snapshot.ts';
import { Field, verbatim } from '../../components/field.tsx';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { ruleStrings } from '../../strings/rules.ts';
import { capital, clip } from '../../words.ts';
import type { Draft } from './draft.ts';

interface WhomFieldsProps {
  readonly draft: Draft;
  readonly onChange: (part: Partial<Draft>) => void;
}

export const WhomFields = ({ draft, onChange }: WhomFieldsProps) => {
  const snapshot = useSnapshot();
  const names = useId();
  const words = ruleStrings;
  return (
    <>
      <Field label={words.aiClient} optional help={words.aiClientHelp}>
        {(field) => (
          <>
            <input
              {...field}
              {...verbatim}
              className="input"
              type="text"
              maxLength={60}
              list={names}
              placeholder={words.aiClientPlaceholder}
              value={draft.aiClient}
              onChange={({ target }) => onChange({ aiClient: target.value })}
            />
            <datalist id={names}>
              {namesIn(snapshot).map((name) => (
                <option key={name} dir="auto">
                  {name}
                </option>
              ))}
            </datalist>
          </>
        )}
      </Field>
      <Field label={words.server}>
        {(field) => (
          <select
            {...field}
            className="input"
            value={draft.server}
            // What was chosen for the tools of one server says nothing of those of another.
            onChange={({ target }) => onChange({ server: target.value, choices: {} })}
          >
            <option value="">{capital(words.everyServer)}</option>
            {snapshot.servers.flatMap(placesOf).map(({ address, title }) => (
              <option key={address} value={address} dir="auto">
                {title}
              </option>
            ))}
          </select>
        )}
      </Field>
    </>
  );
};

/** AI clients that have a key, or have been seen. */
const namesIn = ({ doors, servers }: Snapshot): string[] =>
  [
    ...new Set([
      ...(doors.keys ?? []).map(({ aiClient }) => aiClient),
      ...servers.flatMap(({ usedBy = [] }) => usedBy),
    ]),
  ].toSorted();

interface Place {
  readonly address: string;
  readonly title: string;
}

/** The server as a whole, and each of its accounts where it has several. */
const placesOf = ({ id, kind, title, accounts }: ServerView): Place[] => {
  if (kind === 'identity-provider') return [];
  const short = clip(title, 40);
  const several = accounts.length > 1 ? accounts : [];
  return [
    { address: id, title: short },
    ...several.map((account) => ({
      address: `${id}/${account.id}`,
      title: `${short} (${account.id})`,
    })),
  ];
};
