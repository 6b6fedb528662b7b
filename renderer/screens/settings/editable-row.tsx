/** What is opened in a row to change it, and the button that opens it: the focus goes there and comes back. */
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import type { Problem } from '../../../shared/contract/problems.ts';
import { Button } from '../../components/button.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { Row } from '../../components/row.tsx';
import { useFocusBack } from '../../state/use-focus-back.ts';
import { ownSettingsStrings } from '../../strings/settings.ts';
import { strings } from '../../strings.ts';

interface EditableRowProps {
  readonly label: string;
  readonly value: ReactNode;
  readonly help?: ReactNode;
  /** What it is now cannot be changed, and why. */
  readonly settled?: string | undefined;
  readonly renderForm: (close: (saved: boolean) => void) => ReactNode;
  /** Besides, whether it is being changed or not. */
  readonly children?: ReactNode;
}

export const EditableRow = (props: EditableRowProps) => {
  const { label, value, help, settled, renderForm, children } = props;
  const [open, setOpen] = useState(false);
  const [saved, setSaved] = useState(false);
  const button = useFocusBack(open);
  const words = ownSettingsStrings;
  const control = settled === undefined && (
    <>
      <span className="row-said" role="status">
        {saved && !open ? words.saved : ''}
      </span>
      {!open && (
        <Button
          ref={button}
          label={strings.deedFor(words.change, label)}
          onPress={() => setOpen(true)}
        >
          {words.change}
        </Button>
      )}
    </>
  );
  return (
    <Row label={label} value={value} help={settled ?? help} control={control}>
      {open &&
        settled === undefined &&
        renderForm((isSaved) => {
          setSaved(isSaved);
          setOpen(false);
        })}
      {children}
    </Row>
  );
};

interface RowFormProps {
  readonly label: string;
  readonly busy: boolean;
  readonly problem: Problem | undefined;
  readonly onSave: () => void;
  readonly onCancel: () => void;
  readonly children: ReactNode;
}

export const RowForm = ({ label, busy, problem, onSave, onCancel, children }: RowFormProps) => {
  const form = useRef<HTMLFormElement>(null);
  const why = useId();
  useEffect(() => form.current?.querySelector('input')?.focus(), []);
  const words = ownSettingsStrings;
  return (
    <form
      ref={form}
      className="fields row-form"
      aria-label={label}
      aria-describedby={problem === undefined ? undefined : why}
      noValidate
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !busy) onCancel();
      }}
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) onSave();
      }}
    >
      {children}
      {problem !== undefined && <ProblemNote id={why} problem={problem} urgent />}
      <div className="buttons">
        <Button kind="primary" type="submit" busy={busy}>
          {busy ? words.saving : words.save}
        </Button>
        <Button onPress={onCancel}>{words.cancel}</Button>
      </div>
    </form>
  );
};
