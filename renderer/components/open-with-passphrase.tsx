/** Opens a vault that is sealed with a passphrase, by typing it. */
import { useRef } from 'react';
import type { ControlClient } from '../../shared/contract/client.ts';
import { useAction } from '../state/use-action.ts';
import { strings } from '../strings.ts';
import { Button } from './button.tsx';
import { ProblemNote } from './note.tsx';
import { PassphraseField, taken } from './passphrase-field.tsx';

const openWith = (client: ControlClient, passphrase: string) => client.openVault({ passphrase });

export const OpenWithPassphrase = () => {
  const opening = useAction(openWith);
  const box = useRef<HTMLInputElement>(null);
  const words = strings.vault.passphrase;
  const { problem } = opening;
  const submit = async (): Promise<void> => {
    const passphrase = taken(box.current);
    if (passphrase !== '') await opening.run(passphrase);
    box.current?.focus();
  };
  return (
    <form
      className="open-with"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!opening.busy) void submit();
      }}
    >
      <PassphraseField ref={box} label={words.label} onTyped={opening.clear}>
        <Button type="submit" kind="primary" busy={opening.busy}>
          {words.open}
        </Button>
      </PassphraseField>
      {problem !== undefined && (
        <ProblemNote problem={problem.code === words.wrong.code ? words.wrong : problem} urgent />
      )}
    </form>
  );
};
