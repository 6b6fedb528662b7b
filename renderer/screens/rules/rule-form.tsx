/** Making a rule: for whom and where, and what it takes away. */
import { useEffect, useId, useRef, useState } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { RuleWish } from '../../../shared/contract/rules.ts';
import { Button } from '../../components/button.tsx';
import { Disclosure } from '../../components/disclosure.tsx';
import { Field, verbatim } from '../../components/field.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { useAction } from '../../state/use-action.ts';
import { ruleStrings } from '../../strings/rules.ts';
import { type Draft, emptyDraft, type PatternField, patternFields, writtenIn } from './draft.ts';
import { ToolChoices } from './tool-choices.tsx';
import { WhomFields } from './whom-fields.tsx';

const add = (client: ControlClient, wish: RuleWish) => client.addRule(wish);

export const RuleForm = ({ onClose }: { readonly onClose: () => void }) => {
  const [draft, setDraft] = useState(emptyDraft);
  const [wrong, setWrong] = useState<ReadonlySet<PatternField>>();
  const adding = useAction(add);
  const form = useRef<HTMLFormElement>(null);
  const readOnlyHelp = useId();
  useEffect(() => form.current?.querySelector('input')?.focus(), []);
  const words = ruleStrings;
  const change = (part: Partial<Draft>): void => {
    setDraft((before) => ({ ...before, ...part }));
    setWrong(undefined);
    adding.clear();
  };
  const submit = async (): Promise<void> => {
    const written = writtenIn(draft);
    if ('wrong' in written) return setWrong(written.wrong);
    if ((await adding.run(written.wish)) !== undefined) onClose();
  };
  return (
    <form
      ref={form}
      className="fields card fields-card"
      aria-label={words.add}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!adding.busy) void submit();
      }}
    >
      <WhomFields draft={draft} onChange={change} />
      <div>
        <label className="check">
          <input
            type="checkbox"
            checked={draft.readOnly}
            aria-describedby={readOnlyHelp}
            onChange={({ target }) => change({ readOnly: target.checked })}
          />
          {words.readOnly}
        </label>
        <p className="help muted" id={readOnlyHelp}>
          {words.readOnlyHelp}
        </p>
      </div>
      {draft.server !== '' && (
        <ToolChoices
          key={draft.server}
          server={draft.server}
          choices={draft.choices}
          onChange={(choices) => change({ choices })}
        />
      )}
      <Disclosure words={words.more} inUse={draft.server === ''} key={String(draft.server === '')}>
        {patternFields.map((field) => (
          <Field
            key={field}
            label={words[field]}
            optional
            help={words.patternHelp}
            problem={wrong?.has(field) === true ? words.patternWrong : undefined}
          >
            {(props) => (
              <input
                {...props}
                {...verbatim}
                className="input code-input"
                type="text"
                value={draft[field]}
                onChange={({ target }) => change({ [field]: target.value })}
              />
            )}
          </Field>
        ))}
      </Disclosure>
      {wrong?.size === 0 && (
        <p className="wrong" role="alert">
          {words.nothing}
        </p>
      )}
      {adding.problem !== undefined && <ProblemNote problem={adding.problem} urgent />}
      <div className="buttons">
        <Button kind="primary" type="submit" busy={adding.busy}>
          {words.add}
        </Button>
        <Button onPress={onClose}>{words.cancel}</Button>
      </div>
    </form>
  );
};
