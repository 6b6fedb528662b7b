/** The fields for what a tool takes, each with what its server says of it. */
import { plainText } from '../../../shared/plain-text.ts';
import { Field, type FieldProps, verbatim } from '../../components/field.tsx';
import { serverStrings } from '../../strings/server.ts';
import { clip } from '../../words.ts';
import type { Typed } from './arguments-draft.ts';
import type { ToolField } from './schema-fields.ts';

interface ArgumentsFormProps {
  readonly fields: readonly ToolField[];
  readonly typed: Typed;
  readonly wrong: ReadonlyMap<string, string>;
  readonly onType: (name: string, text: string) => void;
}

const words = serverStrings.call;

export const ArgumentsForm = ({ fields, typed, wrong, onType }: ArgumentsFormProps) =>
  fields.map((field) => (
    <Field
      key={field.name}
      label={<bdi>{plainText(field.name, 60) || '·'}</bdi>}
      optional={!field.isRequired}
      help={
        field.about === undefined ? words.help[field.kind] : <bdi>{clip(field.about, 300)}</bdi>
      }
      problem={wrong.get(field.name)}
    >
      {(props) => (
        <Input
          field={field}
          props={props}
          text={typed.get(field.name) ?? ''}
          onType={(text) => onType(field.name, text)}
        />
      )}
    </Field>
  ));

interface InputProps {
  readonly field: ToolField;
  readonly props: FieldProps;
  readonly text: string;
  readonly onType: (text: string) => void;
}

const Input = ({ field: { kind, choices, isRequired }, props, text, onType }: InputProps) => {
  const onChange = ({ target }: { readonly target: { readonly value: string } }): void =>
    onType(target.value);
  if (kind === 'choice') {
    return (
      <select {...props} className="input" value={text} onChange={onChange}>
        <option value="">{isRequired ? words.choose : words.leftOut}</option>
        {choices.map((choice, place) => (
          // Two may look alike.
          <option key={`${place}`} value={place} dir="auto">
            {plainText(typeof choice === 'string' ? choice : (JSON.stringify(choice) ?? ''), 80)}
          </option>
        ))}
      </select>
    );
  }
  const rest = { ...props, ...verbatim, required: isRequired, value: text, onChange };
  if (kind === 'number' || kind === 'integer') {
    return <input {...rest} className="input" type="text" inputMode="decimal" />;
  }
  return (
    <textarea
      {...rest}
      className="input growing code-input"
      dir={kind === 'text' ? 'auto' : 'ltr'}
      rows={1}
    />
  );
};
