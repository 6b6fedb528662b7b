/** The tools that a server is known to have, each free, asked about or off. */
import { useEffect } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import { ForeignText } from '../../components/foreign-text.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { useAction } from '../../state/use-action.ts';
import { ruleStrings } from '../../strings/rules.ts';
import { shortName } from '../../words.ts';
import type { Choice, Draft } from './draft.ts';

const look = (client: ControlClient, server: string) => client.knownTools({ server });

interface ToolChoicesProps {
  readonly server: string;
  readonly choices: Draft['choices'];
  readonly onChange: (choices: Draft['choices']) => void;
}

const all = Object.keys(ruleStrings.choices) as Choice[];

export const ToolChoices = ({ server, choices, onChange }: ToolChoicesProps) => {
  const looking = useAction(look);
  const { run } = looking;
  useEffect(() => void run(server), [run, server]);
  const words = ruleStrings;
  const tools = looking.reply?.tools;
  if (looking.problem !== undefined) return <ProblemNote problem={looking.problem} />;
  if (tools === undefined) return null;
  if (tools.length === 0) return <p className="muted">{words.noTools}</p>;
  return (
    <fieldset className="field">
      <legend>{words.tools}</legend>
      <ul className="tools">
        {tools.map(({ name, readOnly }) => (
          <li key={name} className="tool">
            <ForeignText text={name} />
            {readOnly && <span className="muted rules-small">{words.changesNothing}</span>}
            <select
              className="input"
              aria-label={shortName(name)}
              value={Object.hasOwn(choices, name) ? choices[name] : 'free'}
              onChange={({ target }) =>
                onChange({ ...choices, [name]: all.find((one) => one === target.value) ?? 'free' })
              }
            >
              {all.map((choice) => (
                <option key={choice} value={choice}>
                  {words.choices[choice]}
                </option>
              ))}
            </select>
          </li>
        ))}
      </ul>
      <p className="help muted">{words.toolsHelp}</p>
    </fieldset>
  );
};
