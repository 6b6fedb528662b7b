/** The kinds of credentials in plain words, those that most servers want first. */
import type { TokenSourceKind } from '../../../shared/contract/token-sources.ts';
import { Field } from '../../components/field.tsx';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { credentialStrings } from '../../strings/credential.ts';
import { strings } from '../../strings.ts';
import { emptyDraft } from './draft.ts';
import { credentialKinds, type KindGroup, kindGroups } from './kinds.ts';
import type { Credential } from './use-credential.ts';

const groups = Object.keys(kindGroups) as KindGroup[];

type KindFieldProps = { readonly credential: Pick<Credential, 'draft' | 'change'> };

export const KindField = ({ credential: { draft, change } }: KindFieldProps) => {
  const { policy } = useSnapshot();
  const isOff = (kind: TokenSourceKind): boolean =>
    kind === 'command' && policy?.disabled.includes('command-sources') === true;
  return (
    <Field label={credentialStrings.kind} help={credentialKinds[draft.kind].help}>
      {(field) => (
        <select
          {...field}
          className="input"
          value={draft.kind}
          onChange={({ target: { value } }) => change(emptyDraft(value as TokenSourceKind))}
        >
          {groups.map((group) => (
            <optgroup key={group} label={credentialStrings.groups[group]}>
              {kindGroups[group].map((kind) => (
                <option key={kind} value={kind} disabled={isOff(kind)}>
                  {isOff(kind)
                    ? strings.policy.offChoice(credentialKinds[kind].title)
                    : credentialKinds[kind].title}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      )}
    </Field>
  );
};
