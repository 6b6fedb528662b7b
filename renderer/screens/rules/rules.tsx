/** The rules that narrow what AI clients may use, and a way to make one. */
import { useEffect, useRef, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { Section } from '../../components/section.tsx';
import { useFocusBack } from '../../state/use-focus-back.ts';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { ruleStrings } from '../../strings/rules.ts';
import { OneRule } from './one-rule.tsx';
import { RuleForm } from './rule-form.tsx';

export const Rules = () => {
  const { rules = [] } = useSnapshot();
  const [adding, setAdding] = useState(false);
  const button = useFocusBack(adding);
  const count = rules.length;
  const counted = useRef(count);
  useEffect(() => {
    // The button that was pressed is gone.
    if (count < counted.current && document.activeElement === document.body)
      button.current?.focus();
    counted.current = count;
  }, [count, button]);
  const words = ruleStrings;
  return (
    <Section title={words.title} about={words.about}>
      {count === 0 ? (
        <p className="rules-small muted">{words.none}</p>
      ) : (
        <ul className="card" aria-label={words.title}>
          {rules.map((rule) => (
            <OneRule key={rule.id} rule={rule} />
          ))}
        </ul>
      )}
      {adding ? (
        <RuleForm onClose={() => setAdding(false)} />
      ) : (
        <div className="buttons">
          <Button ref={button} onPress={() => setAdding(true)}>
            <Icon name="add" />
            {words.add}
          </Button>
        </div>
      )}
    </Section>
  );
};
