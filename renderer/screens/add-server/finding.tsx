/** What asking the address showed, and the button that adds it. */
import { useEffect, useId, useRef, useState } from 'react';
import type { ProbeReport } from '../../../shared/contract/routes.ts';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { credentialStrings } from '../../strings/credential.ts';
import { strings } from '../../strings.ts';
import { clip, nameInAddress, sentence } from '../../words.ts';

interface FindingProps {
  readonly report: ProbeReport;
  readonly busy: boolean;
  readonly onAdd: (title: string | undefined) => void;
  readonly onCredential: () => void;
  readonly onCancel?: () => void;
}

/** The contract takes titles up to this long. */
const LONGEST_TITLE = 100;

export const Finding = ({ report, busy, onAdd, onCredential, onCancel }: FindingProps) => {
  const [title, setTitle] = useState(clip(report.name ?? '', LONGEST_TITLE));
  const addButton = useRef<HTMLButtonElement>(null);
  const nameId = useId();
  const listId = useId();
  useEffect(() => addButton.current?.focus(), []);
  const name = title.trim();
  return (
    <form
      className="finding"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) onAdd(name === '' ? undefined : name);
      }}
    >
      <div id={listId}>
        <p className="finding-title">{strings.add.found}</p>
        <ul className="finding-list">
          {report.findings.slice(0, 12).map(({ tone, text }, place) => (
            <li key={place} data-tone={tone}>
              <Icon name={tone === 'good' ? 'check' : 'attention'} />
              <span dir="auto">{sentence(clip(text, 300))}</span>
            </li>
          ))}
        </ul>
      </div>
      <label htmlFor={nameId}>{strings.add.name}</label>
      <input
        id={nameId}
        className="input"
        type="text"
        dir="auto"
        autoComplete="off"
        maxLength={LONGEST_TITLE}
        // Left empty, it gets the name that the broker gives it.
        placeholder={clip(report.name ?? nameInAddress(report.url), LONGEST_TITLE)}
        value={title}
        onChange={(event) => setTitle(event.target.value)}
      />
      <div className="buttons add-buttons">
        <Button ref={addButton} kind="primary" type="submit" busy={busy} describedBy={listId}>
          {busy ? strings.add.adding : strings.add.add}
        </Button>
        {onCancel !== undefined && <Button onPress={onCancel}>{strings.add.cancel}</Button>}
        {report.signIn === 'oauth' && (
          <span className="other-way">
            <Button kind="link" onPress={onCredential}>
              {credentialStrings.add.switchTo}
            </Button>
          </span>
        )}
      </div>
    </form>
  );
};
