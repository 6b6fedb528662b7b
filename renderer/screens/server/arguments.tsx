/** What a tool is to be called with: in a form where one can say it, or as JSON. */
import { Button } from '../../components/button.tsx';
import { Field, verbatim } from '../../components/field.tsx';
import { serverStrings } from '../../strings/server.ts';
import { readFields, readJson, type Typed, typedIn } from './arguments-draft.ts';
import { ArgumentsForm } from './arguments-form.tsx';
import type { JsonObject, ToolField } from './schema-fields.ts';

export interface ArgumentsDraft {
  readonly typed: Typed;
  /** What is wrong with it, by name. */
  readonly wrong: ReadonlyMap<string, string>;
  /** All of it as JSON; absent while the form is filled in. */
  readonly json?: string;
  readonly jsonWrong?: string;
}

type Fields = readonly ToolField[] | undefined;

const words = serverStrings.call;
const nothing = new Map<string, string>();
const pretty = (given: JsonObject): string => JSON.stringify(given, null, 2);

export const emptyDraft = (fields: Fields): ArgumentsDraft => ({
  typed: typedIn(fields ?? []),
  wrong: nothing,
  ...(fields === undefined ? { json: pretty({}) } : {}),
});

/** The arguments, or the draft with what is wrong with it. */
export const readDraft = (
  fields: Fields,
  draft: ArgumentsDraft,
): { readonly given?: JsonObject; readonly draft: ArgumentsDraft } => {
  const { json, typed } = draft;
  if (json === undefined) {
    const { given, wrong } = readFields(fields ?? [], typed);
    return wrong.size === 0
      ? { given, draft: { ...draft, wrong } }
      : { draft: { ...draft, wrong } };
  }
  const read = readJson(json);
  return 'wrong' in read
    ? { draft: { ...draft, jsonWrong: read.wrong } }
    : { given: read.given, draft };
};

interface ArgumentsProps {
  readonly fields: Fields;
  readonly draft: ArgumentsDraft;
  readonly onChange: (draft: ArgumentsDraft) => void;
}

export const Arguments = ({ fields, draft, onChange }: ArgumentsProps) => {
  const { json, jsonWrong, typed, wrong } = draft;
  const form: ArgumentsDraft = { typed, wrong };
  if (fields !== undefined && json === undefined) {
    return (
      <>
        {fields.length === 0 ? (
          <p className="muted">{serverStrings.catalogue.noArguments}</p>
        ) : (
          <ArgumentsForm
            fields={fields}
            typed={typed}
            wrong={wrong}
            onType={(name, text) =>
              onChange({
                typed: new Map(typed).set(name, text),
                wrong: new Map([...wrong].filter(([one]) => one !== name)),
              })
            }
          />
        )}
        <Button
          key="way"
          kind="link"
          onPress={() => onChange({ ...form, json: pretty(readFields(fields, typed).given) })}
        >
          {words.asJson}
        </Button>
      </>
    );
  }
  return (
    <>
      <Field
        label={words.json}
        help={fields === undefined ? words.jsonOnly : undefined}
        problem={jsonWrong}
      >
        {(field) => (
          <textarea
            {...field}
            {...verbatim}
            className="input growing code-input"
            dir="ltr"
            rows={5}
            value={json ?? ''}
            onChange={({ target }) => onChange({ ...form, json: target.value })}
          />
        )}
      </Field>
      {fields !== undefined && (
        <Button key="way" kind="link" onPress={() => onChange(form)}>
          {words.asForm}
        </Button>
      )}
    </>
  );
};
