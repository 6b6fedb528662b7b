/** Where a certificate, its key and the passphrase of that stand, who is shown it, and until when it is good. */
import { useEffect, useRef, useState } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { ClientCertificate } from '../../../shared/contract/client-certificate.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { Button } from '../../components/button.tsx';
import { Field, verbatim } from '../../components/field.tsx';
import { focusFirstWrong } from '../../components/focus-first-wrong.ts';
import { isMoment, momentText } from '../../components/moment.ts';
import { ProblemNote } from '../../components/note.tsx';
import { TimeLeft } from '../../components/time-left.tsx';
import { useAction } from '../../state/use-action.ts';
import { certificateStrings } from '../../strings/service.ts';
import { sentence } from '../../words.ts';
import { SecretField } from '../credential/secret-field.tsx';
import { useSecretNames } from '../secrets/use-secret-names.ts';
import {
  type CertificateDraft,
  type CertificateField,
  certificateDraftOf,
  certificateIn,
  fieldNaming,
  references,
} from './certificate-draft.ts';

const configure = (client: ControlClient, server: string, clientCertificate: ClientCertificate) =>
  client.configureCertificate({ server }, { clientCertificate });
const remove = (client: ControlClient, server: string) =>
  client.remove({ what: 'certificate', server });

interface CertificateFormProps {
  readonly server: ServerView;
  /** Only then it is looked up which secrets there are. */
  readonly isSeen: boolean;
}

const words = certificateStrings;
const noFaults: ReadonlyMap<CertificateField, string> = new Map();

export const CertificateForm = ({ server, isSeen }: CertificateFormProps) => {
  const shown = server.clientCertificate;
  const [draft, setDraft] = useState(() => certificateDraftOf(shown));
  const [settled, setSettled] = useState(draft);
  const [faults, setFaults] = useState(noFaults);
  const form = useRef<HTMLFormElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const { names } = useSecretNames('', isSeen);
  const { run, problem: refused, reply, ...saving } = useAction(configure);
  const removal = useAction(remove);
  const busy = saving.busy || removal.busy;
  const problem = refused ?? removal.problem;
  if (!isSame(settled, certificateDraftOf(shown))) {
    setSettled(certificateDraftOf(shown));
    // It was put back, or changed elsewhere, and nobody is about to change it here.
    if (isSame(draft, settled)) setDraft(certificateDraftOf(shown));
  }
  const clear = (): void => {
    saving.clear();
    removal.clear();
  };
  const about = problem && fieldNaming(draft, problem.message);
  useEffect(() => {
    if (faults.size > 0 || about !== undefined) focusFirstWrong(form.current);
  }, [faults, about]);
  const change = (changed: Partial<CertificateDraft>): void => {
    clear();
    setFaults(noFaults);
    setDraft((old) => ({ ...old, ...changed }));
  };
  const faultOf = (field: CertificateField): string | undefined =>
    faults.get(field) ?? (about === field && problem ? sentence(problem.message) : undefined);

  const submit = (): void => {
    clear();
    const made = certificateIn(draft);
    setFaults('wrong' in made ? faultsFor(draft, made.wrong) : noFaults);
    if ('certificate' in made) void run(server.id, made.certificate);
  };
  const showNone = async (): Promise<void> => {
    clear();
    if ((await removal.run(server.id)) === undefined) return;
    setDraft(certificateDraftOf(undefined));
    setFaults(noFaults);
    // The one that was pressed is gone.
    button.current?.focus();
  };
  return (
    <form
      ref={form}
      className="fields"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) submit();
      }}
    >
      <p className="muted">{words.help}</p>
      <Standing shown={shown} />
      {references.map((name) => (
        <SecretField
          key={name}
          {...{ name, names }}
          label={words[name].label}
          hint={words[name].help}
          optional={name !== 'certificate'}
          isNamedOnly
          path={words[name].path}
          secret={draft[name]}
          fault={faultOf(name)}
          proposed=""
          onChange={(secret) => change({ [name]: secret })}
        />
      ))}
      <Field
        label={words.alsoAt.label}
        optional
        help={words.alsoAt.help}
        problem={faultOf('alsoAt')}
      >
        {(field) => (
          <textarea
            {...field}
            {...verbatim}
            className="input code-input"
            rows={2}
            placeholder={words.alsoAt.placeholder}
            value={draft.alsoAt}
            onChange={({ target }) => change({ alsoAt: target.value })}
          />
        )}
      </Field>
      {problem !== undefined && about === undefined && <ProblemNote problem={problem} urgent />}
      <p className="help muted saved" role="status">
        {shown === undefined
          ? removal.reply !== undefined && words.removed
          : reply !== undefined && words.saved}
      </p>
      <div className="buttons">
        <Button ref={button} type="submit" busy={busy}>
          {busy ? words.saving : words.save}
        </Button>
        {shown !== undefined && (
          <Button busy={busy} onPress={() => void showNone()}>
            {words.remove}
          </Button>
        )}
      </div>
    </form>
  );
};

const isSame = (one: CertificateDraft, other: CertificateDraft): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

const faultsFor = (draft: CertificateDraft, wrong: ReadonlySet<CertificateField>) =>
  new Map(
    [...wrong].map((field): [CertificateField, string] => [
      field,
      field === 'alsoAt'
        ? words.wrong.alsoAt
        : draft[field].way === 'written'
          ? words.wrong.reference
          : words.wrong.missing,
    ]),
  );

const Standing = ({ shown }: { readonly shown: ServerView['clientCertificate'] }) => {
  if (shown === undefined) return null;
  const { endsAt } = shown;
  if (endsAt === undefined || !isMoment(endsAt)) return <p>{words.unknown}</p>;
  return (
    <p>
      {words.shown} {momentText(endsAt)} (<TimeLeft until={endsAt} />)
    </p>
  );
};
