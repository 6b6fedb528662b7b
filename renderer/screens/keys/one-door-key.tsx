/** One AI client's key: what it opens, when it was used last, and a button that asks once more before it ends. */
import { useState } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { DoorKeyView } from '../../../shared/contract/door-keys.ts';
import { Button } from '../../components/button.tsx';
import { Question } from '../../components/question.tsx';
import { TimeAgo } from '../../components/time-ago.tsx';
import { useAction } from '../../state/use-action.ts';
import { useFocusBack } from '../../state/use-focus-back.ts';
import { strings } from '../../strings.ts';
import { namesOf, shortName } from '../../words.ts';

const revoke = (client: ControlClient, id: string) => client.remove({ what: 'key', id });

export const OneDoorKey = ({ doorKey }: { readonly doorKey: DoorKeyView }) => {
  const { id, aiClient, servers, usedAt } = doorKey;
  const [asking, setAsking] = useState(false);
  const revoking = useAction(revoke);
  const button = useFocusBack(asking);
  const words = strings.keys;
  return (
    <li className="key">
      <div className="key-text">
        <p className="key-name">
          {words.one}{' '}
          {/* Two keys of one AI client are told apart by it, here and in the terminal. */}
          <code className="muted keys-small">{id}</code>
        </p>
        <p className="facts-line key-use keys-small muted">
          <span title={servers?.join(', ')} dir={servers === undefined ? undefined : 'auto'}>
            {servers === undefined ? words.everyServer : words.only(namesOf(servers))}
          </span>
          <span>
            {usedAt === undefined ? (
              words.never
            ) : (
              <>
                {words.used} <TimeAgo at={usedAt} />
              </>
            )}
          </span>
        </p>
      </div>
      {asking ? (
        <Question
          title={words.question}
          yes={words.revoke}
          no={words.keep}
          danger
          busy={revoking.busy}
          problem={revoking.problem}
          onYes={() => void revoking.run(id)}
          onNo={() => setAsking(false)}
        >
          <p className="muted">{words.consequence}</p>
        </Question>
      ) : (
        <Button
          ref={button}
          label={strings.deedFor(words.revoke, `${shortName(aiClient)} ${id}`)}
          onPress={() => setAsking(true)}
        >
          {words.revoke}
        </Button>
      )}
    </li>
  );
};
