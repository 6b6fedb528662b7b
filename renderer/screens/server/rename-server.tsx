/** Calling a server something else, in the place where its name stands. */
import { useEffect, useRef, useState } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { ServerId } from '../../../shared/contract/ids.ts';
import { LONGEST_TITLE } from '../../../shared/contract/routes.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { useAction } from '../../state/use-action.ts';
import { serverStrings } from '../../strings/server.ts';

const rename = (client: ControlClient, server: ServerId, title: string) =>
  client.renameServer({ server }, { title });

interface RenameServerProps {
  readonly server: ServerView;
  readonly onClose: () => void;
}

export const RenameServer = ({ server, onClose }: RenameServerProps) => {
  const [title, setTitle] = useState(() => server.title.slice(0, LONGEST_TITLE));
  const [wrong, setWrong] = useState(false);
  const renaming = useAction(rename);
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => box.current?.select(), []);
  const words = serverStrings.rename;
  const submit = async (): Promise<void> => {
    const wished = title.trim();
    setWrong(wished === '');
    if (wished === server.title) onClose();
    else if (wished !== '' && (await renaming.run(server.id, wished)) !== undefined) onClose();
    else box.current?.focus();
  };
  return (
    <form
      className="rename"
      noValidate
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
      onSubmit={(event) => {
        event.preventDefault();
        if (!renaming.busy) void submit();
      }}
    >
      <Field label={words.label} help={words.help} problem={wrong ? words.nothing : undefined}>
        {(field) => (
          <input
            {...field}
            ref={box}
            className="input"
            type="text"
            autoComplete="off"
            dir="auto"
            maxLength={LONGEST_TITLE}
            value={title}
            onChange={(event) => {
              setTitle(event.target.value);
              setWrong(false);
              renaming.clear();
            }}
          />
        )}
      </Field>
      {renaming.problem !== undefined && <ProblemNote problem={renaming.problem} urgent />}
      <div className="buttons">
        <Button kind="primary" type="submit" busy={renaming.busy}>
          {words.save}
        </Button>
        <Button onPress={onClose}>{words.cancel}</Button>
      </div>
    </form>
  );
};
