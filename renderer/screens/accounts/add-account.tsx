/** Adding an account: a name for it, and the sign-in right after. */
import { useEffect, useRef, useState } from 'react';
import { AccountId } from '../../../shared/contract/ids.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { Button } from '../../components/button.tsx';
import { Field, verbatim } from '../../components/field.tsx';
import { Icon } from '../../components/icon.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { pageOpens, signInToNew } from '../../sign-in.ts';
import { useAction } from '../../state/use-action.ts';
import { useFocusBack } from '../../state/use-focus-back.ts';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { strings } from '../../strings.ts';
import { proposedAccount } from './proposed-account.ts';

interface AddAccountProps {
  readonly server: ServerView;
  readonly onSigningIn: () => void;
}

export const AddAccount = ({ server, onSigningIn }: AddAccountProps) => {
  const [adding, setAdding] = useState(false);
  const button = useFocusBack(adding);
  if (adding) {
    return (
      <AccountForm server={server} onSigningIn={onSigningIn} onCancel={() => setAdding(false)} />
    );
  }
  return (
    <div className="buttons">
      <Button ref={button} onPress={() => setAdding(true)}>
        <Icon name="add" />
        {strings.accounts.add}
      </Button>
    </div>
  );
};

const AccountForm = ({
  server,
  onSigningIn,
  onCancel,
}: AddAccountProps & { readonly onCancel: () => void }) => {
  const snapshot = useSnapshot();
  const [name, setName] = useState(() => proposedAccount(server));
  const [wrong, setWrong] = useState(false);
  const adding = useAction(signInToNew);
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => box.current?.select(), []);
  const words = strings.accounts;
  const submit = async (): Promise<void> => {
    const isWrong = !AccountId.safeParse(name).success;
    setWrong(isWrong);
    const begun =
      !isWrong && (await adding.run({ server: server.id, account: name }, pageOpens(snapshot)));
    if (begun === true) onSigningIn();
    else box.current?.focus();
  };
  return (
    <form
      className="fields"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!adding.busy) void submit();
      }}
    >
      <Field label={words.name} help={words.nameHelp} problem={wrong ? words.nameWrong : undefined}>
        {(field) => (
          <input
            {...field}
            {...verbatim}
            ref={box}
            className="input"
            type="text"
            maxLength={20}
            value={name}
            onChange={(event) => {
              setName(event.target.value);
              setWrong(false);
              adding.clear();
            }}
          />
        )}
      </Field>
      {adding.problem !== undefined && <ProblemNote problem={adding.problem} urgent />}
      <div className="buttons">
        <Button kind="primary" type="submit" busy={adding.busy}>
          {words.addAndSignIn}
        </Button>
        <Button onPress={onCancel}>{strings.add.cancel}</Button>
      </div>
    </form>
  );
};
