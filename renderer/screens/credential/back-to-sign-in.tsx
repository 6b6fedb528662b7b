/** Takes the credential back, after one more question: the server is asked anew what it wants. */
import { useState } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { Button } from '../../components/button.tsx';
import { Question } from '../../components/question.tsx';
import { useAction } from '../../state/use-action.ts';
import { useFocusBack } from '../../state/use-focus-back.ts';
import { credentialStrings } from '../../strings/credential.ts';
import { strings } from '../../strings.ts';
import { shortName } from '../../words.ts';

const goWithout = (client: ControlClient, server: string) => client.configureSource({ server }, {});

interface BackToSignInProps {
  readonly server: ServerView;
  readonly onDone: () => void;
}

export const BackToSignIn = ({ server, onDone }: BackToSignInProps) => {
  const [asking, setAsking] = useState(false);
  const button = useFocusBack(asking);
  const going = useAction(goWithout);
  const words = credentialStrings.back;
  if (!asking) {
    return (
      <section className="card fields-card instead">
        <div>
          <h3 className="fields-title">{words.title}</h3>
          <p className="muted">{words.help}</p>
        </div>
        <Button
          ref={button}
          label={strings.deedFor(words.button, shortName(server.title))}
          onPress={() => setAsking(true)}
        >
          {words.button}
        </Button>
      </section>
    );
  }
  return (
    <section className="card">
      <Question
        title={words.question}
        yes={words.confirm}
        no={words.keep}
        busy={going.busy}
        problem={going.problem}
        onYes={() =>
          void going.run(server.id).then((reply) => {
            if (reply !== undefined) onDone();
          })
        }
        onNo={() => {
          going.clear();
          setAsking(false);
        }}
      >
        <p className="muted">{words.consequence}</p>
      </Question>
    </section>
  );
};
