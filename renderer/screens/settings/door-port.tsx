/** The port of the HTTP door on this machine: AI clients were told of it. */
import { useState } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import { DoorPortWish, type DoorView } from '../../../shared/contract/door.ts';
import { Field, verbatim } from '../../components/field.tsx';
import { useAction } from '../../state/use-action.ts';
import { ownSettingsStrings } from '../../strings/settings.ts';
import { EditableRow, RowForm } from './editable-row.tsx';

const change = (client: ControlClient, wish: DoorPortWish) => client.changeDoorPort(wish);

interface DoorPortProps {
  readonly view: DoorView;
  readonly onView: (view: DoorView) => void;
}

export const DoorPort = ({ view, onView }: DoorPortProps) => {
  const { port, restart, settings } = view;
  const words = ownSettingsStrings.door;
  const text = port === undefined ? words.anyPort : words.portNow(port);
  return (
    <EditableRow
      label={words.port}
      value={restart ? words.later(text) : text}
      settled={settings.listen === undefined ? undefined : words.portElsewhere}
      renderForm={(close) => <PortForm {...{ before: port, onView, close }} />}
    />
  );
};

interface PortFormProps extends Pick<DoorPortProps, 'onView'> {
  readonly before: number | undefined;
  readonly close: (saved: boolean) => void;
}

const PortForm = ({ before, onView, close }: PortFormProps) => {
  const was = before === undefined ? '' : String(before);
  const [text, setText] = useState(was);
  const [isWrong, setWrong] = useState(false);
  const saving = useAction(change);
  const words = ownSettingsStrings.door;
  const save = async (): Promise<void> => {
    const typed = text.trim();
    if (typed === was) return close(false);
    const wish = DoorPortWish.safeParse(typed === '' ? {} : { port: Number(typed) });
    if (!wish.success) return setWrong(true);
    const view = await saving.run(wish.data);
    if (view === undefined) return;
    onView(view);
    close(true);
  };
  return (
    <RowForm
      label={words.port}
      busy={saving.busy}
      problem={saving.problem}
      onSave={() => void save()}
      onCancel={() => close(false)}
    >
      <Field
        label={words.portLabel}
        help={words.portHelp}
        problem={isWrong ? words.portWrong : undefined}
      >
        {(field) => (
          <input
            {...field}
            {...verbatim}
            className="input port-input"
            type="text"
            inputMode="numeric"
            maxLength={5}
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
