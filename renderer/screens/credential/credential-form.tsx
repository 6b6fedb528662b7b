/** Where a credential comes from: the kind from a short list, and the fields of that kind alone. */
import { type ComponentProps, type ReactNode, useEffect, useRef } from 'react';
import type { Problem } from '../../../shared/contract/problems.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import type { TokenSource } from '../../../shared/contract/token-sources.ts';
import { Button } from '../../components/button.tsx';
import { focusFirstWrong } from '../../components/focus-first-wrong.ts';
import { ProblemNote } from '../../components/note.tsx';
import { OffButton } from '../../components/off-button.tsx';
import { sentence } from '../../words.ts';
import { CredentialFields } from './credential-fields.tsx';
import { fieldsOf, secretsIn } from './draft.ts';
import { KindField } from './kind-field.tsx';
import { referenceTo } from './secret-draft.ts';
import type { Faults } from './source-in.ts';
import { type Credential, useCredential } from './use-credential.ts';

interface CredentialFormProps {
  /** One that is there already. */
  readonly server?: ServerView;
  /** Its address or its id, for the names of its secrets. */
  readonly whose: string;
  /** What comes before the kind. */
  readonly children?: ReactNode;
  readonly submit: string;
  readonly trying: string;
  readonly busy: boolean;
  /** Something else is missing. */
  readonly blank?: boolean;
  readonly problem: Problem | undefined;
  readonly onSource: (source: TokenSource) => void;
  /** What the problem was about has changed. */
  readonly onChange: () => void;
  readonly onCancel?: (() => void) | undefined;
  readonly cancel: string;
  readonly other?: ReactNode;
}

export const CredentialForm = (props: CredentialFormProps) => {
  const { server, whose, children, submit, trying, blank = false, problem, onSource } = props;
  const form = useRef<HTMLFormElement>(null);
  const credential = useCredential(server, whose, form);
  const { draft, keeping, settle } = credential;
  const busy = props.busy || keeping.busy;
  const unresolved = unresolvedIn(credential, problem);
  useEffect(() => {
    if (unresolved !== undefined) focusFirstWrong(form.current);
  }, [unresolved]);
  const faults: Faults =
    unresolved === undefined || problem === undefined
      ? credential.faults
      : new Map([[unresolved, sentence(problem.message)], ...credential.faults]);
  const fields = {
    faults,
    credential: {
      ...credential,
      change: (change: Parameters<Credential['change']>[0]): void => {
        props.onChange();
        credential.change(change);
      },
    },
  };
  const contradiction = faults.get('');
  const note = keeping.problem ?? (unresolved === undefined ? problem : undefined);
  const submitting: ComponentProps<typeof Button> = {
    ...{ kind: 'primary', type: 'submit', busy: busy || blank },
    children: busy ? trying : submit,
  };
  return (
    <form
      ref={form}
      className="fields"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (busy || blank) return;
        props.onChange();
        void settle().then((source) => {
          if (source !== undefined) onSource(source);
        });
      }}
    >
      {children}
      <KindField credential={fields.credential} />
      <CredentialFields key={draft.kind} {...fields} />
      {contradiction !== undefined && <ProblemNote problem={asProblem(contradiction)} urgent />}
      {note !== undefined && <ProblemNote problem={note} urgent />}
      <div className="buttons">
        {fieldsOf(draft).some(({ is }) => is === 'command') ? (
          <OffButton feature="command-sources" {...submitting} />
        ) : (
          <Button {...submitting} />
        )}
        {props.onCancel !== undefined && <Button onPress={props.onCancel}>{props.cancel}</Button>}
        {props.other}
      </div>
    </form>
  );
};

const asProblem = (message: string): Problem => ({ code: 'source-unusable', message });

/** The field whose reference the problem is about. */
const unresolvedIn = ({ draft, proposed }: Credential, problem?: Problem): string | undefined => {
  if (problem?.code !== 'reference-unresolved') return undefined;
  const [reference] = /\$\{[^}]*\}/.exec(problem.message) ?? [];
  if (reference === undefined) return undefined;
  const found = secretsIn(draft).find(([key, secret]) =>
    referenceTo(secret, proposed(key))?.includes(reference),
  );
  return found?.[0];
};
