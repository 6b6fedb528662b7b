/** Adding a program: typed in, shown as a whole and agreed to, and only then kept. */
import { useState } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { AddLocalServer } from '../../../shared/contract/local-server.ts';
import { useAction } from '../../state/use-action.ts';
import { strings } from '../../strings.ts';
import { AddedServer } from '../add-server/added-server.tsx';
import { Consent } from './consent.tsx';
import { type Draft, type DraftField, emptyDraft, wishIn } from './draft.ts';
import { LocalForm } from './local-form.tsx';

const addLocal = (client: ControlClient, wish: AddLocalServer) => client.addLocalServer(wish);

interface AddLocalProps {
  readonly onClose: (thenLookAt: string) => void;
  readonly onAdded: (server: string) => void;
  readonly onCancel?: () => void;
  readonly onServer: () => void;
}

export const AddLocal = ({ onClose, onAdded, ...rest }: AddLocalProps) => {
  const adding = useAction(addLocal);
  const [draft, setDraft] = useState<Draft>(emptyDraft);
  const [wrong, setWrong] = useState<ReadonlySet<DraftField>>(new Set());
  const [wish, setWish] = useState<AddLocalServer>();
  if (adding.reply !== undefined) {
    const { server } = adding.reply;
    return (
      <AddedServer
        server={server}
        next={strings.local.ready}
        asksSignIn={false}
        onClose={onClose}
      />
    );
  }
  if (wish !== undefined) {
    const add = async (): Promise<void> => {
      const reply = await adding.run(wish);
      if (reply !== undefined) onAdded(reply.server.id);
    };
    return (
      <Consent
        wish={wish}
        busy={adding.busy}
        problem={adding.problem}
        onYes={() => void add()}
        onNo={() => {
          adding.clear();
          setWish(undefined);
        }}
      />
    );
  }
  return (
    <LocalForm
      {...rest}
      draft={draft}
      wrong={wrong}
      onChange={(change) => {
        setDraft((old) => ({ ...old, ...change }));
        setWrong(new Set());
      }}
      onNext={() => {
        const made = wishIn(draft);
        if ('wrong' in made) setWrong(made.wrong);
        else setWish(made.wish);
      }}
    />
  );
};
