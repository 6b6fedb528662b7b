/** A new value for a secret: it is in its field alone, and leaves it on the way to the vault. */
import { useEffect, useRef } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import { Button } from '../../components/button.tsx';
import { Field, verbatim } from '../../components/field.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { useAction } from '../../state/use-action.ts';
import { credentialStrings } from '../../strings/credential.ts';
import { emptyTyped, typedField, typedIn } from '../credential/typed.ts';

const keep = async (client: ControlClient, name: string, value: string): Promise<true> => {
  await client.keepSecret({ name, value });
  return true;
};

interface ReplaceSecretProps {
  readonly name: string;
  readonly onKept: () => void;
  readonly onClose: () => void;
}

export const ReplaceSecret = ({ name, onKept, onClose }: ReplaceSecretProps) => {
  const keeping = useAction(keep);
  const form = useRef<HTMLFormElement>(null);
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => box.current?.focus(), []);
  const words = credentialStrings.secrets;
  const submit = async (): Promise<void> => {
    const value = typedIn(form.current).get(name);
    emptyTyped(form.current);
    if (value !== undefined && (await keeping.run(name, value)) === true) onKept();
    else box.current?.focus();
  };
  return (
    <form
      ref={form}
      className="fields replace-secret"
      noValidate
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
      onSubmit={(event) => {
        event.preventDefault();
        if (!keeping.busy) void submit();
      }}
    >
      <Field label={words.value(name)}>
        {(field) => (
          // A key may be many lines, and nobody looking on is to read it.
          <textarea
            {...field}
            {...verbatim}
            {...typedField(name)}
            ref={box}
            className="input code-input masked"
            rows={2}
            maxLength={64 * 1024}
          />
        )}
      </Field>
      {keeping.problem !== undefined && <ProblemNote problem={keeping.problem} urgent />}
      <div className="buttons">
        <Button kind="primary" type="submit" busy={keeping.busy}>
          {keeping.busy ? words.saving : words.save}
        </Button>
        <Button onPress={onClose}>{words.cancel}</Button>
      </div>
    </form>
  );
};
