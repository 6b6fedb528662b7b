/** What is settled for signing in to one server, to be changed and signed in with. */
import { useEffect, useRef, useState } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { ServerId } from '../../../shared/contract/ids.ts';
import type { SignInChange } from '../../../shared/contract/sign-in-settings.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { Button } from '../../components/button.tsx';
import { Disclosure } from '../../components/disclosure.tsx';
import { focusFirstWrong } from '../../components/focus-first-wrong.ts';
import { ProblemNote } from '../../components/note.tsx';
import { defaultAccount, pageOpens, signInWith } from '../../sign-in.ts';
import { useAction } from '../../state/use-action.ts';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { settingsStrings } from '../../strings/sign-in-settings.ts';
import { ClientFields } from './client-fields.tsx';
import { changeIn, type Draft, type DraftField, draftOf, namesService } from './draft.ts';
import { KindFields } from './kind-fields.tsx';
import { RequestFields } from './request-fields.tsx';
import { ServiceFields } from './service-fields.tsx';

const save = async (
  client: ControlClient,
  server: ServerId,
  change: SignInChange,
): Promise<true> => {
  await client.configureSignIn({ server }, change);
  return true;
};

interface SettingsFormProps {
  readonly server: ServerView;
  /** Saved, or left as it was. */
  readonly onClose: () => void;
  /** What leaving it as it was is called. */
  readonly leave?: string;
  /** The form is what the person was led to, not part of a page. */
  readonly focusesFirst?: boolean;
}

export const SettingsForm = ({ server, onClose, leave, focusesFirst }: SettingsFormProps) => {
  // As it was when it was opened: what changes elsewhere meanwhile is not overwritten.
  const [before] = useState(() => draftOf(server.signIn));
  const [draft, setDraft] = useState(before);
  const [wrong, setWrong] = useState<ReadonlySet<DraftField>>(new Set());
  const [named] = useState(() => namesService(before));
  const [opened, setOpened] = useState(named);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (focusesFirst === true) form.current?.querySelector('input')?.focus();
  }, [focusesFirst]);
  const snapshot = useSnapshot();
  const saving = useAction(save);
  const starting = useAction(signInWith);
  const busy = saving.busy || starting.busy;
  const problem = starting.problem ?? saving.problem;
  const isProvider = server.kind === 'identity-provider';
  // Who it speaks of is in the file; there is nothing to sign in to.
  const file = server.signIn?.idTokenFile;
  const usual = file === undefined ? 'sign-in' : 'save';
  const words = settingsStrings;

  const submit = async (how: 'save' | 'sign-in'): Promise<void> => {
    saving.clear();
    starting.clear();
    const made = changeIn(before, draft, server.signIn?.exceptions ?? []);
    setWrong('wrong' in made ? made.wrong : new Set());
    if ('wrong' in made) return focusFirstWrong(form.current);
    const here = pageOpens(snapshot, draft.kind);
    const saved =
      how === 'save'
        ? saving.run(server.id, made.change)
        : starting.run(defaultAccount(server), made.change, here);
    if ((await saved) === true) onClose();
  };
  const fields = {
    ...{ before, draft, wrong },
    onChange: (change: Partial<Draft>): void => {
      setDraft((old) => ({ ...old, ...change }));
      setWrong((old) => new Set([...old].filter((field) => !(field in change))));
    },
  };
  const unusual = before.kind !== 'person' || before.scopes !== '' || before.parameters !== '';
  return (
    <form
      ref={form}
      className="fields"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) void submit(usual);
      }}
    >
      <div>
        <h3 className="fields-title">{words.client.title}</h3>
        <p className="muted">{words.client.help[draft.kind]}</p>
      </div>
      <ClientFields {...fields} />
      <div className="fields-more">
        <Disclosure words={words.more} inUse={unusual}>
          {!isProvider && <KindFields {...fields} />}
          <RequestFields {...fields} />
          {file !== undefined && <p className="help muted">{words.idTokenFile(file)}</p>}
        </Disclosure>
        <Disclosure words={words.service.title} inUse={named} onOpen={() => setOpened(true)}>
          <ServiceFields {...fields} isProvider={isProvider} isSeen={opened} />
        </Disclosure>
      </div>
      {problem !== undefined && <ProblemNote problem={problem} urgent />}
      <div className="buttons">
        <Button kind="primary" type="submit" busy={busy}>
          {usual === 'save' ? words.save : words.saveAndSignIn}
        </Button>
        {usual !== 'save' && (
          <Button busy={busy} onPress={() => void submit('save')}>
            {words.save}
          </Button>
        )}
        <Button onPress={onClose}>{leave ?? words.cancel}</Button>
      </div>
    </form>
  );
};
