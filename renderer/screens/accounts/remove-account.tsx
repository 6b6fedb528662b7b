/** Removing an account: a button that asks once more, in place. */
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { AccountKey } from '../../../shared/contract/ids.ts';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { Question } from '../../components/question.tsx';
import { useAction } from '../../state/use-action.ts';
import { useFocusBack } from '../../state/use-focus-back.ts';
import { strings } from '../../strings.ts';

const removeAccount = (client: ControlClient, key: AccountKey) =>
  client.remove({ what: 'account', ...key });

interface RemoveAccountProps {
  readonly account: AccountKey;
  /** What the button does and to whom. */
  readonly name: string;
  readonly asking: boolean;
  readonly onAsk: (asking: boolean) => void;
}

export const RemoveAccount = ({ account, name, asking, onAsk }: RemoveAccountProps) => {
  const removal = useAction(removeAccount);
  const button = useFocusBack(asking);
  const words = strings.accounts;
  if (!asking) {
    return (
      <Button kind="icon" ref={button} label={name} tip={words.remove} onPress={() => onAsk(true)}>
        <Icon name="remove" />
      </Button>
    );
  }
  return (
    <Question
      title={words.removeQuestion}
      yes={strings.remove.confirm}
      no={strings.remove.keep}
      danger
      busy={removal.busy}
      problem={removal.problem}
      onYes={() => void removal.run(account)}
      onNo={() => onAsk(false)}
    >
      <p className="muted">{words.removeConsequence}</p>
    </Question>
  );
};
