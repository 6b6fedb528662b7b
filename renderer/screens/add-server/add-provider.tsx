/** Adding a company's identity provider, and going on to sign in there. */
import { useState } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { AddIdentityProvider } from '../../../shared/contract/routes.ts';
import { useAction } from '../../state/use-action.ts';
import { strings } from '../../strings.ts';
import { AddedServer } from './added-server.tsx';
import { ProviderForm } from './provider-form.tsx';

const addProvider = (client: ControlClient, wanted: AddIdentityProvider) =>
  client.addIdentityProvider(wanted);

interface AddProviderProps {
  readonly onClose: (thenLookAt: string) => void;
  readonly onAdded: (server: string) => void;
  readonly onCancel?: () => void;
  readonly onServer: () => void;
}

export const AddProvider = ({ onClose, onAdded, ...rest }: AddProviderProps) => {
  const adding = useAction(addProvider);
  const [added, setAdded] = useState<Awaited<ReturnType<typeof addProvider>>>();
  if (added !== undefined) {
    return (
      <AddedServer
        server={added.server}
        next={strings.add.provider.next}
        asksSignIn
        onClose={onClose}
      />
    );
  }
  const add = async (wanted: AddIdentityProvider): Promise<void> => {
    const reply = await adding.run(wanted);
    if (reply === undefined) return;
    onAdded(reply.server.id);
    setAdded(reply);
  };
  return (
    <ProviderForm
      {...rest}
      busy={adding.busy}
      problem={adding.problem}
      onAdd={(wanted) => void add(wanted)}
      onChange={adding.clear}
    />
  );
};
