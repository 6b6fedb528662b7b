/** The kinds of credentials in plain words, those that most servers want first. */
import type { TokenSourceKind } from '../../../shared/contract/token-sources.ts';
import { Field } from '../../components/field.tsx';
import { credentialKinds, kindGroups } from '../../credential-kinds.ts';
import { strings } from '../../strings.ts';
import { emptyDraft } from './draft.ts';
import type { Credential } from './use-credential.ts';

type KindFieldProps = { readonly credential: Pick<Credential, 'draft' | 'change'> };

export const KindField = ({ credential: { draft, change } }: KindFieldProps) => (
  <Field label={strings.credential.kind} help={credentialKinds[draft.kind].help}>
    {(field) => (
      <select
        {...field}
        className="input"
        value={draft.kind}
        onChange={({ target: { value } }) => change(emptyDraft(value as TokenSourceKind))}
      >
        {Object.entries(kindGroups).map(([group, kinds]) => (
          <optgroup key={group} label={group}>
            {kinds.map((kind) => (
              <option key={kind} value={kind}>
                {credentialKinds[kind].title}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
    )}
  </Field>
);
