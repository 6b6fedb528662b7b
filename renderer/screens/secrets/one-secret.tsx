/** One secret by its name: which servers use it, a new value for it, and its end after one more question. */
import { useState } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import { Button } from '../../components/button.tsx';
import { ForeignText } from '../../components/foreign-text.tsx';
import { Question } from '../../components/question.tsx';
import { useAction } from '../../state/use-action.ts';
import { useFocusBack } from '../../state/use-focus-back.ts';
import { credentialStrings } from '../../strings/credential.ts';
import { strings } from '../../strings.ts';
import { namesOf } from '../../words.ts';
import { ReplaceSecret } from './replace-secret.tsx';

const remove = async (client: ControlClient, name: string): Promise<true> => {
  await client.remove({ what: 'secret', name });
  return true;
};

interface OneSecretProps {
  readonly name: string;
  readonly isThere: boolean;
  /** The titles of the servers that name it. */
  readonly users: readonly string[];
  readonly onChanged: () => Promise<void>;
  /** It left the list, with the focus in it. */
  readonly onGone: () => void;
}

export const OneSecret = ({ name, isThere, users, onChanged, onGone }: OneSecretProps) => {
  const [open, setOpen] = useState<'replace' | 'remove'>();
  const replaceButton = useFocusBack(open === 'replace');
  const removeButton = useFocusBack(open === 'remove', replaceButton);
  const removing = useAction(remove);
  const words = credentialStrings.secrets;
  const used = users.length === 0 ? words.unused : words.usedBy(namesOf(users));
  const toReplace = isThere ? words.replace : words.give;
  const close = (): void => setOpen(undefined);
  const removeNow = async (): Promise<void> => {
    if ((await removing.run(name)) !== true) return;
    await onChanged();
    close();
    if (users.length === 0) onGone();
  };
  return (
    <li className="one-secret">
      <div className="one-secret-text">
        <p className="one-secret-name">
          <code>
            <ForeignText text={name} />
          </code>
          {!isThere && <span className="badge badge-attention">{words.missing}</span>}
        </p>
        <p className="secrets-small muted" dir="auto">
          {used}
        </p>
      </div>
      {open === undefined && (
        <div className="buttons">
          <Button
            ref={replaceButton}
            label={strings.deedFor(toReplace, name)}
            onPress={() => setOpen('replace')}
          >
            {toReplace}
          </Button>
          {isThere && (
            <Button
              ref={removeButton}
              label={strings.deedFor(words.remove, name)}
              onPress={() => setOpen('remove')}
            >
              {words.remove}
            </Button>
          )}
        </div>
      )}
      {open === 'replace' && (
        <ReplaceSecret name={name} onClose={close} onKept={() => void onChanged().then(close)} />
      )}
      {open === 'remove' && (
        <Question
          title={words.question}
          yes={words.remove}
          no={words.keep}
          danger
          busy={removing.busy}
          problem={removing.problem}
          onYes={() => void removeNow()}
          onNo={close}
        >
          <p className="muted">
            {users.length === 0 ? words.harmless : words.breaks(namesOf(users))}
          </p>
        </Question>
      )}
    </li>
  );
};
