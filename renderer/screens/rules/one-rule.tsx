/** One rule in a sentence, and a button that asks once more before it ends. */
import { useState } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { Rule } from '../../../shared/contract/rules.ts';
import { ruleParts, ruleScope } from '../../../shared/rule-words.ts';
import { Button } from '../../components/button.tsx';
import { ForeignText } from '../../components/foreign-text.tsx';
import { Question } from '../../components/question.tsx';
import { useAction } from '../../state/use-action.ts';
import { useFocusBack } from '../../state/use-focus-back.ts';
import { ruleStrings } from '../../strings/rules.ts';
import { strings } from '../../strings.ts';
import { capital, clip } from '../../words.ts';

const remove = (client: ControlClient, id: string) => client.remove({ what: 'rule', id });

export const OneRule = ({ rule }: { readonly rule: Rule }) => {
  const { id, aiClient, server } = rule;
  const [asking, setAsking] = useState(false);
  const removing = useAction(remove);
  const button = useFocusBack(asking);
  const words = ruleStrings;
  return (
    <li className="rule">
      <div className="rule-text">
        <p className="rule-scope">
          <ForeignText text={aiClient ?? words.everyAiClient} />
          <span>
            {words.at} {server === undefined ? words.everyServer : <bdi>{server}</bdi>}
          </span>
          {/* The same rule is found by it in the terminal. */}
          <code className="muted rules-small">{id}</code>
        </p>
        <ul className="rule-parts">
          {ruleParts(rule).map((part) => (
            <li key={part} dir="auto">
              {capital(part)}
            </li>
          ))}
        </ul>
      </div>
      {asking ? (
        <Question
          title={words.question}
          yes={words.remove}
          no={words.keep}
          danger
          busy={removing.busy}
          problem={removing.problem}
          onYes={() => void removing.run(id)}
          onNo={() => setAsking(false)}
        >
          <p className="muted">{words.consequence}</p>
        </Question>
      ) : (
        <Button
          ref={button}
          label={strings.deedFor(words.remove, `${clip(ruleScope(rule), 60)} ${id}`)}
          onPress={() => setAsking(true)}
        >
          {words.remove}
        </Button>
      )}
    </li>
  );
};
