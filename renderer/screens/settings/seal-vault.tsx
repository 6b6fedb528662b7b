/** Another key for the vault: a fresh one in the keychain, or a passphrase. */
import { useEffect, useRef, useState } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { RouteBody } from '../../../shared/contract/routes.ts';
import type { VaultView } from '../../../shared/contract/snapshot.ts';
import { Button } from '../../components/button.tsx';
import { Note, ProblemNote } from '../../components/note.tsx';
import { useAction } from '../../state/use-action.ts';
import { useFocusBack } from '../../state/use-focus-back.ts';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { strings } from '../../strings.ts';
import { SealForm } from './seal-form.tsx';

const sealVault = (client: ControlClient, how: RouteBody<'sealVault'>) => client.sealVault(how);

export const SealVault = () => {
  const { vault } = useSnapshot();
  const [asking, setAsking] = useState(false);
  const sealing = useAction(sealVault);
  const button = useFocusBack(asking);
  const backToButton = (): void => {
    setAsking(false);
    sealing.clear();
  };
  if (sealing.reply !== undefined) return <Sealed vault={sealing.reply} onClose={backToButton} />;
  // What cannot be opened cannot be sealed anew.
  if (vault.state === 'closed') return null;
  if (!asking) {
    return (
      <Button ref={button} onPress={() => setAsking(true)}>
        {strings.seal.button}
      </Button>
    );
  }
  return <SealForm before={vault.kind} sealing={sealing} onCancel={backToButton} />;
};

interface SealedProps {
  readonly vault: VaultView;
  readonly onClose: () => void;
}

const Sealed = ({ vault: { kind, problem }, onClose }: SealedProps) => {
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => close.current?.focus(), []);
  const words = strings.seal;
  return (
    <Note tone="info" urgent>
      <p className="note-message">
        {kind === 'passphrase' ? words.done.passphrase : words.done.keychain}
      </p>
      {problem !== undefined && <ProblemNote problem={problem} />}
      <Button ref={close} onPress={onClose}>
        {words.close}
      </Button>
    </Note>
  );
};
