/** What few programs need: plain variables, a folder to start in, and one process for all. */
import { useId } from 'react';
import type { LocalCommand } from '../../../shared/contract/local-server.ts';
import { Field, verbatim } from '../../components/field.tsx';
import { strings } from '../../strings.ts';
import type { Draft, DraftField } from './draft.ts';

interface MoreFieldsProps {
  readonly draft: Draft;
  readonly wrong: ReadonlySet<DraftField>;
  readonly onChange: (change: Partial<Draft>) => void;
}

const kinds = Object.keys(strings.local.processes.kinds) as LocalCommand['processes'][];

export const MoreFields = ({ draft, wrong, onChange }: MoreFieldsProps) => {
  const { env, folder, processes } = strings.local;
  const name = useId();
  return (
    <>
      <Field
        label={env.label}
        optional
        help={env.help}
        problem={wrong.has('env') ? env.wrong : undefined}
      >
        {(field) => (
          <textarea
            {...field}
            {...verbatim}
            className="input code-input"
            rows={2}
            placeholder={env.placeholder}
            value={draft.env}
            onChange={(event) => onChange({ env: event.target.value })}
          />
        )}
      </Field>
      <Field
        label={folder.label}
        optional
        help={folder.help}
        problem={wrong.has('folder') ? folder.wrong : undefined}
      >
        {(field) => (
          <input
            {...field}
            {...verbatim}
            className="input code-input"
            type="text"
            maxLength={4096}
            value={draft.folder}
            onChange={(event) => onChange({ folder: event.target.value })}
          />
        )}
      </Field>
      <fieldset className="field">
        <legend>{processes.legend}</legend>
        <div className="choices">
          {kinds.map((kind) => (
            <label key={kind} className="choice">
              <input
                type="radio"
                name={name}
                checked={draft.processes === kind}
                aria-labelledby={`${name}${kind}`}
                aria-describedby={`${name}${kind}-help`}
                onChange={() => onChange({ processes: kind })}
              />
              <span>
                <span className="choice-title" id={`${name}${kind}`}>
                  {processes.kinds[kind].title}
                </span>
                <span className="muted help" id={`${name}${kind}-help`}>
                  {processes.kinds[kind].help}
                </span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
    </>
  );
};
