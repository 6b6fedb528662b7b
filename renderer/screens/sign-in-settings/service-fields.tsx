/** Who signs people in, where the server does not say it or says it wrongly, and what else only few servers need. */
import { useId } from 'react';
import { Field, verbatim } from '../../components/field.tsx';
import { settingsStrings } from '../../strings/sign-in-settings.ts';
import { SecretField } from '../credential/secret-field.tsx';
import { useSecretNames } from '../secrets/use-secret-names.ts';
import type { DraftFieldsProps } from './client-fields.tsx';
import type { DraftField } from './draft.ts';
import { ExceptionFields } from './exception-fields.tsx';

interface ServiceFieldsProps extends DraftFieldsProps {
  /** It is its own sign-in service. */
  readonly isProvider: boolean;
  /** Only then it is looked up which secrets there are. */
  readonly isSeen: boolean;
}

const words = settingsStrings.service;

export const ServiceFields = (props: ServiceFieldsProps) => {
  const { before, draft, wrong, isProvider, isSeen, onChange } = props;
  const { names } = useSecretNames('', isSeen);
  const isPerson = draft.kind === 'person';
  const { secretFrom } = words;
  const twoSecrets = draft.clientSecret !== 'kept' && draft.clientSecret.typed.trim() !== '';
  const secretFault = twoSecrets ? words.wrong.twoSecrets : words.wrong.secretFrom;
  return (
    <>
      <p className="muted">{words.help}</p>
      {!isProvider && <AddressFields {...{ draft, wrong, onChange }} />}
      <SecretField
        {...{ name: 'clientSecretFrom', names, proposed: '' }}
        label={secretFrom.label}
        hint={secretFrom.help}
        optional
        isNamedOnly
        secret={draft.clientSecretFrom}
        fault={wrong.has('clientSecretFrom') ? secretFault : undefined}
        onChange={(clientSecretFrom) => onChange({ clientSecretFrom })}
      />
      {isPerson && <PatienceFields {...{ draft, wrong, onChange }} />}
      {isPerson && isSeen && <ExceptionFields {...{ before, draft, isProvider, onChange }} />}
    </>
  );
};

type Fields = Omit<DraftFieldsProps, 'before'>;

const AddressFields = ({ draft, wrong, onChange }: Fields) => {
  const isPerson = draft.kind === 'person';
  const { issuer, authorizeUrl, tokenUrl, resource, wrong: faults } = words;
  const faultOf = (name: AddressField, otherwise: string): string | undefined =>
    wrong.has(name) ? (draft[name].trim() === '' ? faults.together : otherwise) : undefined;
  const common = { draft, onChange };
  return (
    <>
      <Address {...common} {...issuer} name="issuer" problem={faultOf('issuer', faults.address)} />
      {isPerson && (
        <Address
          {...common}
          {...authorizeUrl}
          name="authorizeUrl"
          problem={faultOf('authorizeUrl', faults.address)}
        />
      )}
      <Address
        {...common}
        {...tokenUrl}
        name="tokenUrl"
        help={tokenUrl.help[isPerson ? 'person' : 'other']}
        problem={faultOf('tokenUrl', faults.address)}
      />
      <Address
        {...common}
        {...resource}
        name="resource"
        problem={faultOf('resource', faults.resource)}
      />
    </>
  );
};

type AddressField = Extract<DraftField, 'issuer' | 'authorizeUrl' | 'tokenUrl' | 'resource'>;

interface AddressProps extends Pick<Fields, 'draft' | 'onChange'> {
  readonly name: AddressField;
  readonly label: string;
  readonly placeholder: string;
  readonly help?: string;
  readonly problem: string | undefined;
}

const Address = ({ draft, onChange, name, label, placeholder, help, problem }: AddressProps) => (
  <Field label={label} optional help={help} problem={problem}>
    {(field) => (
      <input
        {...field}
        {...verbatim}
        className="input code-input"
        type="text"
        inputMode="url"
        maxLength={4096}
        placeholder={placeholder}
        value={draft[name]}
        onChange={({ target }) => onChange({ [name]: target.value })}
      />
    )}
  </Field>
);

const PatienceFields = ({ draft, wrong, onChange }: Fields) => {
  const help = useId();
  return (
    <>
      <Field
        label={words.timeout.label}
        optional
        help={words.timeout.help}
        problem={wrong.has('timeoutS') ? words.wrong.timeout : undefined}
      >
        {(field) => (
          <input
            {...field}
            {...verbatim}
            className="input"
            type="text"
            inputMode="numeric"
            maxLength={8}
            value={draft.timeoutS}
            onChange={({ target }) => onChange({ timeoutS: target.value })}
          />
        )}
      </Field>
      <div>
        <label className="check">
          <input
            type="checkbox"
            checked={draft.noBrowser}
            aria-describedby={help}
            onChange={({ target }) => onChange({ noBrowser: target.checked })}
          />
          {words.noBrowser.label}
        </label>
        <p className="help muted" id={help}>
          {words.noBrowser.help}
        </p>
      </div>
    </>
  );
};
